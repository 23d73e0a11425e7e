# pragma version 0.4.3
# pragma evm-version cancun
# SPDX-License-Identifier: MIT
"""
@title StableShares
@notice What shares of a two-coin StableSwap pool cost and bring, one coin at a time, for test chains.
@dev Our own code, at the published invariant. It answers and rounds as add_liquidity and remove_liquidity_one_coin
     of Curve's two-coin base pools do, for a pool that is given and a supply of shares that is said.
"""

interface Pool:
    def balances(k: uint256) -> uint256: view
    def coins(k: uint256) -> address: view
    def A_precise() -> uint256: view
    def fee() -> uint256: view

interface Decimals:
    def decimals() -> uint8: view

A_PRECISION: constant(uint256) = 100
FEE_UNIT: constant(uint256) = 10**10
UNIT: constant(uint256) = 10**18
ROUNDS: constant(uint256) = 255


@external
@view
def minted(pool: Pool, supply: uint256, amount: uint256, coin: uint256) -> uint256:
    """
    @return The shares for *amount* of one coin, less the fee on each coin's distance to its ideal balance.
    """
    leverage: uint256 = 2 * staticcall pool.A_precise()
    rates: uint256[2] = self._rates(pool)
    held: uint256[2] = self._held(pool)
    before: uint256 = self._invariant(leverage, self._scaled(held, rates))
    grown: uint256[2] = held
    grown[coin] += amount
    full: uint256 = self._invariant(leverage, self._scaled(grown, rates))
    assert full > before, "brings nothing"
    fee: uint256 = self._imbalance_fee(pool)
    for k: uint256 in range(2):
        ideal: uint256 = full * held[k] // before
        grown[k] -= fee * self._distance(ideal, grown[k]) // FEE_UNIT
    counted: uint256 = self._invariant(leverage, self._scaled(grown, rates))
    return supply * (counted - before) // before


@external
@view
def paid(pool: Pool, supply: uint256, shares: uint256, coin: uint256) -> uint256:
    """
    @return What *shares* pay in one coin.
    """
    leverage: uint256 = 2 * staticcall pool.A_precise()
    rates: uint256[2] = self._rates(pool)
    scaled: uint256[2] = self._scaled(self._held(pool), rates)
    before: uint256 = self._invariant(leverage, scaled)
    left: uint256 = before - shares * before // supply
    without_fee: uint256 = self._balance(leverage, scaled[1 - coin], left)
    fee: uint256 = self._imbalance_fee(pool)
    reduced: uint256[2] = scaled
    for k: uint256 in range(2):
        ideal: uint256 = scaled[k] * left // before
        moved: uint256 = 0
        if k == coin:
            moved = ideal - without_fee
        else:
            moved = scaled[k] - ideal
        reduced[k] -= fee * moved // FEE_UNIT
    out: uint256 = reduced[coin] - self._balance(leverage, reduced[1 - coin], left)
    return (out - 1) * UNIT // rates[coin]


@view
def _held(pool: Pool) -> uint256[2]:
    return [staticcall pool.balances(0), staticcall pool.balances(1)]


@view
def _rates(pool: Pool) -> uint256[2]:
    rates: uint256[2] = [0, 0]
    for k: uint256 in range(2):
        coin: Decimals = Decimals(staticcall pool.coins(k))
        rates[k] = 10 ** (36 - convert(staticcall coin.decimals(), uint256))
    return rates


@view
def _imbalance_fee(pool: Pool) -> uint256:
    return staticcall pool.fee() * 2 // 4  # n / (4·(n - 1))


@pure
def _scaled(held: uint256[2], rates: uint256[2]) -> uint256[2]:
    return [held[0] * rates[0] // UNIT, held[1] * rates[1] // UNIT]


@pure
def _distance(one: uint256, other: uint256) -> uint256:
    return one - other if one > other else other - one


@pure
def _invariant(leverage: uint256, scaled: uint256[2]) -> uint256:
    # Newton's method for D; P = D³/(4·x·y), divided once a coin
    total: uint256 = scaled[0] + scaled[1]
    d: uint256 = total
    for _: uint256 in range(ROUNDS):
        p: uint256 = d * d // (2 * scaled[0])
        p = p * d // (2 * scaled[1])
        above: uint256 = leverage * total // A_PRECISION + 2 * p
        below: uint256 = (leverage - A_PRECISION) * d // A_PRECISION + 3 * p
        after: uint256 = above * d // below
        if self._distance(after, d) <= 1:
            return after
        d = after
    raise "no invariant found"


@pure
def _balance(leverage: uint256, other: uint256, d: uint256) -> uint256:
    # Newton's method for y² + (b - D)·y = c
    c: uint256 = d * d // (2 * other)
    c = c * d * A_PRECISION // (2 * leverage)
    b: uint256 = other + d * A_PRECISION // leverage
    y: uint256 = d
    for _: uint256 in range(ROUNDS):
        after: uint256 = (y * y + c) // (2 * y + b - d)
        if self._distance(after, y) <= 1:
            return after
        y = after
    raise "no balance found"
