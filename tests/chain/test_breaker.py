"""A breaker opens after failures in a row, lets one trial through after a while, and closes on any success."""

from arbx.chain.breaker import Breaker


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def breaker(**changes):
    clock = Clock()
    return Breaker(**{"limit": 3, "cool_down_s": 30, "clock": clock, **changes}), clock


def test_opens_at_the_limit_and_says_so_once():
    made, _ = breaker()

    assert [made.failed() for _ in range(5)] == [False, False, True, False, False]
    assert made.state == "open"


def test_a_success_between_starts_the_count_anew():
    made, _ = breaker()
    made.failed()
    made.failed()

    assert made.succeeded() is None
    assert [made.failed() for _ in range(2)] == [False, False]
    assert made.closed


def test_opens_at_once_when_told():
    made, _ = breaker()

    assert made.failed(at_once=True)
    assert not made.failed(at_once=True)


def test_one_trial_is_due_after_the_cool_down_and_no_second_beside_it():
    made, clock = breaker()
    made.failed(at_once=True)
    clock.now += 29.9
    assert not made.begin_trial()
    clock.now += 0.2

    assert (made.begin_trial(), made.begin_trial()) == (True, False)
    assert made.state == "half-open"


def test_a_trial_that_fails_waits_as_long_again():
    made, clock = breaker()
    made.failed(at_once=True)
    clock.now += 31
    made.begin_trial()
    made.failed()
    assert made.state == "open"
    clock.now += 29
    assert not made.begin_trial()
    clock.now += 2

    assert made.begin_trial()


def test_a_success_closes_it_and_tells_how_long_it_was_open():
    made, clock = breaker()
    made.failed(at_once=True)
    clock.now += 12

    assert made.succeeded() == 12
    assert made.closed
    assert not made.begin_trial()
