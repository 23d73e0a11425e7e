"""Read and write what the StableSwap records have in common."""

from typing import Any

import arbx
from arbx_dex_curve.generations import Generation, find_generation
from arbx_dex_curve.stableswap import FEE_DENOMINATOR, StableState

__all__ = ["check_count", "read_generation", "read_pool", "tokens_of", "write_pool"]

_MAX_A = 10**6


def tokens_of(record: arbx.Fields) -> int | None:
    """Return how many tokens the record lists, if it does."""
    return len(record.list("tokens")) if record.has("tokens") else None


def check_count(fields: arbx.Fields, name: str, count: int, expected: int | None) -> None:
    """Refuse a list that is not as long as the record's tokens."""
    if expected is not None and count != expected:
        raise arbx.InvalidState(fields.at(name), f"has {count} entries for {expected} tokens")


def read_generation(fields: arbx.Fields, known: dict[str, Generation], default: str) -> Generation:
    """Return the generation that the field ``pool`` names, or the documented default."""
    label = fields.text("pool") if fields.has("pool") else default
    generation = find_generation(known, label, fields.at("pool"))
    if fields.has("a_precision"):
        given = fields.uint("a_precision", bits=32)
        if given != generation.a_precision:
            raise arbx.InvalidState(
                fields.at("a_precision"),
                f"is {given}, but A of {generation.name} has {generation.a_precision}",
            )
    return generation


def read_pool(fields: arbx.Fields, generation: Generation, rates: tuple[int, ...]) -> StableState:
    """Return the state, its rates already read."""
    balances = fields.uints("balances", lo=1)
    if len(balances) not in generation.coins:
        allowed = ", ".join(map(str, generation.coins))
        raise arbx.InvalidState(
            fields.at("balances"), f"has {len(balances)} entries; {generation.name} has {allowed}"
        )
    if len(rates) != len(balances):
        raise arbx.InvalidState(
            fields.at("rates"), f"has {len(rates)} entries for {len(balances)} balances"
        )
    if fields.has("n") and fields.uint("n", bits=32) != len(balances):
        raise arbx.InvalidState(
            fields.at("n"), f"is {fields.uint('n')} for {len(balances)} balances"
        )
    return StableState(
        generation=generation,
        amp=fields.integer("a_precise", generation.a_precision, _MAX_A * generation.a_precision),
        fee_e10=fields.integer("fee", 0, FEE_DENOMINATOR),
        admin_fee_e10=fields.integer("admin_fee", 0, FEE_DENOMINATOR),
        balances=balances,
        rates=rates,
    )


def write_pool(state: StableState) -> dict[str, Any]:
    """Return the fields that read_pool reads, without the rates."""
    return {
        "pool": state.generation.name,
        "n": len(state.balances),
        "a_precise": str(state.amp),
        "a_precision": state.generation.a_precision,
        "fee": str(state.fee_e10),
        "admin_fee": str(state.admin_fee_e10),
        "balances": [str(balance) for balance in state.balances],
    }
