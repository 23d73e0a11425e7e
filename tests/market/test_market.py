"""The market as an embedder uses it."""

import random
from collections import Counter

import numpy as np
import pytest
from pools import FEE, Product, StubHost, address, random_state, random_states, state, token

from arbx import ConfigError, InvalidState, Market
from arbx.kernel import amounts_along, optimise
from arbx.market.market import Counts
from arbx.market.screen import HopRates

BASE = token(0).address
KINDS = ("product", "lined", "loose", "bare")


def record(number, tokens, balances, kind="product"):
    return {"kind": kind, "address": address(number), "tokens": tokens, "balances": balances}


# Two pools of the same pair, 3 % apart.
CHEAP, DEAR = record(1, (0, 1), (10**21, 10**21)), record(2, (0, 1), (103 * 10**19, 10**21))


def summary(opportunities):
    return [(o.cycle, o.optimum) for o in opportunities]


def lists(market):
    return sorted(summary(market.opportunities()), key=repr)


def test_finds_the_cycle_between_two_pools():
    host = StubHost()

    (found,) = Market(host, [BASE], 2).update([CHEAP, DEAR])

    curves = [host.price(host.state(r), *ends) for r, ends in ((CHEAP, (0, 1)), (DEAR, (1, 0)))]
    assert found.optimum == optimise(curves)
    assert [hop.pool.address for hop in found.cycle.hops] == [address(1), address(2)]
    assert amounts_along(curves, found.optimum.amount_in) == found.optimum.amounts
    assert found.gross_profit == found.optimum.amounts[-1] - found.optimum.amount_in > 0


def test_takes_states_as_well_as_records():
    host = StubHost()

    of_states = Market(host, [BASE], 2).update([host.state(CHEAP), host.state(DEAR)])

    assert summary(of_states) == summary(Market(host, [BASE], 2).update([CHEAP, DEAR]))


def test_does_nothing_for_states_that_it_knows():
    host = StubHost()
    market = Market(host, [BASE], 2)
    market.update([CHEAP, DEAR])
    before, priced = lists(market), host.priced

    assert market.update([DEAR, CHEAP]) == []

    assert lists(market) == before
    assert host.priced == priced
    assert market.counts.screened == market.counts.sized == 0


@pytest.mark.parametrize("seed", range(25))
def test_updates_end_where_a_new_market_would(seed):
    rng = random.Random(seed)
    price = [rng.lognormvariate(0, 2) for _ in range(5)]
    pools = {}
    host, bases = StubHost(), [BASE, token(1).address][: 1 + seed % 2]
    length = 2 + seed % 3
    market = Market(host, bases, length)
    for _ in range(8):
        numbers = rng.sample(range(14), rng.randint(1, 6))
        changed = [random_state(rng, n, price, kinds=KINDS, widest=3) for n in numbers]
        found = market.update(changed)
        pools |= {state.pool.address: state for state in changed}
        for gone in rng.sample(sorted(pools), rng.choice([0, 0, 1])):
            market.remove([gone])
            del pools[gone]

        fresh = Market(host, bases, length)
        fresh.update(pools.values())
        assert lists(market) == lists(fresh)
        touched = {state.pool.address for state in changed}
        listed = [o for o in found if all(hop.pool.address in pools for hop in o.cycle.hops)]
        assert sorted(summary(listed), key=repr) == [
            (cycle, best)
            for cycle, best in lists(market)
            if touched & {hop.pool.address for hop in cycle.hops}
        ]


@pytest.mark.parametrize("seed", range(10))
def test_misses_nothing_that_pays(seed, monkeypatch):
    rng = random.Random(seed)
    host = StubHost()
    states = random_states(rng, tokens=4, pools=10, kinds=("product", "loose"), widest=3)
    market = Market(host, [BASE], 3)
    market.update(states)

    monkeypatch.setattr(HopRates, "screen", lambda _, columns, __: np.arange(columns.shape[1]))
    monkeypatch.setattr(HopRates, "bound", lambda _, columns: np.full(columns.shape[1], np.inf))
    everything = Market(host, [BASE], 3)
    everything.update(states)

    assert lists(market) == lists(everything)


def test_lists_the_best_first():
    rng = random.Random(4)
    found = Market(StubHost(), [BASE], 3).update(random_states(rng, pools=30))

    profits = [o.gross_profit for o in found]

    assert len(profits) > 5
    assert profits == sorted(profits, reverse=True)


def test_groups_by_base_token_in_the_order_given():
    rng = random.Random(4)
    states = random_states(rng, pools=30)
    bases = [token(2).address, token(0).address]

    found = Market(StubHost(), bases, 3).update(states)

    starts = [o.cycle.token.address for o in found]
    assert Counter(starts).keys() == set(bases)
    assert starts == sorted(starts, key=bases.index)


def test_top_keeps_the_best_of_each_base_token():
    rng = random.Random(4)
    states = random_states(rng, pools=30)
    bases = [token(2).address, token(0).address]
    market = Market(StubHost(), bases, 3)
    everything = market.update(states)

    for top in (1, 3):
        best = [
            o
            for base in bases
            for o in [o for o in everything if o.cycle.token.address == base][:top]
        ]
        assert market.opportunities(top) == best


@pytest.mark.parametrize("top", [None, 1, 3])
def test_exact_search_ends_with_proofs_for_what_it_returns(top):
    rng = random.Random(7)
    states = random_states(rng, pools=20)
    rough = Market(StubHost(), [BASE], 3).update(states)

    found = Market(StubHost(), [BASE], 3, exact=True).update(states, top=top)

    assert all(o.optimum.gap == 0 for o in found)
    if top is None:
        assert len(found) >= len(rough)
    assert found[0].gross_profit >= rough[0].gross_profit
    whole = Market(StubHost(), [BASE], 3, exact=True).update(states)
    assert summary(found) == summary(whole[:top])


def test_leaves_out_what_pays_less_than_the_least_profit():
    rng = random.Random(4)
    states = random_states(rng, pools=30)
    everything = Market(StubHost(), [BASE], 3).update(states)
    least = everything[len(everything) // 2].gross_profit

    market = Market(StubHost(), [BASE], 3, min_profit=least)

    assert summary(market.update(states)) == summary(
        [o for o in everything if o.gross_profit >= least]
    )
    assert Market(StubHost(), [BASE], 3, min_profit={BASE: 10**60}).update(states) == []


def test_least_profit_saves_sizing():
    rng = random.Random(4)
    states = random_states(rng, pools=30)
    all_, some = Market(StubHost(), [BASE], 3), Market(StubHost(), [BASE], 3, min_profit=10**40)
    all_.update(states)
    some.update(states)

    assert some.counts.sized < all_.counts.sized / 2


def test_a_cycle_through_two_base_tokens_is_listed_for_the_first():
    one = Market(StubHost(), [BASE, token(1).address], 2).update([CHEAP, DEAR])
    other = Market(StubHost(), [token(1).address, BASE], 2).update([CHEAP, DEAR])

    assert [o.cycle.token.address for o in one] == [BASE]
    assert [o.cycle.token.address for o in other] == [token(1).address]


def test_counts_pools_of_unknown_kinds_once():
    market = Market(StubHost(), [BASE], 2)
    strange = record(9, (0, 1), (1, 1), kind="xyz")

    market.update([CHEAP, DEAR, strange])
    market.update([strange])

    assert market.skipped == {"xyz": 1}
    assert market.counts == Counts(pools=2, hops=4, cycles=2, screened=0, sized=0, found=1)


def test_a_bad_record_changes_nothing():
    market = Market(StubHost(), [BASE], 2)
    bad = {"kind": "product", "address": address(3), "tokens": (0, 1)}

    with pytest.raises(InvalidState, match="balances"):
        market.update([CHEAP, DEAR, bad])

    assert market.counts.pools == 0
    assert len(market.update([CHEAP, DEAR])) == 1


def test_a_curve_that_fails_costs_its_own_pool_only():
    host = StubHost(broken=frozenset({address(3)}))
    market = Market(host, [BASE], 2)

    found = market.update([CHEAP, DEAR, record(3, (0, 1), (5, 5))])

    assert len(found) == 1
    assert market.skipped == {"product (failed)": 1}
    assert market.failures == (f"product {address(3)}: ValueError: the plugin broke",)
    host.broken = frozenset()
    market.update([record(3, (0, 1), (10**24, 10**22))])
    assert market.skipped == {}
    assert len(market.opportunities()) > 1


def test_a_curve_that_fails_while_sizing_costs_the_cycle_only():
    class Failing(Product):
        def amount_out(self, amount_in, /):
            raise RuntimeError("no")

    class Host(StubHost):
        def price(self, state, token_in, token_out):
            if state.pool.address == address(3):
                return Failing(*(state.state[i] for i in (token_in, token_out)))
            return super().price(state, token_in, token_out)

    market = Market(Host(), [BASE], 2)

    found = market.update([CHEAP, DEAR, record(3, (0, 1), (10**24, 10**22))])

    assert len(found) == 1
    assert market.failures == ("cycle of product, product: RuntimeError: no",)


def test_a_pool_that_loses_its_reserves_takes_its_cycles_along():
    market = Market(StubHost(), [BASE], 2)
    market.update([CHEAP, DEAR])

    assert market.update([record(2, (0, 1), (0, 0))]) == []

    assert market.opportunities() == []
    assert market.counts.cycles == 0
    assert len(market.update([DEAR])) == 1


def test_a_pool_that_comes_back_with_other_tokens_is_another_pool():
    market = Market(StubHost(), [BASE], 2)
    market.update([CHEAP, DEAR])

    market.update([record(2, (0, 2), (103 * 10**19, 10**21))])

    assert market.opportunities() == []
    assert market.counts.pools == 2
    assert len(market.update([DEAR])) == 1


def test_prices_only_hops_that_cycles_use():
    host = StubHost()

    Market(host, [BASE], 2).update([CHEAP, DEAR, record(3, (4, 5), (10**20, 10**20))])

    assert host.priced == 4


def test_removing_an_unknown_pool_changes_nothing():
    market = Market(StubHost(), [BASE], 2)
    market.update([CHEAP, DEAR])

    market.remove([address(77)])

    assert len(market.opportunities()) == 1


def test_pools_of_many_tokens_are_hops_between_every_pair_but_used_once():
    market = Market(StubHost(), [BASE], 3)
    many = state(1, (0, 1, 2, 3), [10**21] * 4)
    pair = state(2, (1, 2), [11 * 10**20, 10**21])

    found = market.update([many, pair])

    assert found == []  # 0 -> 1 -> 2 -> 0 would use the first pool twice
    assert market.counts.hops == 12 + 2
    assert market.counts.cycles == 0
    third = state(3, (2, 0), [13 * 10**20, 10**21])
    assert {len({h.pool.address for h in o.cycle.hops}) for o in market.update([third])} <= {2, 3}


def test_unproven_curves_are_sized_without_a_bound():
    kinds = [record(n, r["tokens"], r["balances"], "bare") for n, r in ((1, CHEAP), (2, DEAR))]

    (found,) = Market(StubHost(), [BASE], 2).update(kinds)

    proven = Market(StubHost(), [BASE], 2).update([CHEAP, DEAR])[0]
    assert found.optimum.upper_bound is None
    assert found.gross_profit >= proven.gross_profit * 0.99


def test_a_price_gap_below_the_fees_pays_nothing():
    gap = int(10**21 / FEE / FEE) - 1

    assert Market(StubHost(), [BASE], 2).update([CHEAP, record(2, (0, 1), (gap, 10**21))]) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"base_tokens": []}, "base_tokens: is empty"),
        ({"base_tokens": BASE}, "base_tokens: is one string"),
        ({"base_tokens": ["WETH"]}, "base_tokens: address: 'weth' is not"),
        ({"max_length": 1}, "max_length: is 1"),
        ({"max_length": 5}, "max_length: is 5"),
        ({"min_profit": 0}, "min_profit: is 0"),
        ({"min_profit": 1.5}, "min_profit: is 1.5"),
        ({"min_profit": {address(7): 1}}, "min_profit: .* is not one of the base tokens"),
    ],
)
def test_refuses_bad_arguments(arguments, says):
    with pytest.raises(ConfigError, match=says):
        Market(StubHost(), **{"base_tokens": [BASE], **arguments})


def test_accepts_base_tokens_in_mixed_case():
    mixed = "0x" + BASE[2:].upper()

    assert len(Market(StubHost(), [mixed, BASE], 2).update([CHEAP, DEAR])) == 1
