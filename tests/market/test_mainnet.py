"""Real pools: counts that were found independently, and what can be proven about them."""

import json

import numpy as np
import pytest

import arbx
from arbx.kernel import optimise

WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
PLUGINS = ["uniswap-v2", "uniswap-v3"]


@pytest.fixture(scope="module")
def records(shared):
    lines = (shared / "data" / "mainnet-2023-09-12-a.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def market(records):
    market = arbx.Market(arbx.Host.load(PLUGINS, strict=True), [WETH], max_length=3)
    market.update(records)
    return market


def test_counts_the_cycles_and_those_with_a_marginal_product_above_one(market):
    tables, rates = market._search.tables, market._quotes.rates

    counted = {
        table.length: (
            rates.alive(table.columns),
            len(rates.screen(table.columns, np.full(market.counts.hops, np.inf))),
        )
        for table in tables
    }

    assert counted == {2: (848, 261), 3: (13_028, 5_085)}
    assert market.counts.pools == 644
    assert market.skipped == {"balancer_weighted": 185, "balancer_stable": 7}
    assert market.failures == ()


def test_pays_what_the_curves_pay_and_no_more_than_proven(market, records):
    host = arbx.Host.load(PLUGINS)
    states = {
        record["address"]: host.state(record)
        for record in records
        if record["kind"].startswith("uniswap")
    }

    for opportunity in market.opportunities()[:300]:
        for hop, amount_in, amount_out in opportunity.legs():
            curve = host.price(states[hop.pool.address], hop.token_in, hop.token_out)
            assert curve.amount_out(amount_in) == amount_out
        assert opportunity.optimum.gap >= 0


def test_bounds_are_never_below_what_a_cycle_pays(market):
    for table in market._search.tables:
        columns = table.columns[:, ::7]
        bounds = market._quotes.rates.bound(columns)
        kept = market._quotes.rates.screen(columns, np.ones(market.counts.hops))
        dropped = sorted(set(range(columns.shape[1])) - set(kept.tolist()))

        for number in [*kept[::2].tolist(), *dropped[::40]]:
            best = optimise([_curve(market, hop) for hop in columns[:, number].tolist()])
            assert best.profit <= bounds[number]
            assert best.profit == 0 or number not in dropped


def _curve(market, hop):
    number, token_in, token_out = market._graph.ends(hop)
    state = market._quotes._states[market._graph.pools[number].address]
    return market._quotes._host.price(state, token_in, token_out)


def test_profits_are_dust(market):
    best = market.opportunities(top=1)[0]

    assert 10**15 < best.gross_profit < 10**16


def test_dollars_of_three_issuers_are_worth_the_same_in_wei(market):
    valuation = market.valuation(WETH)
    of_a_dollar = {
        symbol: valuation.of(address).wei_for(1_000 * 10**decimals)
        for symbol, address, decimals in (
            ("USDC", "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", 6),
            ("USDT", "0xdac17f958d2ee523a2206206994597c13d831ec7", 6),
            ("DAI", "0x6b175474e89094c44da98b954eedeac495271d0f", 18),
        )
    }

    assert max(of_a_dollar.values()) * 99 < min(of_a_dollar.values()) * 100
    assert 6 * 10**17 < of_a_dollar["USDC"] < 7 * 10**17
