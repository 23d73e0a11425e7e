"""Small pools of every sort for the market's tests, priced without any plugin."""

from fractions import Fraction

import attrs

from arbx.errors import InsufficientLiquidity, InvalidState, UnknownKind
from arbx.kernel.types import Line, Moebius
from arbx.model import Pool, PoolState, Token

FEE = Fraction(997, 1000)


def address(number):
    return f"0x{number:040x}"


def token(number):
    return Token(address(0xAAAA0000 + number), f"T{number}", 18)


def pool(number, tokens, kind="product"):
    return Pool(1, kind, address(number), tuple(token(t) for t in tokens))


def state(number, tokens, balances, kind="product"):
    return PoolState(pool(number, tokens, kind), None, tuple(balances))


class Bare:
    """Bring amount_out and max_in only."""

    def __init__(self, reserve_in, reserve_out):
        self.reserve_in, self.reserve_out = reserve_in, reserve_out
        self.max_in = 2**112 if reserve_in and reserve_out else 0

    def amount_out(self, amount_in, /):
        if not 0 <= amount_in <= self.max_in:
            raise InsufficientLiquidity(f"takes at most {self.max_in}")
        kept = 997 * amount_in
        return kept * self.reserve_out // (1000 * self.reserve_in + kept) if kept else 0


class Lined(Bare):
    """Bring lines too; *slack* is an offset that every line has on top."""

    slack = 0

    def line(self, amount_in, /):
        depth, kept = 1000 * self.reserve_in, 997 * amount_in
        if not self.max_in:
            return Line(0, 0, 1)
        den = (depth + kept) ** 2
        offset = self.reserve_out * kept * kept + self.slack * den
        return Line(997 * self.reserve_out * depth, offset, den)


class Loose(Lined):
    """Have lines three units above the formula, and a curve that uses two of them."""

    slack = 3

    def amount_out(self, amount_in, /):
        return super().amount_out(amount_in) + (2 if amount_in else 0)


class Product(Lined):
    """Bring pieces too."""

    def pieces(self):
        if not self.max_in:
            return ()
        a, b = 997 * self.reserve_out, 1000 * self.reserve_in
        return (Moebius(a, b, 997, 0, 0, self.max_in << 64),)


CURVES = {"product": Product, "lined": Lined, "bare": Bare, "loose": Loose}


@attrs.define
class StubHost:
    """Price the pools above; count how often."""

    priced: int = 0
    broken: frozenset = frozenset()

    def state(self, record):
        if record["kind"] not in CURVES:
            raise UnknownKind(record["kind"])
        if "balances" not in record:
            raise InvalidState("balances", "is missing")
        return PoolState(
            Pool(1, record["kind"], record["address"], tuple(map(token, record["tokens"]))),
            None,
            tuple(record["balances"]),
        )

    def price(self, state, token_in, token_out):
        self.priced += 1
        if state.pool.address in self.broken:
            raise ValueError("the plugin broke")
        return CURVES[state.pool.kind](state.state[token_in], state.state[token_out])


def random_states(rng, *, tokens=6, pools=14, kinds=("product",), widest=2):
    """Return pools around common prices, so that some cycles pay and most don't."""
    price = [rng.lognormvariate(0, 2) for _ in range(tokens)]
    return [
        random_state(rng, number, price, kinds=kinds, widest=widest) for number in range(pools)
    ]


def random_state(rng, number, price, *, kinds=("product",), widest=2):
    count = min(rng.choice(range(2, widest + 1)), len(price))
    chosen = rng.sample(range(len(price)), count)
    depth = rng.lognormvariate(14, 3)
    balances = [int(depth / price[t] * rng.gauss(1, 0.02)) + 1 for t in chosen]
    return state(number, chosen, balances, rng.choice(kinds))
