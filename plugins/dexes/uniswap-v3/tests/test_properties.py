"""Random pools against the contract's own loop, and the bounds against the integers."""

import pickle
from itertools import pairwise

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import arbx
from arbx_dex_uniswap_v3 import ConcentratedLiquidity, PoolPrice, Tick
from arbx_dex_uniswap_v3.tickmath import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    MIN_TICK,
    sqrt_ratio_at_tick,
)

Q96 = 2**96
UINT256 = 2**256


def ceil_div(a, b):
    return -(-a // b)


def swap(state, zero_for_one, remaining):
    """Return (taken, paid) of an exact input up to the router's price limit."""
    limit = int(MIN_SQRT_RATIO + 1 if zero_for_one else MAX_SQRT_RATIO - 1)
    nets = {tick.at: tick.liquidity_net for tick in state.ticks}
    price, tick, liquidity = state.sqrt_price_x96, state.tick, state.liquidity
    asked, paid = remaining, 0
    while remaining and price != limit:
        following, initialised = next_tick(nets, tick, state.tick_spacing, zero_for_one)
        following = min(max(following, MIN_TICK), MAX_TICK)
        edge = int(sqrt_ratio_at_tick(following))
        target = max(edge, limit) if zero_for_one else min(edge, limit)
        price, amount_in, amount_out, fee = step(
            price, target, liquidity, remaining, state.fee_pips, zero_for_one
        )
        remaining -= amount_in + fee
        paid += amount_out
        if price == edge:
            if initialised:
                liquidity += -nets[following] if zero_for_one else nets[following]
            tick = following - 1 if zero_for_one else following
    return asked - remaining, paid


def next_tick(nets, tick, spacing, zero_for_one):
    """TickBitmap.nextInitializedTickWithinOneWord."""
    compressed = tick // spacing if zero_for_one else tick // spacing + 1
    bit = compressed % 256
    for distance in range(bit + 1 if zero_for_one else 256 - bit):
        at = (compressed - distance if zero_for_one else compressed + distance) * spacing
        if at in nets:
            return at, True
    return at, False


def step(price, target, liquidity, remaining, fee_pips, zero_for_one):
    """SwapMath.computeSwapStep for an exact input."""
    less_fee = remaining * (1_000_000 - fee_pips) // 1_000_000
    amount_in = taken(price, target, liquidity, zero_for_one)
    if less_fee >= amount_in:
        reached = target
        fee = ceil_div(amount_in * fee_pips, 1_000_000 - fee_pips)
    else:
        reached = moved(price, liquidity, less_fee, zero_for_one)
        amount_in = taken(price, reached, liquidity, zero_for_one)
        fee = remaining - amount_in
    return reached, amount_in, paid_out(price, reached, liquidity, zero_for_one), fee


def taken(price, target, liquidity, zero_for_one):
    if zero_for_one:
        return ceil_div(ceil_div((liquidity << 96) * (price - target), price), target)
    return ceil_div(liquidity * (target - price), Q96)


def paid_out(price, target, liquidity, zero_for_one):
    if zero_for_one:
        return liquidity * (price - target) // Q96
    return (liquidity << 96) * (target - price) // target // price


def moved(price, liquidity, amount, zero_for_one):
    """SqrtPriceMath.getNextSqrtPriceFromInput, its overflow branch included."""
    if not zero_for_one:
        return price + (amount << 96) // liquidity
    if amount == 0:
        return price
    numerator, product = liquidity << 96, amount * price
    if product < UINT256 and numerator + product < UINT256:
        return ceil_div(numerator * price, numerator + product)
    return ceil_div(numerator, numerator // price + amount)


def pool(positions, tick, *, spacing=60, fee_pips=3000, shift=0, price=None):
    """Return a pool with these (lower, upper, liquidity), at a tick or part of the way to the next."""
    net, gross = {}, {}
    for lower, upper, liquidity in positions:
        for at, change in ((lower, liquidity), (upper, -liquidity)):
            net[at] = net.get(at, 0) + change
            gross[at] = gross.get(at, 0) + liquidity
    if price is None:
        low, high = int(sqrt_ratio_at_tick(tick)), int(sqrt_ratio_at_tick(tick + 1))
        # the price of the last tick itself is out of TickMath's range
        price = min(low + (high - low) * shift // 1000, int(MAX_SQRT_RATIO) - 1)
    ticks = tuple(Tick(at, net[at], gross[at]) for at in sorted(net))
    active = sum(entry.liquidity_net for entry in ticks if entry.at <= tick)
    return PoolPrice(fee_pips, spacing, price, tick, active, ticks)


@st.composite
def pools(draw, reach=MAX_TICK - 1, most=2**100):
    """Draw a pool of up to five positions, its price anywhere up to *reach* ticks from 1."""
    spacing = draw(st.sampled_from([1, 10, 60, 200, 4000]))
    ends = st.integers(-(reach // spacing), reach // spacing)
    spans = draw(st.lists(st.tuples(ends, ends).filter(lambda two: two[0] != two[1]), max_size=5))
    liquidities = st.integers(1, 1000) | st.integers(1, most)
    positions = [(min(s) * spacing, max(s) * spacing, draw(liquidities)) for s in spans]
    near = [
        end + nudge for lower, upper, _ in positions for end in (lower, upper) for nudge in (-1, 0)
    ]
    tick = draw(st.integers(-reach, reach) | st.sampled_from(near or [0]))
    fee_pips = draw(st.sampled_from([0, 1, 500, 3000, 10_000, 999_999]))
    tick = min(max(tick, -reach), reach)
    return pool(
        positions, tick, spacing=spacing, fee_pips=fee_pips, shift=draw(st.integers(0, 1000))
    )


@st.composite
def quotes(draw, **limits):
    """Draw a curve with its state, direction, and two amounts that it takes."""
    state, zero_for_one = draw(pools(**limits)), draw(st.booleans())
    curve = ConcentratedLiquidity(state, zero_for_one)
    assume(curve.max_in > 0)
    amounts = [draw(amounts_up_to(curve.max_in)) for _ in range(2)]
    return state, zero_for_one, curve, amounts


def amounts_up_to(most):
    bits = st.integers(0, most.bit_length()).flatmap(lambda n: st.integers(0, 1 << n))
    return (bits | st.integers(max(0, most - 3), most)).map(lambda amount: min(amount, most))


@given(quotes())
@settings(max_examples=150, deadline=None)
def test_pays_what_the_contracts_loop_pays(drawn):
    state, zero_for_one, curve, amounts = drawn
    for amount in amounts:
        assert swap(state, zero_for_one, amount) == (amount, curve.amount_out(amount))
    assert swap(state, zero_for_one, 2**254) == (curve.max_in, curve.amount_out(curve.max_in))


@given(quotes(), st.data())
@settings(max_examples=150, deadline=None)
def test_inverts_to_the_least_input(drawn, data):
    _, _, curve, _ = drawn
    most = curve.amount_out(curve.max_in)
    wanted = data.draw(amounts_up_to(most)) if most else 0
    least = curve.least_in(wanted)

    assert curve.amount_out(least) >= wanted
    assert wanted == 0 or curve.amount_out(least - 1) < wanted
    with pytest.raises(arbx.InsufficientLiquidity):
        curve.least_in(most + 1)


@given(quotes())
@settings(max_examples=150, deadline=None)
def test_never_pays_more_than_its_lines_and_pieces(drawn):
    _, _, curve, (point, amount) = drawn
    slope, offset, den = curve.line(point)
    pieces = curve.pieces()
    piece = pieces[pieces.find(amount << 64)]
    w_x64 = min((amount << 64) - piece.lo_x64, piece.width_x64)
    wide = (piece.b << 64) + piece.c * w_x64
    paid = curve.amount_out(amount)

    assert paid * den <= slope * amount + offset
    assert ((paid << 64) - piece.out_lo_x64) * wide <= (piece.a * w_x64) << 64
    real = [piece for piece in pieces if piece.taken <= amount][-1]
    w = amount - real.taken
    assert curve.amount_out(real.taken) == real.paid
    assert (paid - real.paid) * (real.b + real.c * w) <= real.a * w


@given(quotes(reach=60_000, most=2**80))
@settings(max_examples=100, deadline=None)
def test_stays_within_a_few_units_of_its_own_line(drawn):
    _, _, curve, (amount, _) = drawn
    slope, offset, den = curve.line(amount)
    crossed = 2 + len(curve.pieces()) + 2 * 60_000 // 256
    unit = -(-slope // den)  # what one unit of input buys
    kept = curve.teeth(amount).num
    slack = crossed * (1 + unit * (2 + 2 * 1_000_000 // kept))

    assert (slope * amount + offset) // den <= curve.amount_out(amount) + slack


@given(quotes())
@settings(max_examples=60, deadline=None)
def test_sees_only_the_part_of_an_input_that_the_teeth_leave(drawn):
    _, _, curve, (amount, _) = drawn
    num, den, start, end = curve.teeth(amount)
    seen = (amount - start) * num // den
    least = start - (-seen * den // num)  # the least input of which as much is seen

    assert start <= amount < end
    assert curve.amount_out(least) == curve.amount_out(amount)


@given(quotes())
@settings(max_examples=60, deadline=None)
def test_lists_pieces_whose_starting_slopes_fall(drawn):
    _, _, curve, _ = drawn
    pieces = list(curve.pieces())
    for piece, following in pairwise(pieces):
        assert following.a * piece.b <= piece.a * following.b
        assert 0 <= piece.lo_x64 + piece.width_x64 - following.lo_x64 <= 1


def test_keeps_to_the_contracts_branch_when_the_product_overflows():
    # 2**127 of liquidity over half the tick range: amount · price passes 2**256 on the way.
    state = pool([(-884_000, 884_000, 2**127)], 880_000, spacing=4000, fee_pips=500)
    curve = ConcentratedLiquidity(state, zero_for_one=True)
    overflowing = [curve.max_in - 1, curve.max_in >> 1, curve.max_in >> 8]
    for amount in overflowing:
        kept = amount * (1_000_000 - 500) // 1_000_000
        paid = curve.amount_out(amount)

        assert swap(state, True, amount) == (amount, paid)
        assert kept * state.sqrt_price_x96 >= UINT256
        assert curve.amount_out(curve.least_in(paid)) == paid
        assert curve.amount_out(curve.least_in(paid) - 1) < paid


def test_a_swap_does_not_look_at_the_ticks_again():
    before = pool([(-600, 600, 10**12), (-120, 60, 10**9)], 5)
    after = attrs.evolve(before, sqrt_price_x96=before.sqrt_price_x96 + 1)
    again = pickle.loads(pickle.dumps(after))

    assert after.ticks is before.ticks
    assert again == after
    assert again.ticks.active(5) == 10**12 + 10**9 == after.liquidity
    with pytest.raises(arbx.InvalidState, match="tick_spacing = 7"):
        attrs.evolve(before, tick_spacing=7)
