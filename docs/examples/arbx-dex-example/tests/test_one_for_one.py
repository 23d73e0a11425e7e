"""Inherit arbx's promises; add the contract's own answers."""

import arbx
from arbx.testing import CurveModelTests, CurveTests
from arbx_dex_example import EXAMPLE, OneForOne, arbx_curves


class TestOneForOne(CurveTests):
    # What the contract paid for these inputs: 0.05 % stays in the pool, rounded in its favour.
    vectors = {1: 0, 2: 1, 10_000: 9_995, 10_001: 9_995, 123_456_789: 123_395_060}
    reverts = (7_003_501_750_875_437_718_861,)  # one unit more than the reserve pays for

    def make_curve(self):
        return OneForOne(reserve_out=7_000 * 10**18, kept_bps=9_995)


class TestModel(CurveModelTests):
    def make_model(self):
        return next(arbx_curves())


def test_the_host_prices_both_directions_of_the_example():
    host = arbx.Host.load(["example"])
    limits = [host.curve(EXAMPLE, i, 1 - i).amount_out(10_000) for i in (0, 1)]

    assert limits == [9_995, 9_995]
