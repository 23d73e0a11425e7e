"""A pair's state, and how records spell it."""

from typing import Any

import attrs

import arbx
from arbx_dex_uniswap_v2.curve import ConstantProduct

__all__ = ["PairState", "curve", "dump", "parse"]

_MAX_RESERVE = 2**112 - 1


def _reserve(_: Any, attribute: "attrs.Attribute[int]", value: int) -> None:
    if not 0 <= value <= _MAX_RESERVE:
        raise arbx.InvalidState(attribute.name, f"is {value}, not a uint112")


@attrs.frozen
class PairState:
    """The two reserves, and the fee as the part of the input that is kept: fee_num / fee_den."""

    reserve0: int = attrs.field(validator=_reserve)
    reserve1: int = attrs.field(validator=_reserve)
    fee_num: int
    fee_den: int = attrs.field()

    @fee_den.validator
    def _keeps_a_part(self, _: Any, fee_den: int) -> None:
        if not 0 < self.fee_num <= fee_den:
            raise arbx.InvalidState(
                "fee_num", f"is {self.fee_num}: 0 < fee_num <= fee_den = {fee_den} must hold"
            )


def parse(record: arbx.Fields) -> PairState:
    """Return the state of a record, or raise InvalidState with the field's name."""
    state = record.fields("state")
    fee_den = state.uint("fee_den", bits=32, lo=1)
    return PairState(
        reserve0=state.uint("reserve0", bits=112),
        reserve1=state.uint("reserve1", bits=112),
        fee_num=state.integer("fee_num", 1, fee_den),
        fee_den=fee_den,
    )


def dump(state: PairState) -> dict[str, Any]:
    """Return the state as *parse* reads it."""
    return {
        "reserve0": str(state.reserve0),
        "reserve1": str(state.reserve1),
        "fee_num": state.fee_num,
        "fee_den": state.fee_den,
    }


def curve(state: PairState, token_in: int, token_out: int) -> ConstantProduct:
    """Return the curve of one direction."""
    if (token_in, token_out) not in ((0, 1), (1, 0)):
        raise arbx.InvalidState(
            "token_in, token_out",
            f"are {token_in} and {token_out}; a pair trades 0 for 1 or 1 for 0",
        )
    reserves = (state.reserve0, state.reserve1)
    return ConstantProduct(
        reserves[token_in], reserves[token_out], fee_num=state.fee_num, fee_den=state.fee_den
    )
