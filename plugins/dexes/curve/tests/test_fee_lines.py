"""No input of a pool with a dynamic fee ever pays more than a line says, whatever the pool."""

import attrs
import pytest
from gmpy2 import mpz
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import arbx
from arbx_dex_curve import arbx_curves, examples
from arbx_dex_curve.cryptobounds import CryptoSupport
from arbx_dex_curve.cryptomodel import CRYPTO, crypto_curve, parse_crypto
from arbx_dex_curve.cryptoswap import CryptoSwap
from arbx_dex_curve.curve import UnprovenCurve

from .test_bounds import answers, assert_bounded

MODELS = {model.kind: model for model in arbx_curves()}


def geometric(draw, low, high):
    bits = draw(st.floats(mpz(low).bit_length() - 1, mpz(high).bit_length()))
    return min(max(int(2**bits), low), high)


@st.composite
def crypto_pools(draw):
    """Draw a pool of any generation on its invariant, up to 15 times from balance."""
    name = draw(st.sampled_from(sorted(CRYPTO)))
    math = CRYPTO[name]
    n = math.coins
    a = geometric(draw, math.min_a, math.max_a)
    gamma = geometric(draw, math.min_gamma, math.max_gamma)
    d = geometric(draw, 10**19, 10**30)
    # Half of the pools near balance, where real ones are.
    spread = draw(st.sampled_from([0.001, 0.05, 1.0]))
    xp = [mpz(d // n * 10 ** draw(st.floats(-spread, spread))) for _ in range(n - 1)]
    try:
        y, _ = math.root(mpz(a), mpz(gamma), mpz(d), [*xp, mpz(0)], 0, n - 1).balance(xp[0])
    except arbx.WouldRevert:
        y = mpz(d // n)
    mid = draw(st.sampled_from([0, 3_000_000, 26_000_000]))
    return attrs.evolve(
        parse_crypto(arbx.Fields(examples.CRYPTOSWAP)),
        generation=name,
        math=math,
        a=a,
        gamma=gamma,
        d=d,
        price_scale=(10**18,) * (n - 1),
        balances=tuple(map(int, (*xp, y))),
        precisions=(1,) * n,
        mid_fee_e10=mid,
        out_fee_e10=mid + draw(st.sampled_from([0, 10**6, 45_000_000, 5 * 10**9])),
        fee_gamma=geometric(draw, 1, 10**18),
    )


@st.composite
def inputs(draw, state):
    near = state.balances[0]
    sizes = draw(st.lists(st.floats(-18, 1), min_size=4, max_size=10))
    return sorted({0, 1, 2, 3, near, *(int(near * 10**size) for size in sizes)})


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_a_crypto_pool_never_pays_more_than_its_lines(data):
    state = data.draw(crypto_pools())
    coins = st.permutations(range(len(state.balances)))
    curve = crypto_curve(state, *data.draw(coins)[:2])
    asked = data.draw(inputs(state))
    assume(isinstance(curve, arbx.Provable))
    assert_bounded(curve, asked)


@pytest.mark.parametrize("kind", ["curve_cryptoswap", "curve_stableswap_ng", "curve_metapool"])
def test_no_recorded_swap_pays_more_than_the_lines_around_it(kind, recorded):
    checked = 0
    for record in recorded(kind)[::4]:
        if record["mode"] != "exact_in" or record["revert"] is not None:
            continue
        state = MODELS[kind].parse(arbx.Fields(record))
        curve = MODELS[kind].curve(state, record["token_in"], record["token_out"])
        amount, paid = int(record["amount_in"]), int(record["amount_out"])
        if not hasattr(curve, "line"):
            continue
        for point in (0, amount // 3, amount, 3 * amount):
            slope, offset, den = curve.line(point)
            checked += 1

            assert paid * den <= slope * amount + offset, (record["id"], point)

    assert checked > 500


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_the_contracts_balance_is_never_below_its_chords(data):
    state = data.draw(crypto_pools())
    swap = CryptoSwap(state, 0, len(state.balances) - 1)
    xp, n = swap._xp, len(state.balances)
    pool = (mpz(state.a), mpz(state.gamma), mpz(state.d))
    support = CryptoSupport(state.math, pool, xp[1 : n - 1], (xp[0], xp[n - 1]))
    asked = data.draw(inputs(state))
    chords = [chord for z in asked if (chord := support.chord(xp[0] + z)) is not None]
    for z in asked:
        try:
            y, _ = swap._root.balance(xp[0] + z)
        except arbx.WouldRevert:
            continue
        for at, level, fall, _ in chords:
            assert y << 96 >= level - fall * (xp[0] + z - at)


def balanced():
    """Return the example's pool with a fee that grows tenfold away from balance."""
    state = parse_crypto(arbx.Fields(examples.CRYPTOSWAP))
    return attrs.evolve(state, gamma=11_809_167_828_997, out_fee_e10=30_000_000)


def test_a_line_meets_a_balanced_pool_to_a_part_in_ten_million():
    state = balanced()
    curve = crypto_curve(state, 0, 2)

    for amount, out in answers(curve, [10**8, 10**10, 10**11]):
        slope, offset, den = curve.line(amount)
        assert slope * amount + offset - out * den <= out * den // 10**7


class ConstantProduct:
    """A pool without a fee, for the other half of a cycle."""

    def __init__(self, reserve_in, reserve_out):
        self.reserves, self.max_in = (reserve_in, reserve_out), 2**112

    def amount_out(self, amount_in):
        reserve_in, reserve_out = self.reserves
        return amount_in * reserve_out // (reserve_in + amount_in)

    def line(self, amount_in):
        reserve_in, reserve_out = self.reserves
        wide = reserve_in + amount_in
        return arbx.Line(reserve_in * reserve_out, amount_in**2 * reserve_out, wide * wide)


@pytest.mark.parametrize("sold", [10**12, 3 * 10**11, -(10**11), -(10**12)])
def test_sizes_as_well_as_by_trying_wherever_the_pool_stands(sold):
    state = balanced()
    # *sold* before: what swaps back leads towards balance, what goes on leads away.
    way = (0, 2) if sold > 0 else (2, 0)
    amount = sold if sold > 0 else -sold * 10**12 // 2200
    swap = CryptoSwap(state, *way)
    paid, d = swap.pays(mpz(amount)), int(swap.invariant_after(mpz(amount)))
    balances = list(state.balances)
    balances[way[0]] += amount
    balances[way[1]] -= int(paid)
    moved = attrs.evolve(state, balances=tuple(balances), d=d)
    rate = CryptoSwap(moved, 0, 2).pays(mpz(10**7))
    other = ConstantProduct(int(rate) * 10**5, 10**12 * 102 // 100)

    lined = arbx.optimise([crypto_curve(moved, 0, 2), other])
    tried = arbx.optimise([UnprovenCurve(CryptoSwap, moved, 0, 2), other])

    assert lined.profit >= tried.profit * (1 - 1e-6) > 10**6
    assert lined.upper_bound >= max(lined.profit, tried.profit)
    assert tried.upper_bound is None
    if sold > 0:
        assert lined.gap <= lined.profit // 10**3
