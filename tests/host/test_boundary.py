"""The boundary names the plugin and the place, and lets pass what is nobody's failure."""

import asyncio

import pytest

import arbx
from arbx.plugins.boundary import FailureCounter, answer_of, blame


@pytest.mark.parametrize(
    "error", [ValueError("x"), SystemExit(1), TimeoutError("slow"), RecursionError("deep")]
)
def test_blames_what_a_plugin_raises(error):
    with pytest.raises(arbx.PluginError) as caught, blame("xyz", "states"):
        raise error

    assert (caught.value.plugin, caught.value.where) == ("xyz", "states")
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        asyncio.CancelledError(),
        GeneratorExit(),
        arbx.InvalidState("fee", "is missing"),
        arbx.WouldRevert("K"),
        arbx.PluginError("other", "states", "x"),
    ],
)
def test_lets_pass_what_comes_from_outside_and_lawful_answers(error):
    with pytest.raises(type(error)) as caught, blame("xyz", "states"):
        raise error

    assert caught.value is error


def test_blames_a_generator_that_raises_while_it_is_consumed():
    def late():
        yield 1
        raise KeyError("late")

    with (
        pytest.raises(arbx.PluginError, match="xyz failed in states: KeyError: 'late'"),
        blame("xyz", "states"),
    ):
        list(late())


def test_cuts_long_messages_and_joins_their_lines():
    with pytest.raises(arbx.PluginError) as caught, blame("xyz", "states"):
        raise ValueError("line\n" * 1_000)

    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


async def test_an_answer_that_does_not_come_is_blamed():
    with pytest.raises(arbx.PluginError, match=r"xyz failed in states: no answer within 0\.01 s"):
        await answer_of("xyz", "states", asyncio.sleep(10), timeout_s=0.01)


async def test_a_time_out_of_the_plugin_itself_is_told_apart_from_ours():
    async def impatient():
        raise TimeoutError("the server's")

    with pytest.raises(arbx.PluginError, match="TimeoutError: the server's"):
        await answer_of("xyz", "states", impatient(), timeout_s=5)


async def test_a_cancelled_task_stays_cancelled():
    task = asyncio.ensure_future(answer_of("xyz", "states", asyncio.sleep(10), timeout_s=5))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_answer_in_time_is_returned():
    assert await answer_of("xyz", "states", asyncio.sleep(0, "states"), timeout_s=5) == "states"


def test_quarantines_after_failures_in_a_row_and_only_then():
    failures = FailureCounter(limit=3)
    failures.failed("xyz")
    failures.failed("xyz")
    failures.succeeded("xyz")
    entered = [failures.failed("xyz") for _ in range(3)]

    assert entered == [False, False, True]
    assert failures.quarantined == {"xyz"}


def test_quarantine_ends_by_release_only():
    failures = FailureCounter(limit=1)
    failures.failed("xyz")
    failures.succeeded("xyz")
    held = failures.quarantined
    failures.release("xyz")

    assert held == {"xyz"}
    assert failures.quarantined == frozenset()
