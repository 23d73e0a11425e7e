"""Know tokens by symbol or address, and amounts in tokens or smallest units."""

import re
from collections import Counter
from collections.abc import Iterable
from decimal import ROUND_DOWN, Context, Decimal
from difflib import get_close_matches

from arbx.errors import ConfigError
from arbx.model import PoolState, Token

__all__ = ["TokenIndex", "amount_of", "in_tokens", "printable", "split_amount"]

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_AMOUNT = re.compile(r"(?P<number>[0-9][0-9_,]*(?:\.[0-9]+)?)\s*(?P<symbol>\S.*)?")
# Six digits are enough to compare by eye; the exact integers are in the JSON.
_SHOWN = Context(prec=6, rounding=ROUND_DOWN)


class TokenIndex:
    """Find the tokens of pools by address or, where that is not ambiguous, by symbol."""

    def __init__(self, states: Iterable[PoolState]) -> None:
        self._tokens: dict[str, Token] = {}
        self._pools: Counter[str] = Counter()
        for state in states:
            for token in state.pool.tokens:
                self._tokens.setdefault(token.address, token)
                self._pools[token.address] += 1

    def find(self, text: str, option: str) -> Token:
        """Return the one token of that address or symbol; *option* starts the error when there is none."""
        if _ADDRESS.fullmatch(text):
            token = self._tokens.get(text.lower())
            if token is None:
                raise ConfigError(
                    f"{option} {text}: is in none of the pools; check the address and the chain"
                )
            return token
        if text.startswith("0x"):
            raise ConfigError(f"{option} {text}: is not an address: 0x and 40 hex digits")
        found = [token for token in self._tokens.values() if token.symbol == text]
        if len(found) == 1:
            return found[0]
        raise ConfigError(f"{option} {text}: {self._why_not(text, found)}")

    def _why_not(self, text: str, found: list[Token]) -> str:
        if found:
            counts = sorted(((self._pools[t.address], t.address) for t in found), reverse=True)
            listed = ", ".join(f"{at} ({n} pool{'s' * (n > 1)})" for n, at in counts)
            return f"is the symbol of {len(found)} tokens; give one by its address: {listed}"
        symbols = sorted({token.symbol for token in self._tokens.values() if token.symbol})
        close = [symbol for symbol in symbols if symbol.lower() == text.lower()]
        close = close or get_close_matches(text, symbols)
        told = f"; did you mean {' or '.join(map(printable, close))}?" if close else ""
        return f"no pool holds a token of that symbol{told or '; give its address'}"


def amount_of(text: str, token: Token, option: str) -> int:
    """
    Return an amount in smallest units: an integer of them, or tokens with the symbol behind.

    >>> amount_of("0.5 WETH", Token("0x" + "c0" * 20, "WETH", 18), "--amount")
    500000000000000000
    >>> amount_of("500", Token("0x" + "c0" * 20, "WETH", 18), "--amount")
    500
    """
    number, symbol = split_amount(text, option)
    if symbol is None:
        if "." in number:
            raise ConfigError(f"{option} {text}: has a point; say in which token: {text}{token}")
        return int(number)
    if symbol not in (token.symbol, token.address):
        raise ConfigError(f"{option} {text}: is in {symbol}, but the token is {token}")
    if token.decimals is None:
        raise ConfigError(
            f"{option} {text}: the decimals of {token} are not known; give smallest units"
        )
    whole, _, fraction = number.partition(".")
    if len(fraction) > token.decimals:
        raise ConfigError(f"{option} {text}: {token} has only {token.decimals} decimals")
    return int(whole + fraction.ljust(token.decimals, "0"))


def split_amount(text: str, option: str) -> tuple[str, str | None]:
    """
    Return the number and the symbol behind it, if there is one.

    >>> split_amount("1_000.5 USDC", "--amount")
    ('1000.5', 'USDC')
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None or len(text) > 100:
        raise ConfigError(
            f"{option} {text[:40]!r}: give smallest units as an integer, "
            "or tokens with their symbol: 0.001WETH"
        )
    return re.sub("[_,]", "", match["number"]), match["symbol"]


def in_tokens(amount: int, token: Token) -> str:
    """
    Return an amount for people, rounded down to six digits.

    >>> in_tokens(2629763156379480, Token("0x" + "c0" * 20, "WETH", 18))
    '0.00262976 WETH'
    """
    if token.decimals is None:
        return f"{amount} units of {printable(str(token))}"
    value = _SHOWN.create_decimal(Decimal(amount).scaleb(-token.decimals, Context(prec=200)))
    return f"{value.normalize():f} {printable(str(token))}"


def printable(text: str) -> str:
    """Return a symbol that can do no harm on a terminal: anyone may put anything into a token's name."""
    return "".join(char if char.isprintable() else "�" for char in text)[:20]
