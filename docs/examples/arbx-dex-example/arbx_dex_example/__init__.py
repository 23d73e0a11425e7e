"""Price pools that swap one for one, less a fee, until the reserve is empty."""

from collections.abc import Iterator
from typing import Any

import attrs

import arbx


@attrs.frozen
class State:
    """What the pool holds and keeps."""

    reserves: tuple[int, ...]
    fee_bps: int


@attrs.frozen
class OneForOne:
    """Pay ``amount_in * kept_bps // 10_000``, at most *reserve_out*."""

    reserve_out: int
    kept_bps: int

    @property
    def max_in(self) -> int:
        """Return the largest input that the reserve can pay for."""
        return ((self.reserve_out + 1) * 10_000 - 1) // self.kept_bps

    def amount_out(self, amount_in: int, /) -> int:
        """Return what the pool pays."""
        if amount_in < 0:
            raise arbx.InvalidAmount(f"amount_in is {amount_in}, below 0")
        if amount_in > self.max_in:
            raise arbx.InsufficientLiquidity(f"amount_in is {amount_in}, above {self.max_in}")
        return amount_in * self.kept_bps // 10_000

    def line(self, amount_in: int, /) -> arbx.Line:
        """Bound the curve from above: what it pays before it rounds down."""
        return arbx.Line(slope_num=self.kept_bps, offset_num=0, den=10_000)


def parse(record: arbx.Fields) -> State:
    """Read a snapshot line strictly; every refusal names its field."""
    state = record.fields("state")
    return State(state.uints("reserves", 2, bits=128), state.integer("fee_bps", 0, 9_999))


def curve(state: State, token_in: int, token_out: int) -> OneForOne:
    """Price one direction."""
    return OneForOne(state.reserves[token_out], 10_000 - state.fee_bps)


def dump(state: State) -> dict[str, Any]:
    """Return what *parse* reads."""
    return {"reserves": [str(reserve) for reserve in state.reserves], "fee_bps": state.fee_bps}


EXAMPLE = {
    "chain_id": 1,
    "block": None,
    "kind": "one_for_one",
    "dex": None,
    "address": "0x00000000000000000000000000000000000000e1",
    "tokens": [
        {"address": "0x6b175474e89094c44da98b954eedeac495271d0f", "symbol": "DAI", "decimals": 18},
        {
            "address": "0xdc035d45d973e3ec169d2276ddab16f1e407384f",
            "symbol": "USDS",
            "decimals": 18,
        },
    ],
    "state": {"reserves": ["5000000000000000000000", "7000000000000000000000"], "fee_bps": 5},
}


@arbx.hookimpl
def arbx_curves() -> Iterator[arbx.CurveModel]:
    """Offer the one kind of pool that this plugin prices."""
    yield arbx.CurveModel("one_for_one", parse, curve, dump, example=EXAMPLE)
