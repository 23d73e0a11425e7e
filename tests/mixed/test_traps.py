"""
Cycles that mix a constant-product pool with a curve of another family, where other engines lose the profit.

Each is compared with an exhaustive search over every step of the coarsest amount.
"""

import pytest

import arbx
from arbx.kernel.walk import least_in_along

E18 = 10**18


@pytest.fixture(scope="module")
def host():
    return arbx.Host.load(["uniswap-v2", "balancer", "curve"], strict=True)


def product(reserve0, reserve1):
    state = {"reserve0": str(reserve0), "reserve1": str(reserve1), "fee_num": 997, "fee_den": 1000}
    return {"kind": "uniswap_v2", "state": state}


def weighted(weights, balances, decimals):
    return {
        "kind": "balancer_weighted",
        "state": {
            "pool": "WeightedPool v3 (20230206)",
            "token_decimals": decimals,
            "weights": [str(w * E18 // 100) for w in weights],
            "swap_fee": str(3 * 10**15),
            "balances": [str(b) for b in balances],
        },
    }


def stableswap(balances, rates):
    return {
        "kind": "curve_stableswap",
        "state": {
            "pool": "SwapTemplateBase.vy (vyper 0.2.8)",
            "n": 2,
            "token_decimals": [6, 18],
            "a_precise": 20_000,
            "a_precision": 100,
            "fee": "4000000",
            "admin_fee": "5000000000",
            "balances": [str(b) for b in balances],
            "rates": [str(r) for r in rates],
        },
    }


def offpeg(balances, rates):
    record = stableswap(balances, rates)
    state = record["state"] | {
        "pool": "CurveStableSwapNG",
        "offpeg_fee_multiplier": "100000000000",
    }
    return {"kind": "curve_stableswap_ng", "state": state}


def composable(balances, rates):
    return {
        "kind": "balancer_stable",
        "state": {
            "pool": "ComposableStablePool v3 (20230206)",
            "token_decimals": [6, 18, 18],
            "amp": 200_000,
            "amp_precision": 1000,
            "swap_fee": str(4 * 10**14),
            "bpt_index": 2,
            "scaling_factors": [str(10**12 * rates[0]), str(rates[1]), str(E18)],
            "rates": [str(rates[0]), str(rates[1]), str(E18)],
            "actual_supply": str(sum((balances[0] * 10**12, balances[1]))),
            "balances": [*(str(b) for b in balances), str(2**111)],
        },
    }


# The 6-decimals token comes second in the cycle, so that a step of it is the coarsest; amounts are small enough to
# try every step.
TRAPS = {
    "V2 + weighted 50/50, 6 decimals": (
        product(10 * E18, 21_000_00), weighted([50, 50], [20_000_00, 10 * E18], [6, 18]),
    ),
    "V2 + weighted 80/20": (
        product(10 * E18, 21_000_00), weighted([80, 20], [80_000_00, 10 * E18], [6, 18]),
    ),
    "V2 + weighted 20/80": (
        product(10 * E18, 21_000_00), weighted([20, 80], [20_000_00, 40 * E18], [6, 18]),
    ),
    "V2 + StableSwap, selling the scarcer coin": (
        product(E18, 1_050_000), stableswap([500_000, 3 * E18 // 2], [10**30, E18]),
    ),
    "V2 + StableSwap, selling the more plentiful coin": (
        product(E18, 1_080_000), stableswap([1_500_000, E18 // 2], [10**30, E18]),
    ),
    "V2 + StableSwap-NG, towards the peg": (
        product(E18, 1_050_000), offpeg([500_000, 3 * E18 // 2], [10**30, E18]),
    ),
    "V2 + StableSwap-NG, away from the peg": (
        product(E18, 1_080_000), offpeg([1_500_000, E18 // 2], [10**30, E18]),
    ),
    "V2 + stable with rates": (
        product(E18, 1_200_000), composable([1_000_000, E18], [E18, 105 * E18 // 100]),
    ),
}  # fmt: skip


def best_of_all_steps(curves, most):
    best = 0
    for amount in range(1, most):
        amount_in = least_in_along(curves[:1], amount)
        best = max(best, arbx.amounts_along(curves, amount_in)[-1] - amount_in)
    return best


@pytest.mark.parametrize("name", TRAPS)
def test_finds_and_proves_the_optimum_of_all_steps(host, name):
    first, second = TRAPS[name]
    curves = [
        host.curve(first, token_in=0, token_out=1), host.curve(second, token_in=0, token_out=1),
    ]  # fmt: skip
    quick, found = arbx.optimise(curves), arbx.optimise(curves, exact=True)

    assert 10**14 < found.profit < E18
    assert found.amounts[0] > 1_000
    assert found.profit == best_of_all_steps(curves, found.amounts[0] * 2)
    assert found.amounts == arbx.amounts_along(curves, found.amount_in)
    assert found.gap <= found.profit // 10**6
    assert quick.profit <= found.profit <= quick.upper_bound


@pytest.mark.parametrize("name", TRAPS)
def test_a_cycle_of_three_families_is_proven(host, name):
    first, second = TRAPS[name]
    middle = product(10**12, 10**12)
    curves = [
        host.curve(first, token_in=0, token_out=1),
        host.curve(middle, token_in=0, token_out=1),
        host.curve(second, token_in=0, token_out=1),
    ]
    quick, found = arbx.optimise(curves), arbx.optimise(curves, exact=True)

    assert found.profit > 0
    assert quick.profit <= found.profit <= found.upper_bound <= quick.upper_bound
    assert found.amounts == arbx.amounts_along(curves, found.amount_in)


def metapool(dollars):
    """Return a metapool of as many dollars in each pool, through its base pool."""
    base = {
        "a_precise": "2000",
        "a_precision": 1,
        "fee": "1000000",
        "admin_fee": "5000000000",
        "balances": [str(dollars * E18), str(dollars * 10**6), str(dollars * 10**6)],
        "rates": [str(E18), str(10**30), str(10**30)],
        "lp_total_supply": str(3 * dollars * E18 * 1000 // 1029),
        "virtual_price": str(1029 * 10**15),
    }
    state = {
        "pool": "StableSwapUSDK",
        "level": "underlying",
        "a_precise": "20000",
        "a_precision": 100,
        "fee": "4000000",
        "admin_fee": "5000000000",
        "balances": [str(dollars * E18), str(dollars * E18)],
        "rate0": str(E18),
        "base_virtual_price_cached": str(1029 * 10**15),
        "base_cache_updated": 1_700_000_000,
        "block_timestamp": 1_700_000_100,
        "base": base,
    }
    return {"kind": "curve_metapool", "state": state}


def test_a_withdrawal_from_a_base_pool_is_proven_against_every_input(host):
    curves = [
        host.curve(product(1_000_000, 104 * E18 // 100), token_in=0, token_out=1),
        host.curve(metapool(10), token_in=0, token_out=2),
    ]

    found = arbx.optimise(curves)
    best = max(arbx.amounts_along(curves, z)[-1] - z for z in range(1, 3 * found.amount_in))

    assert found.amount_in > 5_000
    assert 100 < found.profit == best
    assert found.upper_bound <= best + 2


def test_a_deposit_in_a_base_pool_is_proven_to_the_rounding_of_its_fee(host):
    curves = [
        host.curve(product(10**6 * E18, 104 * 10**10), token_in=0, token_out=1),
        host.curve(metapool(10**7), token_in=3, token_out=0),
    ]

    found = arbx.optimise(curves)
    near = range(
        found.amount_in * 99 // 100, found.amount_in * 101 // 100, found.amount_in // 9999
    )
    best = max(arbx.amounts_along(curves, z)[-1] - z for z in near)

    assert found.profit > 100 * E18
    assert best - 10**12 <= found.profit
    assert best <= found.upper_bound <= found.profit + 5 * 10**12
