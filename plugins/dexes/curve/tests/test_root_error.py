"""The contracts' root is never further below the invariant's than the derivation says."""

import attrs
import gmpy2
import pytest
from gmpy2 import mpfr, mpz
from hypothesis import given, settings
from hypothesis import strategies as st

import arbx
from arbx_dex_curve import examples
from arbx_dex_curve.cryptomodel import CRYPTO, crypto_curve, parse_crypto
from arbx_dex_curve.rooterror import root_error

from .test_fee_lines import balanced, geometric

PRECISION_BITS = 400


def invariants_balance(ann, gamma, d, known):
    """Return y of the real invariant, rounded down: its root K0 in (0, 1] by halving."""
    with gmpy2.context(gmpy2.get_context(), precision=PRECISION_BITS):
        n, g = len(known) + 1, 1 + mpfr(gamma) / 10**18
        alpha = mpfr(ann) / 10**4 * (g - 1) ** 2
        full = mpfr(d) ** n / n**n
        for balance in known:
            full /= balance
        rest, t = sum(map(mpfr, known)) / d - 1, full / d

        def value(k):
            return alpha * k * (rest + t * k) - (1 - k) * (g - k) ** 2

        low, high = mpfr(0), mpfr(1)
        for _ in range(PRECISION_BITS - 40):
            middle = (low + high) / 2
            low, high = (low, middle) if value(middle) > 0 else (middle, high)
        return mpz(gmpy2.floor(low * full))


@st.composite
def solutions(draw):
    """Draw a pool of any generation and a balance of the coin in, from exact balance to the limits."""
    math = CRYPTO[draw(st.sampled_from(sorted(CRYPTO)))]
    ann = mpz(geometric(draw, math.min_a, math.max_a))
    gamma = mpz(geometric(draw, math.min_gamma, math.max_gamma))
    d = mpz(geometric(draw, 10**17, 10**33))
    spread = draw(st.sampled_from([0, 1e-12, 1e-9, 1e-6, 1e-3, 0.05, 0.5, 2]))
    known = [
        d // math.coins * int(1e15 * 10 ** draw(st.floats(-spread, spread))) // 10**15
        for _ in range(math.coins - 1)
    ]
    grows = draw(st.sampled_from([0, 1e-9, 1e-3, 2]))
    x = known[0] * int(1e12 * 10 ** draw(st.floats(0, grows))) // 10**12
    return math, ann, gamma, d, known, x


@settings(max_examples=400, deadline=None)
@given(solutions())
def test_the_contracts_balance_is_within_the_derived_error_of_the_invariants(solution):
    math, ann, gamma, d, known, x = solution
    error = root_error(math, ann, gamma, d, known[0], known[1:])
    root = math.root(ann, gamma, d, [*known, mpz(0)], 0, math.coins - 1)
    try:
        y, _ = root.balance(x)
    except arbx.WouldRevert:
        return
    exact = invariants_balance(ann, gamma, d, [x, *known[1:]])

    if error is not None:
        assert y >= exact - error
        # what bounds the coin out's balance from above lets it be as much above
        assert y <= exact + (exact >> 20) + d // 1000


@pytest.mark.parametrize("name", sorted(CRYPTO))
@pytest.mark.parametrize(
    ("gamma", "parts_e18"), [(145 * 10**12, 20_000), (10**15, 2000), (10**16, 2000)]
)
def test_the_derived_error_is_below_a_part_in_1e13_of_a_usual_pool(name, gamma, parts_e18):
    math = CRYPTO[name]
    d = mpz(10**25)
    known = [d // math.coins] * (math.coins - 1)

    error = root_error(math, mpz(10**5 * math.coins), mpz(gamma), d, known[0], known[1:])

    assert 0 < error < d * parts_e18 // 10**18
    if math.coins == 2:
        assert error < d * 40 // 10**18


def test_a_pool_too_stiff_for_a_derivation_brings_no_lines_but_a_curve():
    state = parse_crypto(arbx.Fields(examples.CRYPTOSWAP))
    name = "CurveTwocryptoOptimized v2.1.0"
    pair = {
        "balances": (10**13, 5 * 10**21),
        "precisions": (10**12, 1),
        "price_scale": (2000 * 10**18,),
        "d": 2 * 10**25,
    }
    stiff = attrs.evolve(
        state, generation=name, math=CRYPTO[name], **pair, a=4 * 10**7, gamma=199 * 10**15
    )
    usual = attrs.evolve(stiff, a=400_000, gamma=145 * 10**12)

    assert not isinstance(crypto_curve(stiff, 0, 1), arbx.Provable)
    assert crypto_curve(stiff, 0, 1).amount_out(10**9) > 0
    assert isinstance(crypto_curve(usual, 0, 1), arbx.Provable)
    assert isinstance(crypto_curve(balanced(), 0, 1), arbx.Provable)
