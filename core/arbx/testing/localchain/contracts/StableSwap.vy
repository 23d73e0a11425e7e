# pragma version 0.4.3
# pragma evm-version cancun
# SPDX-License-Identifier: MIT
"""
@title StableSwap
@notice A two-coin pool at the published invariant 4·A·(x + y) + D = 4·A·D + D³/(4·x·y), for test chains.
@dev Our own code. It answers and rounds as Curve's two-coin pools do, so that one can be read, followed
     and swapped with like those; it mints no shares, and anyone may fund it or change its parameters.
"""

from ethereum.ercs import IERC20

interface Decimals:
    def decimals() -> uint8: view

event TokenExchange:
    buyer: indexed(address)
    sold_id: int128
    tokens_sold: uint256
    bought_id: int128
    tokens_bought: uint256

event AddLiquidity:
    provider: indexed(address)
    token_amounts: uint256[2]
    fees: uint256[2]
    invariant: uint256
    token_supply: uint256

event NewFee:
    fee: uint256
    admin_fee: uint256

event RampA:
    old_A: uint256
    new_A: uint256
    initial_time: uint256
    future_time: uint256

event StopRampA:
    A: uint256
    t: uint256

A_PRECISION: public(constant(uint256)) = 100
FEE_UNIT: constant(uint256) = 10**10
UNIT: constant(uint256) = 10**18
ROUNDS: constant(uint256) = 255

coins: public(address[2])
balances: public(uint256[2])
fee: public(uint256)
admin_fee: public(uint256)
initial_A: public(uint256)
future_A: public(uint256)
initial_A_time: public(uint256)
future_A_time: public(uint256)
rates: uint256[2]


@deploy
def __init__(coins: address[2], amplification: uint256, fee_e10: uint256, admin_fee_e10: uint256):
    self.coins = coins
    self.initial_A = amplification * A_PRECISION
    self.future_A = amplification * A_PRECISION
    self.fee = fee_e10
    self.admin_fee = admin_fee_e10
    for k: uint256 in range(2):
        digits: uint256 = convert(staticcall Decimals(coins[k]).decimals(), uint256)
        self.rates[k] = 10 ** (36 - digits)


@external
@view
def A() -> uint256:
    """
    @return The amplification in whole numbers.
    """
    return self._amplification() // A_PRECISION


@external
@view
def A_precise() -> uint256:
    """
    @return The amplification times its precision, at this block's time.
    """
    return self._amplification()


@external
def ramp_A(target: uint256, ends: uint256):
    """
    @notice Let the amplification move to *target*, evenly until the time *ends*.
    """
    assert ends > block.timestamp, "ends before it begins"
    self.initial_A = self._amplification()
    self.future_A = target * A_PRECISION
    self.initial_A_time = block.timestamp
    self.future_A_time = ends
    log RampA(
        old_A=self.initial_A, new_A=self.future_A, initial_time=block.timestamp, future_time=ends
    )


@external
def stop_ramp_A():
    """
    @notice Let the amplification stay where it is.
    """
    reached: uint256 = self._amplification()
    self.initial_A = reached
    self.future_A = reached
    self.future_A_time = block.timestamp
    log StopRampA(A=reached, t=block.timestamp)


@external
def add_liquidity(amounts: uint256[2]):
    """
    @notice Take coins into the pool, without a fee.
    """
    for k: uint256 in range(2):
        if amounts[k] > 0:
            self._take(self.coins[k], amounts[k])
            self.balances[k] += amounts[k]
    invariant: uint256 = self._invariant(self._scaled(self.balances))
    log AddLiquidity(
        provider=msg.sender, token_amounts=amounts, fees=[0, 0], invariant=invariant, token_supply=invariant
    )


@external
def apply_new_fee(fee_e10: uint256, admin_fee_e10: uint256):
    """
    @notice Change the fee, and which part of it leaves the balances.
    """
    self.fee = fee_e10
    self.admin_fee = admin_fee_e10
    log NewFee(fee=fee_e10, admin_fee=admin_fee_e10)


@external
@view
def get_dy(i: int128, j: int128, dx: uint256) -> uint256:
    """
    @return What exchange would pay.
    """
    return self._priced(convert(i, uint256), convert(j, uint256), dx)[0]


@external
def exchange(i: int128, j: int128, dx: uint256, min_dy: uint256) -> uint256:
    """
    @notice Take *dx* of coin i from the caller and pay it coin j.
    @return What was paid.
    """
    sold: uint256 = convert(i, uint256)
    bought: uint256 = convert(j, uint256)
    paid: uint256 = 0
    kept_out: uint256 = 0
    paid, kept_out = self._priced(sold, bought, dx)
    assert paid >= min_dy, "pays less than asked for"
    self.balances[sold] += dx
    self.balances[bought] -= paid + kept_out
    self._take(self.coins[sold], dx)
    assert extcall IERC20(self.coins[bought]).transfer(msg.sender, paid, default_return_value=True)
    log TokenExchange(
        buyer=msg.sender, sold_id=i, tokens_sold=dx, bought_id=j, tokens_bought=paid
    )
    return paid


@view
def _priced(sold: uint256, bought: uint256, dx: uint256) -> (uint256, uint256):
    # what is paid, and what the administrator takes out of the balance beside it
    assert sold != bought, "the coins are the same"
    scaled: uint256[2] = self._scaled(self.balances)
    entered: uint256 = scaled[sold] + dx * self.rates[sold] // UNIT
    left: uint256 = self._other(entered, self._invariant(scaled))
    gross: uint256 = scaled[bought] - left - 1  # one unit against the iteration's own rounding
    fee: uint256 = gross * self.fee // FEE_UNIT
    admin: uint256 = fee * self.admin_fee // FEE_UNIT
    rate: uint256 = self.rates[bought]
    return (gross - fee) * UNIT // rate, admin * UNIT // rate


@view
def _amplification() -> uint256:
    # what has been covered of the way is rounded down, whichever way it goes
    if block.timestamp >= self.future_A_time:
        return self.future_A
    covered: uint256 = block.timestamp - self.initial_A_time
    duration: uint256 = self.future_A_time - self.initial_A_time
    if self.future_A > self.initial_A:
        return self.initial_A + (self.future_A - self.initial_A) * covered // duration
    return self.initial_A - (self.initial_A - self.future_A) * covered // duration


@view
def _scaled(balances: uint256[2]) -> uint256[2]:
    return [balances[0] * self.rates[0] // UNIT, balances[1] * self.rates[1] // UNIT]


@view
def _invariant(scaled: uint256[2]) -> uint256:
    # Newton's method for D; P = D³/(4·x·y), divided once a coin
    total: uint256 = scaled[0] + scaled[1]
    if total == 0:
        return 0
    leverage: uint256 = self._amplification() * 2
    d: uint256 = total
    for _: uint256 in range(ROUNDS):
        p: uint256 = d * d // (2 * scaled[0])
        p = p * d // (2 * scaled[1])
        above: uint256 = leverage * total // A_PRECISION + 2 * p
        below: uint256 = (leverage - A_PRECISION) * d // A_PRECISION + 3 * p
        after: uint256 = above * d // below
        if self._close(after, d):
            return after
        d = after
    raise "no invariant found"


@view
def _other(balance: uint256, d: uint256) -> uint256:
    # Newton's method for y² + (b - D)·y = c, the invariant solved for the other coin's balance
    leverage: uint256 = self._amplification() * 2
    c: uint256 = d * d // (2 * balance)
    c = c * d * A_PRECISION // (2 * leverage)
    b: uint256 = balance + d * A_PRECISION // leverage
    y: uint256 = d
    for _: uint256 in range(ROUNDS):
        after: uint256 = (y * y + c) // (2 * y + b - d)
        if self._close(after, y):
            return after
        y = after
    raise "no balance found"


@pure
def _close(one: uint256, other: uint256) -> bool:
    return one <= other + 1 and other <= one + 1


def _take(coin: address, amount: uint256):
    assert extcall IERC20(coin).transferFrom(msg.sender, self, amount, default_return_value=True)
