"""What a token is worth in wei: by deep pools that agree, exact, and never better than the worst of them."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pools import StubHost, state, token

from arbx import Market
from arbx.kernel.walk import least_in
from arbx.market.valuation import NotValued

ETHER = 10**18
WETH, DOLLAR, EURO, ODD = (token(number).address for number in range(4))
# 2,000 dollars with six decimals are one ether
DEEP = (state(1, (1, 0), (2_000_000 * 10**6, 1_000 * ETHER)),
        state(2, (0, 1), (400 * ETHER, 804_000 * 10**6)))  # fmt: skip


def market(states, host=None):
    made = Market(host or StubHost(), [WETH], 2)
    made.update(states)
    return made


def worth(states, of=DOLLAR, **options):
    return market(states).valuation(WETH, **options).of(of)


def selling(pool):
    """Return the curve from dollars to ether."""
    return StubHost().price(pool, *((0, 1) if pool.pool.tokens[0].address == DOLLAR else (1, 0)))


@pytest.mark.parametrize("wei", [1, 10**9, 3 * 10**15, ETHER, 50 * ETHER])
def test_wei_cost_what_the_dearest_pool_asks_to_the_unit(wei):
    asked = max(least_in(selling(pool), wei) for pool in DEEP)

    assert worth(DEEP).units_for(wei) == asked


@pytest.mark.parametrize("units", [1, 2_000, 10**9, 10**12])
def test_a_token_brings_what_the_worst_pool_pays_to_the_wei(units):
    paid = min(selling(pool).amount_out(units) for pool in DEEP)

    assert worth(DEEP).wei_for(units) == paid


def test_wrapped_ether_is_worth_itself():
    ether = worth(DEEP, of=WETH)

    assert (ether.units_for(7), ether.wei_for(7)) == (7, 7)


def test_a_thin_pool_decides_nothing():
    # four ether in it, for a millionth of their price: it would make gas all but free, or forbid trading
    thin = [state(3, (1, 0), (8 * 10**3, 4 * ETHER)), state(4, (1, 0), (8 * 10**15, 4 * ETHER))]

    assert worth([*DEEP, *thin]).units_for(ETHER) == worth(DEEP).units_for(ETHER)
    with pytest.raises(NotValued, match="lower valuation_depth_wei in \\[execution\\]"):
        worth(thin)


def test_one_deep_pool_of_another_price_decides_nothing():
    odd = state(3, (1, 0), (200_000 * 10**6, 1_000 * ETHER))

    assert worth([*DEEP, odd]).units_for(ETHER) == worth(DEEP).units_for(ETHER)


def test_two_pools_that_disagree_are_no_price():
    odd = state(3, (1, 0), (200_000 * 10**6, 1_000 * ETHER))

    with pytest.raises(NotValued, match=r"the 2 deep pools of 0x.* disagree on its price"):
        worth([DEEP[0], odd])


def test_a_token_without_a_pool_with_ether_is_worth_what_it_brings_of_one_that_has():
    euros = state(3, (2, 1), (3_000_000 * 10**6, 3_300_000 * 10**6))
    valued = worth([*DEEP, euros], of=EURO)
    curve = StubHost().price(euros, 0, 1)

    assert valued.units_for(ETHER) == least_in(curve, worth(DEEP).units_for(ETHER))
    assert valued.wei_for(10**9) == worth(DEEP).wei_for(curve.amount_out(10**9))


def test_a_token_that_no_pool_knows_has_no_price_and_the_cure_is_said():
    with pytest.raises(NotValued, match="add a source that has one"):
        worth(DEEP, of=ODD)


def test_three_hops_are_too_far():
    euros = state(3, (2, 1), (3_000_000 * 10**6, 3_300_000 * 10**6))
    odds = state(4, (3, 2), (3_000_000 * 10**6, 3_300_000 * 10**6))

    with pytest.raises(NotValued):
        worth([*DEEP, euros, odds], of=ODD)


def test_more_than_any_pool_holds_has_no_price():
    with pytest.raises(NotValued, match="can pay"):
        worth(DEEP).units_for(1_000 * ETHER)


def test_a_pool_that_left_the_market_says_nothing():
    made = market(DEEP)
    before = made.valuation(WETH).of(DOLLAR).units_for(ETHER)
    made.remove([DEEP[0].pool.address])
    after = made.valuation(WETH).of(DOLLAR).units_for(ETHER)

    assert before == max(least_in(selling(pool), ETHER) for pool in DEEP)
    assert after == least_in(selling(DEEP[1]), ETHER)


def test_a_curve_that_breaks_says_nothing():
    host = StubHost(broken=frozenset({DEEP[0].pool.address}))
    valued = market(DEEP, host).valuation(WETH).of(DOLLAR)

    assert valued.units_for(ETHER) == least_in(selling(DEEP[1]), ETHER)


reserves = st.tuples(st.integers(40, 10**6), st.integers(-300, 300), st.integers(0, 12))


@given(
    pools=st.lists(reserves, min_size=1, max_size=5),
    units=st.integers(0, 10**16),
    wei=st.integers(0, 30 * ETHER),
)
def test_it_is_never_better_than_a_pool_and_what_selling_brings_can_be_paid_for(pools, units, wei):
    decimals = pools[0][2]
    states = [
        state(n, (1, 0), (ether * (10_000 + off) * 10**decimals // 5, ether * ETHER))
        for n, (ether, off, _) in enumerate(pools, 1)
    ]
    try:
        valued = worth(states, depth_wei=ETHER)
    except NotValued:
        assume(False)
    brings, costs = valued.wei_for(units), valued.units_for(wei)

    assert brings <= max(selling(pool).amount_out(units) for pool in states)
    assert valued.units_for(brings) <= units
    assert max(selling(pool).amount_out(costs) for pool in states) >= wei
