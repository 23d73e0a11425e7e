"""What a curve promises, each promise a plain function of a case and some amounts."""

from collections.abc import Callable, Sequence

from arbx.testing.case import Case
from arbx.testing.promises.bounds import (
    line_slopes_never_rise,
    line_touches_near_its_point,
    never_pays_more_than_its_ceiling,
    never_pays_more_than_its_line,
    never_pays_more_than_its_pieces,
    never_pays_more_than_taken_and_paid_allow,
    pieces_follow_each_other_from_zero_with_falling_slopes,
    pieces_reach_max_in,
    pieces_touch_the_curve,
)
from arbx.testing.promises.conduct import (
    answers_int,
    is_fast_enough,
    is_immutable,
    is_picklable,
    is_pure,
    is_thread_safe,
)
from arbx.testing.promises.inverse import (
    least_in_is_least,
    least_in_refuses_what_the_pool_cannot_pay,
)
from arbx.testing.promises.quotes import (
    accepts_max_in,
    does_not_overflow_at_the_edges,
    matches_recorded_vectors,
    never_decreases,
    pays_zero_for_zero,
    rejects_more_than_max_in,
    rejects_negative_amounts,
    rejects_what_the_contract_rejects,
)
from arbx.testing.promises.teeth import bounds_hold_where_teeth_lose, teeth_are_honest

__all__ = ["CURVE_PROMISES", "CurvePromise"]

CurvePromise = Callable[[Case, Sequence[int]], None]

CURVE_PROMISES: tuple[CurvePromise, ...] = (
    matches_recorded_vectors,
    pays_zero_for_zero,
    never_decreases,
    accepts_max_in,
    rejects_more_than_max_in,
    rejects_negative_amounts,
    rejects_what_the_contract_rejects,
    does_not_overflow_at_the_edges,
    never_pays_more_than_its_line,
    line_touches_near_its_point,
    line_slopes_never_rise,
    never_pays_more_than_its_pieces,
    never_pays_more_than_taken_and_paid_allow,
    pieces_touch_the_curve,
    pieces_follow_each_other_from_zero_with_falling_slopes,
    pieces_reach_max_in,
    never_pays_more_than_its_ceiling,
    least_in_is_least,
    least_in_refuses_what_the_pool_cannot_pay,
    teeth_are_honest,
    bounds_hold_where_teeth_lose,
    answers_int,
    is_pure,
    is_picklable,
    is_thread_safe,
    is_immutable,
    is_fast_enough,
)
