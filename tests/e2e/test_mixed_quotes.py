"""Random cycles over V2, V3, Balancer and StableSwap pools pay, hop by hop, what the curves say."""

import asyncio
import random

import attrs
import pytest

import arbx
from arbx.chain import Chain, observe
from arbx.chain.abi import calldata, decode
from arbx.testing.localchain import fixtures
from arbx.testing.localchain.execution import leg_calls

local_mixed = fixtures.local_mixed
CYCLES = 4_000  # of V2, V3 and Balancer
WITH_STABLESWAP = 300
ANSWERS = {  # what the last call of a leg answers; a V2 pair answers nothing
    "uniswap_v3": ("int256", "int256"),
    "balancer_weighted": ("uint256",),
    "balancer_stable": ("uint256",),
}


@attrs.frozen
class Leg:
    """One hop of one run through a cycle, and what its curve says."""

    hop: arbx.Hop
    amount_in: int
    amount_out: int


@attrs.frozen
class World:
    """The chain, what the sources saw on it, and the curves of all directions."""

    mixed: object
    states: dict
    sources: dict
    curves: dict
    leaving: dict  # token: the hops that take it
    held: dict

    def calls(self, leg):
        """Return the calls of one leg."""
        address = leg.hop.pool.address
        state, source = self.states[address], self.sources[address]
        trader = self.mixed.market.trader.address
        return leg_calls(leg.hop, leg.amount_in, leg.amount_out, state, source, trader)

    def request(self, legs):
        """Return the eth_call that runs the legs one after the other in one transaction."""
        trader = self.mixed.market.trader
        whole = trader.bundle([call for leg in legs for call in self.calls(leg)])
        sender = self.mixed.chain.accounts[0]
        return {
            "from": sender,
            "to": trader.address,
            "data": "0x" + calldata(whole).hex(),
        }, "latest"


async def look(mixed, host):
    sources = {
        name: host.build_source(provider, settings)
        for name, (provider, settings) in mixed.sources().items()
    }
    async with await Chain.connect(mixed.chain.url) as chain:
        seen = await observe(sources, chain)
    assert not seen.failures
    return seen, sources


@pytest.fixture(scope="module")
def world(local_mixed):
    names = ["uniswap-v2", "uniswap-v3", "balancer", "curve"]
    host = arbx.Host.load(names, strict=True)
    seen, sources = asyncio.run(look(local_mixed, host))
    curves = {}
    for state in seen.states:
        tokens = range(len(state.pool.tokens))
        for hop in (arbx.Hop(state.pool, i, j) for i in tokens for j in tokens if i != j):
            curve = host.price(state, hop.token_in, hop.token_out)
            if curve.max_in:
                curves[hop] = curve
    leaving = {}
    for hop in curves:
        leaving.setdefault(token_in(hop), []).append(hop)
    owner, trader = seen.owners, local_mixed.market.trader
    return World(
        local_mixed,
        {state.pool.address: state for state in seen.states},
        {state.pool.address: sources[owner[state.pool.address]] for state in seen.states},
        curves,
        leaving,
        {token.address: trader.balance(token.address) for token in local_mixed.market.tokens},
    )


def token_in(hop):
    return hop.pool.tokens[hop.token_in].address


def token_out(hop):
    return hop.pool.tokens[hop.token_out].address


def family(hop):
    return hop.pool.kind.split("_")[0] if "uniswap" not in hop.pool.kind else hop.pool.kind


def random_hops(world, rng, first):
    """Return the hops of a closed cycle of length 2 or 3 that starts with *first*, or None."""
    hops = [first]
    for left in reversed(range(rng.choice([1, 2]))):
        used = {hop.pool.address for hop in hops}
        fitting = [
            hop
            for hop in world.leaving.get(token_out(hops[-1]), [])
            if hop.pool.address not in used and (left or token_out(hop) == token_in(first))
        ]
        if not fitting:
            return None
        hops.append(rng.choice(fitting))
    if token_out(hops[-1]) != token_in(first):
        return None
    turn = rng.randrange(len(hops))
    return hops[turn:] + hops[:turn]


def run(world, rng, hops):
    """Return the legs for a random input of random magnitude; None where a pool pays nothing or too little."""
    largest = min(world.curves[hops[0]].max_in, world.held.get(token_in(hops[0]), 0))
    if not largest:
        return None
    bits = rng.randint(1, largest.bit_length())
    amount, legs = min(largest, rng.randint(1 << bits - 1, 1 << bits)), []
    for hop in hops:
        curve = world.curves[hop]
        if amount > curve.max_in:
            return None
        paid = curve.amount_out(amount)
        if paid <= 0:
            return None
        legs.append(Leg(hop, amount, paid))
        amount = paid
    return legs


def random_runs(world, rng, count, *, through, without=()):
    """Return runs through cycles that use a pool of the family *through* and one of another family."""
    hops = [hop for hop in world.curves if family(hop) not in without]
    starts = [hop for hop in hops if family(hop) == through]
    found = []
    while len(found) < count:
        cycle = random_hops(world, rng, rng.choice(starts))
        if cycle is None or any(family(hop) in without for hop in cycle):
            continue
        if len({family(hop) for hop in cycle}) < 2:
            continue
        legs = run(world, rng, cycle)
        if legs is not None:
            found.append(legs)
    return found


def said_by_contracts(world, legs, answers):
    """Return what each contract says that it took and paid; a pair's word is that it agreed."""
    told, place = [], 0
    for leg in legs:
        place += len(world.calls(leg))
        types = ("uint256",) if leg.hop.pool.kind.startswith("curve") else None
        types = ANSWERS.get(leg.hop.pool.kind, types)
        if types is None:
            told.append((leg.amount_in, leg.amount_out))
            continue
        # of StableSwap's three calls the second is the swap, the third hands the coins on
        answer = answers[place - (2 if leg.hop.pool.kind.startswith("curve") else 1)]
        values = decode(types, answer)
        if len(types) == 2:
            told.append((values[leg.hop.token_in], -values[leg.hop.token_out]))
        else:
            told.append((leg.amount_in, values[0]))
    return told


def check(world, runs):
    """Run all cycles through the contracts, and again with one unit more from each pair."""
    asked = world.mixed.chain.rpc
    for legs, outcome in zip(
        runs, asked.outcomes("eth_call", map(world.request, runs), size=200), strict=True
    ):
        assert not isinstance(outcome, arbx.ChainError), (outcome, legs)
        (answers,) = decode(("bytes[]",), bytes.fromhex(outcome[2:]))
        expected = [(leg.amount_in, leg.amount_out) for leg in legs]
        assert said_by_contracts(world, legs, answers) == expected, legs
    greedy = [
        [*legs[:place], attrs.evolve(leg, amount_out=leg.amount_out + 1)]
        for legs in runs
        for place, leg in enumerate(legs)
        if leg.hop.pool.kind == "uniswap_v2"
    ]
    refusals = asked.outcomes("eth_call", map(world.request, greedy), size=200)
    for legs, outcome in zip(greedy, refusals, strict=True):
        assert isinstance(outcome, arbx.ChainError), legs
        assert "UniswapV2: K" in str(outcome) or "INSUFFICIENT_LIQUIDITY" in str(outcome)
    return len(greedy)


def test_random_mixed_cycles_pay_hop_by_hop_what_the_curves_say(world):
    runs = random_runs(world, random.Random(1), CYCLES, through="balancer", without={"curve"})
    legs = [leg for cycle in runs for leg in cycle]
    sizes = {leg.amount_in.bit_length() for leg in legs}
    kinds = {
        kind: sum(leg.hop.pool.kind == kind for leg in legs) for kind in ("uniswap_v2", *ANSWERS)
    }

    assert {len(cycle) for cycle in runs} == {2, 3}
    assert min(kinds.values()) >= 100, kinds
    assert len(sizes) > 60
    assert check(world, runs) >= kinds["uniswap_v2"]


def test_random_cycles_through_stableswap_pay_hop_by_hop_what_the_curves_say(world):
    runs = random_runs(world, random.Random(2), WITH_STABLESWAP, through="curve")

    assert len({family(leg.hop) for cycle in runs for leg in cycle}) == 4
    check(world, runs)
