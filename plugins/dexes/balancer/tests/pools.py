"""Make pools of any shape for property tests."""

from hypothesis import strategies as st

ONE = 10**18

WEIGHTED = ("WeightedPool v1 (20210418)", "WeightedPool v4 (20230320)")
STABLE = ("StablePool v1 (20210624)", "StablePool v2 (20220609)")
V3_WEIGHTED = ("V3 WeightedPool (20241205)", "V3 WeightedPool v2 (20260115)")
V3_STABLE = ("V3 StablePool (20241205)", "V3 StablePool v3 (20260116)")

fees = st.sampled_from([0, 10**12, 4 * 10**14, 3 * 10**15, 10**17])
decimals = st.sampled_from([0, 6, 8, 18])
rates = st.sampled_from([ONE, 1_139_209_137_893_758_741, 985_701_801_513_101_660])
# 1 to a billion whole tokens, not round
wholes = st.integers(10**6, 10**15)


def raw(whole, decimals_):
    return max(whole * 10**decimals_ // 10**6, 1)


@st.composite
def weighted(draw):
    weight = draw(st.sampled_from([10, 80, 200, 333, 500, 667, 800, 990])) * 10**15
    places = [draw(decimals), draw(decimals)]
    state = {
        "pool": draw(st.sampled_from(WEIGHTED)),
        "weights": [weight, ONE - weight],
        "swap_fee": draw(fees),
        "balances": [raw(draw(wholes), d) for d in places],
        "token_decimals": places,
    }
    return {"kind": "balancer_weighted", "state": state}


@st.composite
def _even(draw, n):
    """Return balances in whole tokens that are at most a thousandfold apart."""
    first = draw(st.integers(10**9, 10**15))
    return [first, *(max(first * draw(st.integers(1, 1000)) // 100, 1) for _ in range(n - 1))]


@st.composite
def stable(draw):
    n = draw(st.integers(2, 4))
    places = [draw(decimals) for _ in range(n)]
    state = {
        "pool": draw(st.sampled_from(STABLE)),
        "amp": draw(st.sampled_from([1, 10, 200, 5000])) * 1000,
        "amp_precision": 1000,
        "swap_fee": draw(fees),
        "balances": [raw(w, d) for w, d in zip(draw(_even(n)), places, strict=True)],
        "scaling_factors": [10 ** (18 - d) * draw(rates) for d in places],
        "bpt_index": None,
    }
    return {"kind": "balancer_stable", "state": state}


@st.composite
def composable(draw):
    record = draw(stable())
    state = record["state"]
    index = draw(st.integers(0, len(state["balances"])))
    total = sum(
        b * f // ONE for b, f in zip(state["balances"], state["scaling_factors"], strict=True)
    )
    state["balances"].insert(index, 2**111 - total)
    state["scaling_factors"].insert(index, ONE)
    supply = total * draw(st.integers(90, 100)) // 100
    state.update(
        pool="ComposableStablePool v6 (20240223)", bpt_index=index, actual_supply=max(supply, 1)
    )
    return record


@st.composite
def v3(draw):
    is_weighted = draw(st.booleans())
    n = 2 if is_weighted else draw(st.integers(2, 4))
    places = [draw(decimals) for _ in range(n)]
    state = {
        "pool": draw(st.sampled_from(V3_WEIGHTED if is_weighted else V3_STABLE)),
        "balances": [raw(w, d) for w, d in zip(draw(_even(n)), places, strict=True)],
        "scaling_factors": [10 ** (18 - d) for d in places],
        "rates": [draw(rates) for _ in range(n)],
        "swap_fee": draw(fees),
    }
    if is_weighted:
        weight = draw(st.sampled_from([100, 500, 800])) * 10**15
        state["weights"] = [weight, ONE - weight]
    else:
        state |= {"amp": draw(st.sampled_from([1, 200, 5000])) * 1000, "amp_precision": 1000}
    return {"kind": "balancer_v3", "state": state}
