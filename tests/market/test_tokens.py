"""Tokens by name, amounts in tokens."""

import pytest
from pools import address

from arbx import ConfigError, Pool, PoolState, Token
from arbx.market.tokens import TokenIndex, amount_of, in_tokens

WETH = Token("0x" + "c0" * 20, "WETH", 18)
SCAM = Token("0x" + "66" * 20, "WETH", 18)
USDC = Token("0x" + "a0" * 20, "USDC", 6)
NAMELESS = Token("0x" + "11" * 20)


def index(*pairs):
    pools = (Pool(1, "x", address(n), pair) for n, pair in enumerate(pairs))
    return TokenIndex(PoolState(pool, None, ()) for pool in pools)


def test_finds_by_symbol_and_by_address_in_any_case():
    tokens = index((WETH, USDC))

    assert tokens.find("USDC", "--base") == USDC
    assert tokens.find("0x" + "A0" * 20, "--base") == USDC


def test_never_picks_one_of_two_tokens_of_the_same_symbol():
    tokens = index((WETH, USDC), (WETH, NAMELESS), (SCAM, USDC))

    with pytest.raises(ConfigError) as error:
        tokens.find("WETH", "--base")

    assert str(error.value) == (
        "--base WETH: is the symbol of 2 tokens; give one by its address: "
        f"{WETH.address} (2 pools), {SCAM.address} (1 pool)"
    )
    assert tokens.find(SCAM.address, "--base") == SCAM


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("weth", "did you mean WETH?"),
        ("USDT", "did you mean USDC?"),
        ("ZZZZZZ", "no pool holds a token of that symbol; give its address"),
        ("0x12", "is not an address"),
        ("0x" + "77" * 20, "is in none of the pools"),
    ],
)
def test_says_why_a_token_is_not_found(text, says):
    with pytest.raises(ConfigError, match=f"--base {text}: .*{says}"):
        index((WETH, USDC)).find(text, "--base")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("1_000", 1000),
        ("1.5USDC", 1_500_000),
        ("1,000.000001 USDC", 1_000_000_001),
        (f"2 {USDC.address}", 2_000_000),
    ],
)
def test_reads_amounts(text, amount):
    assert amount_of(text, USDC, "--amount") == amount


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "give smallest units"),
        ("-1", "give smallest units"),
        ("1e18", "is in e18, but the token is USDC"),
        ("0x10", "is in x10, but"),
        ("1.5", "has a point; say in which token: 1.5USDC"),
        ("1WETH", "is in WETH, but the token is USDC"),
        ("0.0000001USDC", "has only 6 decimals"),
        ("9" * 200, "give smallest units"),
    ],
)
def test_refuses_other_amounts(text, says):
    with pytest.raises(ConfigError, match=says):
        amount_of(text, USDC, "--amount")


def test_refuses_tokens_of_unknown_decimals():
    unknown = Token("0x" + "22" * 20, "ODD")

    with pytest.raises(ConfigError, match="decimals of ODD are not known"):
        amount_of("1ODD", unknown, "--amount")


@pytest.mark.parametrize(
    ("amount", "token", "shown"),
    [
        (0, USDC, "0 USDC"),
        (1, WETH, "0.000000000000000001 WETH"),
        (1_234_567_891, USDC, "1234.56 USDC"),
        (2**200, WETH, "1606930000000000000000000000000000000000000 WETH"),
        (7, NAMELESS, "7 units of 0x1111…1111"),
        (10**6, Token("0x" + "33" * 20, "E\x1b[31mV", 6), "1 E�[31mV"),
    ],
)
def test_shows_amounts_that_can_do_no_harm(amount, token, shown):
    assert in_tokens(amount, token) == shown
