"""What ``arbx keys test`` finds wrong with a key store."""

import pytest

from arbx.cli.keytest import try_out
from arbx.testing import ReferenceKeyStore
from arbx.testing.saboteurs import keystores


async def test_an_honest_store_has_no_problems():
    trial = await try_out(ReferenceKeyStore(chain_id=5), 5)

    assert trial.problems == ()


@pytest.mark.parametrize(
    ("saboteur", "says"),
    [
        (keystores.SignsTheBareHash, "the message recovers to 0x"),
        (keystores.SignsForAnyChain, "signs for chain 2, which is not configured"),
    ],
)
async def test_a_dishonest_one_has(saboteur, says):
    trial = await try_out(saboteur(), 1)

    assert len(trial.problems) == 1
    assert says in trial.problems[0]


async def test_bytes_that_are_no_signature_are_named():
    class Rubbish(ReferenceKeyStore):
        async def sign_message(self, message):
            return b"\x00" * 65

        def _raw(self, transaction):
            return b"\x02rubbish"

    trial = await try_out(Rubbish(), 1)

    assert [problem.split(":")[0] for problem in trial.problems] == [
        "the message's signature", "the transaction",
    ]  # fmt: skip
