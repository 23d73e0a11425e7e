"""The demonstration's verdict: it is right only where ledger and chain agree and something was traded."""

import pytest

from arbx.cli.demoline import Ended, report


@pytest.mark.parametrize(
    ("included", "ledger_wei", "complaints", "right"),
    [
        (1, 7, (), True),
        (0, 7, (), False),
        (1, 8, (), False),
        (1, 7, ("nonce 3: the chain has used it",), False),
    ],
)
def test_the_verdict_is_right_only_where_everything_agrees(
    included, ledger_wei, complaints, right, capsys
):
    ended = Ended((), included, ledger_wei, held_wei=7, complaints=complaints)
    report(ended)
    said = capsys.readouterr()

    assert ended.right is right
    assert ("agree to the wei" in said.out) is right
    assert ("disagree" in said.err) is not right
    assert all(complaint in said.err for complaint in complaints)
