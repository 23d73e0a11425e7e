"""
Things that break one promise each, to prove that the kit's tests can fail.

Each is an honest thing of the kit with one fault; the kit's own tests assert that the test of that
promise catches it, and that no other test does.
"""

from arbx.testing.reference import ToothedProduct
from arbx.testing.saboteurs import bounds, conduct, quotes

__all__ = ["CURVE_SABOTEURS"]

CURVE_SABOTEURS: dict[str, tuple[type[ToothedProduct], ...]] = {
    "matches_recorded_vectors": (quotes.TakesTheWrongFee,),
    "pays_zero_for_zero": (quotes.PaysForNothing,),
    "never_decreases": (quotes.Dips,),
    "accepts_max_in": (quotes.RefusesItsMaxIn,),
    "rejects_more_than_max_in": (quotes.PaysOneAboveMaxIn, quotes.RefusesWithTheWrongError),
    "rejects_negative_amounts": (quotes.PaysForNegativeInput,),
    "rejects_what_the_contract_rejects": (quotes.PaysWhatTheContractRejects,),
    "does_not_overflow_at_the_edges": (quotes.OverflowsNearMaxIn,),
    "never_pays_more_than_its_line": (bounds.DrawsLinesTooLow,),
    "line_touches_near_its_point": (bounds.BringsUselessLines,),
    "line_slopes_never_rise": (bounds.BringsSteeperLines,),
    "never_pays_more_than_its_pieces": (bounds.BringsALowEnvelope,),
    "never_pays_more_than_taken_and_paid_allow": (bounds.ClaimsToHavePaidLess,),
    "pieces_touch_the_curve": (bounds.BringsALooseEnvelope,),
    "pieces_follow_each_other_from_zero_with_falling_slopes": (bounds.BringsAJumblyEnvelope,),
    "pieces_reach_max_in": (bounds.BringsAShortEnvelope,),
    "never_pays_more_than_its_ceiling": (bounds.HangsItsCeilingLow,),
    "least_in_is_least": (bounds.LeastInAsksOneTooMany, bounds.LeastInAsksOneTooFew),
    "least_in_refuses_what_the_pool_cannot_pay": (bounds.LeastInPromisesTheImpossible,),
    "teeth_are_honest": (bounds.ClaimsTooManyTeeth,),
    "bounds_hold_where_teeth_lose": (bounds.DrawsLinesForWholeInputs,),
    "answers_int": (conduct.AnswersMpz,),
    "is_pure": (conduct.RemembersItsCaller,),
    "is_picklable": (conduct.HoldsALock,),
    "is_thread_safe": (conduct.BelongsToItsThread, conduct.SharesItsScratch),
    "is_immutable": (conduct.IsAnOpenBook,),
    "is_fast_enough": (conduct.DragsItsFeet,),
}
