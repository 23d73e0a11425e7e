"""`arbx quote`: one pool, or a file of recorded swaps."""

import gzip
import io
import json
import pathlib
import sys

import pytest

from arbx.cli import main

SHARED = next(
    (
        p / "shared"
        for p in pathlib.Path(__file__).resolve().parents
        if (p / "shared" / "vectors").is_dir()
    ),
    None,
)
WETH, USDC = "0x" + "c0" * 20, "0x" + "a0" * 20
POOL = "0x" + "01" * 20
RECORD = {
    "chain_id": 1,
    "kind": "uniswap_v2",
    "address": POOL,
    "tokens": [
        {"address": WETH, "symbol": "WETH", "decimals": 18},
        {"address": USDC, "symbol": "USDC", "decimals": 6},
    ],
    "state": {
        "reserve0": str(10**21),
        "reserve1": "1600000000000",
        "fee_num": 997,
        "fee_den": 1000,
    },
}
PAID = 997 * 10**18 * 1_600_000_000_000 // (1000 * 10**21 + 997 * 10**18)


def vector(name, amount_in=None, amount_out=None, *, mode="exact_in", revert=None, **changes):
    amounts = {"amount_in": amount_in, "amount_out": amount_out}
    return {
        "id": name,
        "kind": "uniswap_v2",
        "state": RECORD["state"],
        "token_in": 0,
        "token_out": 1,
        "mode": mode,
        "revert": revert,
        **{key: str(amount) for key, amount in amounts.items() if amount is not None},
        **changes,
    }


# One sale of 1 WETH, one purchase, one of nothing, one of too much.
SWAPS = [
    vector("a", 10**18, PAID),
    vector("b", 10**18 + 1, PAID, mode="exact_out"),
    vector("c", 0, revert="INSUFFICIENT_INPUT_AMOUNT"),
    vector("d", 2**112, revert="OVERFLOW"),
    vector("e", amount_out=10**30, mode="exact_out", revert="INSUFFICIENT_LIQUIDITY"),
]


@pytest.fixture
def file(tmp_path):
    def write(*records):
        path = tmp_path / "some.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        return str(path)

    return write


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no arbx.toml here
    monkeypatch.delenv("ARBX_PLUGINS", raising=False)

    def call(*words):
        code = main(["quote", "-p", "uniswap-v2", "-p", "uniswap-v3", *map(str, words)])
        return code, *capsys.readouterr()

    return call


def test_answers_each_record_in_order(run, file):
    code, out, _ = run("--vectors", file(*SWAPS))

    a, b, c, d, e = map(json.loads, out.splitlines())
    assert code == 0
    assert a == {"id": "a", "amount_out": str(PAID)}
    assert b["id"] == "b"
    assert int(b["least_in"]) <= 10**18
    assert c == {"id": "c", "amount_out": "0"}
    assert list(d) == list(e) == ["id", "error"]
    assert d["error"].startswith("InsufficientLiquidity: ")
    assert e["error"].startswith("InsufficientLiquidity: ")


def test_check_agrees_with_what_the_contract_did(run, file):
    code, out, err = run("--vectors", file(*SWAPS), "--check")

    assert code == 0
    assert len(out.splitlines()) == 5
    assert "uniswap_v2: 5 compared, 0 differ" in err


@pytest.mark.parametrize(
    "wrong",
    [
        vector("x", 10**18, PAID + 1),
        vector("x", 10**18, revert="K"),
        vector("x", 2**112, 1),
    ],
)
def test_check_ends_with_1_when_a_record_differs(run, file, wrong):
    code, out, err = run("--vectors", file(*SWAPS, wrong), "--check")

    assert code == 1
    assert len(out.splitlines()) == 6
    assert "uniswap_v2: 6 compared, 1 differ" in err
    assert "x (uniswap_v2)" in err


def test_check_of_nothing_is_not_ok(run, file):
    code, _, err = run("--vectors", file(), "--check")

    assert code == 1
    assert "nothing to compare" in err


def test_reads_gzip_and_standard_input(run, file, tmp_path, monkeypatch):
    plain = pathlib.Path(file(*SWAPS)).read_bytes()
    packed = tmp_path / "some.gz"
    packed.write_bytes(gzip.compress(plain))
    _, expected, _ = run("--vectors", packed)

    for data in (plain, gzip.compress(plain)):
        raw = io.BufferedReader(io.BytesIO(data))
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw))
        code, out, _ = run("--vectors", "-")
        assert (code, out) == (0, expected)


def without(record, key):
    return {name: value for name, value in record.items() if name != key}


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (without(SWAPS[0], "mode"), "line 2, mode: is missing"),
        (without(SWAPS[0], "state"), "line 2, state: is missing"),
        (without(SWAPS[0], "kind"), "line 2, kind: is missing"),
        (without(SWAPS[0], "token_in"), "line 2, token_in: is missing"),
        (without(SWAPS[0], "amount_in"), "line 2, amount_in: is missing"),
        (SWAPS[0] | {"mode": "both"}, "line 2, mode: is 'both'"),
        (SWAPS[0] | {"token_in": 1}, "line 2, token_out: is 1, the same token"),
        (SWAPS[0] | {"amount_in": "1e18"}, "line 2, amount_in: is '1e18', not a decimal integer"),
        (
            SWAPS[0] | {"kind": "balancer_weighted"},
            "line 2: balancer_weighted: no selected plugin",
        ),
        ([], "line 2: is list, not a JSON object"),
    ],
)
def test_names_the_line_and_field_of_a_bad_record(run, file, record, says):
    code, _, err = run("--vectors", file(SWAPS[0], record))

    assert code == 2
    assert says in err
    assert "Traceback" not in err


def test_check_needs_what_was_recorded(run, file):
    code, _, err = run("--vectors", file(without(SWAPS[0], "amount_out")), "--check")

    assert code == 2
    assert "line 1, amount_out: is missing" in err


@pytest.mark.parametrize("kind", ["uniswap_v2", "sushiswap_v2", "uniswap_v3", "pancakeswap_v3"])
def test_agrees_with_recorded_swaps_of_real_contracts(run, tmp_path, kind):
    if SHARED is None:
        pytest.skip("../shared is not here: the recorded swaps are no part of the project")
    recorded = SHARED / "vectors" / f"{kind}.jsonl.gz"
    lines = gzip.decompress(recorded.read_bytes()).splitlines(keepends=True)[::5]
    some = tmp_path / "some.jsonl"
    some.write_bytes(b"".join(lines))

    code, out, err = run("--vectors", some, "--check")

    assert (code, err.strip()) == (0, f"{kind}: {len(lines)} compared, 0 differ")
    for line, answer in zip(lines, map(json.loads, out.splitlines()), strict=True):
        record = json.loads(line)
        assert answer["id"] == record["id"]
        if record.get("filled") is False and record["revert"] is None:
            assert answer["filled"] is False
            assert answer["amount_in"] == record["amount_in"]
            assert answer["amount_out"] == record["amount_out"]
            assert ("least_in" in answer) == (record["mode"] == "exact_out")


def quote_one(run, file, *words):
    return run("--pools", file(RECORD), "--pool", POOL, *words)


def test_says_what_one_pool_pays(run, file):
    code, out, _ = quote_one(run, file, "--in", "WETH", "--amount", "1WETH")

    assert code == 0
    assert "1 WETH pays 1593.61 USDC" in out
    assert f"{10**18} -> {PAID}" in out
    assert "max_in  5192296858533827628530496329220095" in out
    assert "amount_out(z) <= (" in out


@pytest.mark.parametrize("taken", ["WETH", WETH, "0"])
def test_writes_one_quote_as_json(run, file, taken):
    code, out, _ = quote_one(run, file, "--in", taken, "--amount", 10**18, "--json")

    answer = json.loads(out)
    assert code == 0
    assert answer["pool"] == POOL
    assert (answer["token_in"], answer["token_out"]) == (WETH, USDC)
    assert answer["amount_out"] == str(PAID)
    slope, offset, den = (int(answer["line"][key]) for key in ("slope_num", "offset_num", "den"))
    assert slope * 10**18 + offset >= PAID * den


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--in", "DAI", "--amount", "1"], "--in DAI: no pool holds a token of that symbol"),
        (["--in", "2", "--amount", "1"], "--in 2: the pool's tokens are 0 to 1"),
        (["--in", "0", "--out", "WETH", "--amount", "1"], "is the token that goes in"),
        (["--in", "0", "--amount", "x"], "give smallest units"),
        (["--in", "0", "--amount", str(2**112)], "the pair takes at most"),
        (["--in", "0"], "give --vectors FILE, or all of"),
        (["--in", "0", "--amount", "1", "--check"], "--check compares recorded swaps"),
        (["--in", "0", "--amount", "1", "--vectors", "x"], "--vectors stands alone"),
    ],
)
def test_answers_bad_input_with_place_and_cure(run, file, words, says):
    code, out, err = quote_one(run, file, *words)

    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


def test_says_that_a_pool_is_not_in_the_file(run, file):
    code, _, err = run("--pools", file(RECORD), "--pool", "0x12", "--in", "0", "--amount", "1")

    assert code == 2
    assert "--pool 0x12: is none of the 1 pools" in err
