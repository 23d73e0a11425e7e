"""Trade on the local chain: what the core contracts want, without routers."""

from collections.abc import Sequence
from typing import Any

import attrs

from arbx.chain.abi import calldata
from arbx.errors import ChainError
from arbx.model import Call
from arbx.testing.localchain.chain import LocalChain, Receipt

__all__ = [
    "MAX_SQRT_PRICE_LIMIT",
    "MIN_SQRT_PRICE_LIMIT",
    "Trader",
    "transfer",
    "v2_burn",
    "v2_mint",
    "v2_swap",
    "v3_burn",
    "v3_collect",
    "v3_mint",
    "v3_swap",
]

# TickMath.MIN_SQRT_RATIO + 1 and MAX_SQRT_RATIO - 1: as far as a swap may go
MIN_SQRT_PRICE_LIMIT = 4295128740
MAX_SQRT_PRICE_LIMIT = 1461446703485210103287273052203988822378723970341

_STEPS_PER_RUN = 64
_MAX_UINT128 = 2**128 - 1


@attrs.frozen
class Trader:
    """The Trader contract: it holds every token, runs calls, and pays what V3 pools ask for."""

    chain: LocalChain
    address: str

    def run(self, calls: Sequence[Call]) -> Receipt:
        """Make the calls in one mined transaction; raise with the pool's reason if one reverts."""
        return self.chain.transact([self.bundle(calls)])[0]

    def try_run(self, calls: Sequence[Call]) -> Receipt:
        """Do as *run*, but let the transaction revert."""
        return self.chain.transact_any([self.bundle(calls)])[0]

    def answers(self, calls: Sequence[Call]) -> list[bytes]:
        """Return what each call would answer now, in order, and leave the chain as it is."""
        (answers,) = self.chain.ask(attrs.evolve(self.bundle(calls), returns=("bytes[]",)))
        return list(answers)

    def bundle(self, calls: Sequence[Call]) -> Call:
        """Return the one call of the Trader that makes all of them."""
        if len(calls) > _STEPS_PER_RUN:
            raise ChainError(
                f"a Trader makes at most {_STEPS_PER_RUN} calls at once, not {len(calls)}"
            )
        steps = tuple((call.target, call.value_wei, calldata(call)) for call in calls)
        value_wei = sum(call.value_wei for call in calls)
        return Call(self.address, "run((address,uint256,bytes)[])", (), (steps,), value_wei)

    def balance(self, token: str) -> int:
        """Return how much of a token the trader holds."""
        return balance(self.chain, token, self.address)


def balance(chain: LocalChain, token: str, holder: str) -> int:
    """Return how much of a token someone holds."""
    (amount,) = chain.ask(Call(token, "balanceOf(address)", ("uint256",), (holder,)))
    return int(amount)


def transfer(token: str, recipient: str, amount: int) -> Call:
    """Pay a token."""
    return Call(token, "transfer(address,uint256)", (), (recipient, amount))


def v2_mint(pair: str, payments: Sequence[tuple[str, int]], recipient: str) -> list[Call]:
    """Add liquidity to a pair: pay both tokens, then UniswapV2Pair.mint."""
    return [
        *(transfer(token, pair, amount) for token, amount in payments),
        Call(pair, "mint(address)", ("uint256",), (recipient,)),
    ]


def v2_burn(pair: str, liquidity: int, recipient: str) -> list[Call]:
    """Take liquidity out: pay the pair its own token, then UniswapV2Pair.burn."""
    return [
        transfer(pair, pair, liquidity),
        Call(pair, "burn(address)", ("uint256", "uint256"), (recipient,)),
    ]


def v2_swap(
    pair: str,
    token_in: str,
    amount_in: int,
    *,
    zero_for_one: bool,
    amount_out: int,
    recipient: str,
) -> list[Call]:
    """Pay a pair and take *amount_out*; the pair reverts with "K" when that is a wei too much."""
    out = (0, amount_out) if zero_for_one else (amount_out, 0)
    swap = Call(pair, "swap(uint256,uint256,address,bytes)", (), (*out, recipient, b""))
    return [transfer(token_in, pair, amount_in), swap]


def v3_mint(pool: str, recipient: str, tick_lower: int, tick_upper: int, liquidity: int) -> Call:
    """Add liquidity to a range; the trader pays in the callback."""
    return _range_call(
        pool,
        "mint(address,int24,int24,uint128,bytes)",
        recipient,
        tick_lower,
        tick_upper,
        liquidity,
        b"",
    )


def v3_burn(pool: str, tick_lower: int, tick_upper: int, liquidity: int) -> Call:
    """Take the trader's liquidity out of a range; 0 is a poke that only counts the fees."""
    return _range_call(pool, "burn(int24,int24,uint128)", tick_lower, tick_upper, liquidity)


def v3_collect(pool: str, recipient: str, tick_lower: int, tick_upper: int) -> Call:
    """Collect all that a range owes the trader."""
    everything = (_MAX_UINT128, _MAX_UINT128)
    signature = "collect(address,int24,int24,uint128,uint128)"
    return Call(
        pool, signature, ("uint128", "uint128"), (recipient, tick_lower, tick_upper, *everything)
    )


def v3_swap(
    pool: str,
    amount_in: int,
    *,
    zero_for_one: bool,
    recipient: str,
    sqrt_price_limit_x96: int | None = None,
) -> Call:
    """Swap an exact input; a negative *amount_in* asks for an exact output."""
    limit = sqrt_price_limit_x96 or (
        MIN_SQRT_PRICE_LIMIT if zero_for_one else MAX_SQRT_PRICE_LIMIT
    )
    signature = "swap(address,bool,int256,uint160,bytes)"
    return Call(
        pool, signature, ("int256", "int256"), (recipient, zero_for_one, amount_in, limit, b"")
    )


def _range_call(pool: str, signature: str, *arguments: Any) -> Call:
    return Call(pool, signature, ("uint256", "uint256"), arguments)
