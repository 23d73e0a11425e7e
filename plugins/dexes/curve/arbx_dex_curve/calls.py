"""Which calls bring the full state of a pool, and how their answers become a record of its kind."""

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from arbx import Call

__all__ = ["Answers", "Plan", "crypto_plan", "meta_plan", "ng_plan", "plain_plan"]

_U = ("uint256",)
_MULTICALL3 = "0xca11bde05977b3631167028862be2a173976ca11"

Answers = Sequence[tuple[Any, ...] | None]


class _Missing(Exception):  # internal: a call that must answer did not
    """A call without which there is no state."""


@attrs.frozen
class Plan:
    """The calls of one pool, and what turns their answers into the state of a record (None: unreadable)."""

    calls: tuple[Call, ...]
    build: Callable[[Answers], dict[str, Any]] = attrs.field(repr=False)

    def state(self, answers: Answers) -> dict[str, Any] | None:
        """Return the record's state, or None where a needed call did not answer."""
        try:
            return self.build(answers)
        except _Missing:
            return None


class _Table:
    """Look the answers up by signature and argument."""

    def __init__(self, calls: Sequence[Call], answers: Answers) -> None:
        self._found = {
            (call.target, call.signature, call.args): answer
            for call, answer in zip(calls, answers, strict=True)
        }

    def one(self, target: str, signature: str, *args: Any) -> Any:
        """Return the first value of an answer that must be there."""
        answer = self._found[target, signature, args]
        if answer is None:
            raise _Missing
        return answer[0]

    def first(self, target: str, *keys: tuple[str, tuple[Any, ...]]) -> Any:
        """Return the first answer among alternatives: generations name the same thing differently."""
        for signature, args in keys:
            if self._found[target, signature, args] is not None:
                return self.one(target, signature, *args)
        raise _Missing


def _balance_calls(pool: str, coins: int) -> list[Call]:
    # The oldest pools index by int128.
    return [
        Call(pool, f"balances({word})", _U, (k,))
        for k in range(coins)
        for word in ("uint256", "int128")
    ]


def _parameter_calls(pool: str) -> list[Call]:
    names = ("A()", "A_precise()", "fee()", "admin_fee()")
    return [Call(pool, name, _U) for name in names]


def _balances(table: _Table, pool: str, coins: int) -> list[int]:
    return [
        table.first(pool, ("balances(uint256)", (k,)), ("balances(int128)", (k,)))
        for k in range(coins)
    ]


def _parameters(table: _Table, pool: str, precision: int) -> dict[str, Any]:
    amp = table.one(pool, "A()") if precision == 1 else table.one(pool, "A_precise()")
    return {
        "a_precise": amp,
        "a_precision": precision,
        "fee": table.one(pool, "fee()"),
        "admin_fee": table.one(pool, "admin_fee()"),
    }


def _rates(decimals: Sequence[int]) -> list[int]:
    return [10 ** (36 - digits) for digits in decimals]


def plain_plan(pool: str, generation: str, precision: int, decimals: Sequence[int]) -> Plan:
    """Read a classic pool; its rates follow from its tokens' decimals."""
    calls = (*_balance_calls(pool, len(decimals)), *_parameter_calls(pool))

    def build(answers: Answers) -> dict[str, Any]:
        table = _Table(calls, answers)
        return {
            "pool": generation,
            **_parameters(table, pool, precision),
            "balances": _balances(table, pool, len(decimals)),
            "rates": _rates(decimals),
        }

    return Plan(calls, build)


def ng_plan(pool: str, factory: str | None) -> Plan:
    """Read a StableSwap-NG pool: get_balances leaves the admin's share out, stored_rates moves with the tokens."""
    calls = [
        Call(pool, "get_balances()", ("uint256[]",)),
        Call(pool, "stored_rates()", ("uint256[]",)),
        Call(pool, "A_precise()", _U),
        Call(pool, "fee()", _U),
        Call(pool, "admin_fee()", _U),
        Call(pool, "offpeg_fee_multiplier()", _U),
    ]
    asked = "get_pool_asset_types(address)"
    if factory is not None:
        calls.append(Call(factory, asked, ("uint8[]",), (pool,)))

    def build(answers: Answers) -> dict[str, Any]:
        table = _Table(calls, answers)
        balances = list(table.one(pool, "get_balances()"))
        types = answers[-1] if factory is not None else None
        return {
            "pool": "CurveStableSwapNG",
            "a_precise": table.one(pool, "A_precise()"),
            "a_precision": 100,
            "fee": table.one(pool, "fee()"),
            "admin_fee": table.one(pool, "admin_fee()"),
            "offpeg_fee_multiplier": table.one(pool, "offpeg_fee_multiplier()"),
            "balances": balances,
            "rates": list(table.one(pool, "stored_rates()")),
            # Unknown types count as oracles: then no event is believed to tell the whole state.
            "asset_types": list(types[0]) if types else [1] * len(balances),
        }

    return Plan(tuple(calls), build)


def meta_plan(
    pool: str, generation: str, level: str, base: str, lp_token: str, decimals: Sequence[int]
) -> Plan:
    """Read a metapool over 3pool: *decimals* are of its own coin and then of the base pool's coins."""
    own = [*_balance_calls(pool, 2), *_parameter_calls(pool)]
    ng = generation == "CurveStableSwapMetaNG"
    if ng:
        own += [Call(pool, "stored_rates()", ("uint256[]",))]
        own += [Call(pool, "offpeg_fee_multiplier()", _U)]
    else:
        own += [Call(pool, "base_virtual_price()", _U), Call(pool, "base_cache_updated()", _U)]
        own += [Call(_MULTICALL3, "getCurrentBlockTimestamp()", _U)]
    below = plain_plan(base, "StableSwap3Pool", 1, decimals[1:])
    others = (
        Call(lp_token, "totalSupply()", _U),
        Call(base, "get_virtual_price()", _U),
    )
    calls = (*own, *others, *below.calls)

    def build(answers: Answers) -> dict[str, Any]:
        table = _Table(calls, answers)
        state: dict[str, Any] = {
            "pool": generation,
            "level": level,
            **_parameters(table, pool, 100),
            "balances": _balances(table, pool, 2),
            "base": {
                **below.build(answers[len(own) + len(others) :]),
                "lp_total_supply": table.one(lp_token, "totalSupply()"),
                "virtual_price": table.one(base, "get_virtual_price()"),
            },
        }
        if ng:
            state["rates"] = list(table.one(pool, "stored_rates()"))
            state["offpeg_fee_multiplier"] = table.one(pool, "offpeg_fee_multiplier()")
            return state
        return state | {
            "rate0": _rates(decimals[:1])[0],
            "base_virtual_price_cached": table.one(pool, "base_virtual_price()"),
            "base_cache_updated": table.one(pool, "base_cache_updated()"),
            "block_timestamp": table.one(_MULTICALL3, "getCurrentBlockTimestamp()"),
        }

    return Plan(calls, build)


_CRYPTO_WORDS = ("A", "gamma", "D", "mid_fee", "out_fee", "fee_gamma", "virtual_price")


def crypto_plan(pool: str, generation: str, decimals: Sequence[int]) -> Plan:
    """Read a CryptoSwap pool, with the virtual price and LP supply that decide about "Loss"."""
    coins = len(decimals)
    scales = (
        [Call(pool, "price_scale()", _U)]
        if coins == 2
        else [Call(pool, "price_scale(uint256)", _U, (k,)) for k in range(coins - 1)]
    )
    calls = (
        *(Call(pool, "balances(uint256)", _U, (k,)) for k in range(coins)),
        *(Call(pool, f"{word}()", _U) for word in _CRYPTO_WORDS),
        Call(pool, "totalSupply()", _U),
        *scales,
    )

    def build(answers: Answers) -> dict[str, Any]:
        table = _Table(calls, answers)
        return {
            "pool": generation,
            **{word: table.one(pool, f"{word}()") for word in _CRYPTO_WORDS},
            "lp_total_supply": table.one(pool, "totalSupply()"),
            "price_scale": [table.one(pool, call.signature, *call.args) for call in scales],
            "balances": [table.one(pool, "balances(uint256)", k) for k in range(coins)],
            "precisions": [10 ** (18 - digits) for digits in decimals],
        }

    return Plan(calls, build)
