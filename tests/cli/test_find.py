"""`arbx find` as a human and as a program use it."""

import gzip
import json
import pathlib
import subprocess
import sys

import pytest

from arbx.cli import main

WETH, USDC, SCAM = ("0x" + digits * 20 for digits in ("c0", "a0", "66"))
SHARED = next(
    (
        p / "shared"
        for p in pathlib.Path(__file__).resolve().parents
        if (p / "shared" / "vectors").is_dir()
    ),
    None,
)


def token(address, symbol, decimals=18):
    return {"address": address, "symbol": symbol, "decimals": decimals}


def pool(number, tokens, reserves, kind="uniswap_v2"):
    state = {"reserve0": str(reserves[0]), "reserve1": str(reserves[1])}
    return {
        "chain_id": 1,
        "block": 1,
        "kind": kind,
        "dex": None,
        "address": f"0x{number:040x}",
        "tokens": tokens,
        "state": state | {"fee_num": 997, "fee_den": 1000},
    }


PAIR = [token(WETH, "WETH"), token(USDC, "USDC", 6)]
POOLS = [
    pool(1, PAIR, (10**21, 1_600_000 * 10**6)),
    pool(2, PAIR, (103 * 10**19, 1_600_000 * 10**6)),
    pool(3, PAIR, (10**21, 1_600_300 * 10**6)),
    pool(4, PAIR, (1, 1), kind="balancer_weighted"),
]


@pytest.fixture
def file(tmp_path):
    def write(*records):
        path = tmp_path / "pools.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        return str(path)

    return write


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no arbx.toml here
    monkeypatch.delenv("ARBX_PLUGINS", raising=False)

    def call(*words):
        code = main(["find", "-p", "uniswap-v2", *map(str, words)])
        return code, *capsys.readouterr()

    return call


def test_writes_json_lines_best_first_and_nothing_else(run, file):
    code, out, err = run("--pools", file(*POOLS), "--base", "WETH", "--json")

    found = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert len(found) == 2
    assert [int(entry["profit"]) for entry in found] == sorted(
        (int(entry["profit"]) for entry in found), reverse=True
    )
    for entry in found:
        assert list(entry) == ["cycle", "amount_in", "profit", "upper_bound", "gap"]
        assert int(entry["upper_bound"]) - int(entry["profit"]) == int(entry["gap"]) >= 0
        first, last = entry["cycle"][0], entry["cycle"][-1]
        assert list(first) == [
            "pool",
            "kind",
            "token_in",
            "token_out",
            "amount_in",
            "amount_out",
        ]
        assert first["token_in"] == last["token_out"] == WETH
        assert first["amount_in"] == entry["amount_in"]
        assert int(last["amount_out"]) - int(first["amount_in"]) == int(entry["profit"])
    assert "3 pools, 1 skipped (balancer_weighted), 6 cycles" in err


def test_shows_people_a_table_in_tokens(run, file):
    code, out, err = run("--pools", file(*POOLS), "--base", "WETH")

    assert code == 0
    assert "WETH → USDC →" in out
    assert "uniswap_v2 ×2" in out
    assert err.rstrip().endswith("2 found")


def test_base_by_address_and_length_two(run, file):
    code, out, _ = run(
        "--pools", file(*POOLS), "--base", "0x" + "C0" * 20, "--max-length", 2, "--json"
    )

    assert code == 0
    assert len(out.splitlines()) == 2


def test_lists_a_cycle_for_the_first_base_only(run, file):
    path = file(*POOLS)

    _, out, _ = run("--pools", path, "--base", "USDC", "--base", "WETH", "--json")

    assert {json.loads(line)["cycle"][0]["token_in"] for line in out.splitlines()} == {USDC}
    _, alone, _ = run("--pools", path, "--base", "WETH", "--json")
    assert len(alone.splitlines()) == len(out.splitlines())


def test_top_and_min_profit_keep_the_best(run, file):
    path = file(*POOLS)
    _, everything, _ = run("--pools", path, "--base", "WETH", "--json")
    best = everything.splitlines()[0]

    for words in (["--top", 1], ["--min-profit", json.loads(best)["profit"]]):
        _, out, _ = run("--pools", path, "--base", "WETH", "--json", *words)
        assert out.splitlines() == [best]
    _, nothing, err = run("--pools", path, "--base", "WETH", "--json", "--min-profit", "9WETH")
    assert nothing == ""
    assert "0 found" in err


def test_exact_closes_the_proof(run, file):
    _, out, _ = run("--pools", file(*POOLS), "--base", "WETH", "--json", "--exact")

    assert [json.loads(line)["gap"] for line in out.splitlines()] == ["0", "0"]


def test_nothing_that_pays_is_no_error(run, file):
    code, out, err = run("--pools", file(POOLS[0]), "--base", "WETH")

    assert (code, out) == (0, "")
    assert "0 found" in err


def test_reads_gzip(run, file, tmp_path):
    path = tmp_path / "pools.jsonl.gz"
    path.write_bytes(gzip.compress(pathlib.Path(file(*POOLS)).read_bytes()))

    code, out, _ = run("--pools", path, "--base", "WETH", "--json")

    assert code == 0
    assert len(out.splitlines()) == 2


def test_skips_bad_lines_only_when_asked_to(run, file):
    path = file(POOLS[0], pool(9, PAIR, ("x", 1)), POOLS[1])

    code, out, err = run("--pools", path, "--base", "WETH", "--json")

    assert (code, out) == (2, "")
    assert "pools.jsonl, line 2, state.reserve0: is 'x', not a decimal integer" in err
    assert "--skip-bad" in err
    code, out, err = run("--pools", path, "--base", "WETH", "--json", "--skip-bad")
    assert code == 0
    assert len(out.splitlines()) == 1
    assert "skipped: " in err
    assert "1 bad lines skipped" in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "--pools FILE or --rpc URL"),
        (["--pools", "{}", "--rpc", "http://x"], "leave --rpc and --source out"),
        (["--pools", "{}"], "no base token: give --base WETH"),
        (["--pools", "{}", "--base", "XYZ"], "no pool holds a token of that symbol"),
        (["--pools", "{}", "--base", "weth"], "did you mean WETH?"),
        (["--pools", "{}", "--base", "0x12"], "is not an address"),
        (["--pools", "{}", "--base", "WETH", "--max-length", "5"], "max-length"),
        (["--pools", "{}", "--base", "WETH", "--top", "0"], "top"),
        (["--pools", "{}", "--base", "WETH", "--min-profit", "0.1"], "has a point"),
        (["--pools", "{}", "--base", "WETH", "--min-profit", "1DAI"], "no base token has the symbol"),
        (["--pools", "{}", "--base", "WETH", "--min-profit", "-5"], "give smallest units"),
        (["--pools", "nowhere.jsonl", "--base", "WETH"], "nowhere.jsonl: can't be read"),
    ],
)  # fmt: skip
def test_answers_bad_input_with_place_and_cure(run, file, words, says):
    path = file(*POOLS)

    code, out, err = run(*[path if word == "{}" else word for word in words])

    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


def test_never_picks_one_of_two_tokens_of_the_same_symbol(run, file):
    scam = pool(7, [token(SCAM, "WETH"), token(USDC, "USDC", 6)], (10**21, 10**21))

    code, out, err = run("--pools", file(*POOLS, scam), "--base", "WETH", "--json")

    assert (code, out) == (2, "")
    assert f"{WETH} (3 pools), {SCAM} (1 pool)" in err


def test_finds_the_cycles_of_real_pools_in_time_and_memory():
    if SHARED is None:
        pytest.skip("../shared is not here: the recorded pools are no part of the project")
    path = SHARED / "data" / "mainnet-2023-09-12-a.jsonl"
    script = (
        "import resource, sys; from arbx.cli import main\n"
        "code = main(sys.argv[1:])\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(used.ru_maxrss // 1024, used.ru_utime + used.ru_stime, file=sys.stderr)\n"
        "sys.exit(code)"
    )
    words = [
        "find",
        "-p",
        "uniswap-v2",
        "-p",
        "uniswap-v3",
        "--pools",
        str(path),
        "--base",
        "WETH",
    ]

    done = subprocess.run(
        [sys.executable, "-c", script, *words, "--json"],
        capture_output=True,
        text=True,
        check=True,
    )

    megabytes, seconds = done.stderr.splitlines()[-1].split()
    assert int(megabytes) <= 300
    assert float(seconds) <= 3
    assert "644 pools, 7 skipped (balancer_stable), 185 skipped (balancer_weighted)" in done.stderr
    assert "13,876 cycles" in done.stderr
    assert len(done.stdout.splitlines()) > 1_000
