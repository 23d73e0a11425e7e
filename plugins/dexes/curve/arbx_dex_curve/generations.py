"""Curve is several formulas: what differs between the generations of its StableSwap contracts."""

import enum

import attrs

from arbx import InvalidState

__all__ = [
    "BASES",
    "META",
    "NG",
    "PLAIN",
    "Generation",
    "ProductForm",
    "find_generation",
]


class ProductForm(enum.Enum):
    """How get_D divides the term D^(n+1) / (n^n·Πx)."""

    PER_COIN = "D_P * D / (x * N) for each coin"
    PER_COIN_PLUS_ONE = "D_P * D / (x * N + 1) for each coin"
    AT_THE_END = "D_P * D / x for each coin, then / N**N"


@attrs.frozen
class Generation:
    """
    One contract generation and the rules that differ.

    *gives_up_one*: exchange subtracts one unit of rounding from dy. *stores_virtual*: exchange stores
    ``x * 10**18 / rate`` as the new balance, a product that must fit 256 bits. *scales*: exchange multiplies by
    the rates at all (Plain2Optimized takes coins of 18 decimals only).
    """

    name: str
    a_precision: int
    product_form: ProductForm
    raises_unconverged: bool
    gives_up_one: bool = True
    stores_virtual: bool = False
    scales: bool = True
    coins: tuple[int, ...] = (2, 3, 4)


_PLAIN = (
    Generation("StableSwap3Pool", 1, ProductForm.PER_COIN, raises_unconverged=False, coins=(3,)),
    Generation(
        "StableSwapSUSD",
        1,
        ProductForm.PER_COIN_PLUS_ONE,
        raises_unconverged=False,
        gives_up_one=False,
        stores_virtual=True,
        coins=(4,),
    ),
    Generation("SwapTemplateBase", 100, ProductForm.PER_COIN, raises_unconverged=True),
    Generation("Plain2Basic", 100, ProductForm.AT_THE_END, raises_unconverged=True, coins=(2,)),
    Generation(
        "Plain2Optimized",
        100,
        ProductForm.AT_THE_END,
        raises_unconverged=True,
        scales=False,
        coins=(2,),
    ),
    Generation("Plain3Basic", 100, ProductForm.PER_COIN, raises_unconverged=True, coins=(3,)),
    Generation("Plain4Basic", 100, ProductForm.PER_COIN, raises_unconverged=True, coins=(4,)),
)
_META = tuple(
    Generation(name, 100, ProductForm.PER_COIN, raises_unconverged=False, coins=(2,))
    for name in ("StableSwapGUSD", "StableSwapHUSD", "StableSwapUSDK")
)
_NG = Generation(
    "CurveStableSwapNG",
    100,
    ProductForm.AT_THE_END,
    raises_unconverged=True,
    coins=(2, 3, 4, 5, 6, 7, 8),
)
_META_NG = Generation(
    "CurveStableSwapMetaNG", 100, ProductForm.AT_THE_END, raises_unconverged=True, coins=(2,)
)

PLAIN = {generation.name: generation for generation in _PLAIN}
NG = {_NG.name: _NG}
META = {generation.name: generation for generation in (*_META, _META_NG)}
# Whose add_liquidity and remove_liquidity_one_coin are BasePool's: the imbalance fee on each coin's distance to its
# ideal balance. sUSD has no remove_liquidity_one_coin, NG a dynamic fee.
BASES = {
    name: PLAIN[name]
    for name in (
        "StableSwap3Pool",
        "SwapTemplateBase",
        "Plain2Basic",
        "Plain3Basic",
        "Plain4Basic",
    )
}


def find_generation(known: dict[str, Generation], label: str, where: str) -> Generation:
    """
    Return the generation that *label* names: a contract's name, with or without ``.vy (vyper …)``.

    >>> find_generation(PLAIN, "StableSwap3Pool.vy (vyper 0.2.4)", "state.pool").name
    'StableSwap3Pool'
    """
    words = label.replace(".vy", " ").split()
    generation = known.get(words[0]) if words else None
    if generation is None:
        raise InvalidState(
            where, f"{label!r} is no supported contract generation; supported: {', '.join(known)}"
        )
    return generation
