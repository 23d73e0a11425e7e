"""The demonstration's verdict: it is right only where ledger and chain agree and something was traded."""

from types import SimpleNamespace

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


def test_the_report_says_the_middle_and_the_worst_of_each_stage(capsys):
    outcomes = tuple(
        SimpleNamespace(
            intent=1, timings_s={"observe": ms / 4e3, "sign": ms / 8e3}, whole_s=ms / 1e3
        )
        for ms in range(200, 0, -1)
    )
    report(Ended(outcomes, 200, ledger_wei=7, held_wei=7, complaints=()))
    said = [line.split() for line in capsys.readouterr().out.splitlines()]

    assert ["all", "of", "it", "100.0", "198.0"] in said
    assert ["observe", "25.0", "49.5"] in said
    assert ["sign", "12.5", "24.8"] in said
