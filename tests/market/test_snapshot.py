"""Snapshot files: read strictly, written so that they read back."""

import asyncio
import gzip
import io
import json
import sys

import pytest
from pools import address, token

import arbx
from arbx import ConfigError, SnapshotError
from arbx.snapshot import provider, read_snapshot, write_snapshot


@pytest.fixture(scope="module")
def host():
    return arbx.Host.load(["uniswap-v2", "uniswap-v3"], strict=True)


def record(number=1, **changes):
    tokens = [
        {"address": token(n).address, "symbol": f"T{n}", "decimals": 18} for n in (0, number)
    ]
    state = {"reserve0": "1000000", "reserve1": str(2**60), "fee_num": 997, "fee_den": 1000}
    return {
        "chain_id": 1,
        "block": 18120000,
        "kind": "uniswap_v2",
        "dex": None,
        "address": address(number),
        "tokens": tokens,
        "state": state,
    } | changes


def lines(*records):
    return "".join(
        (entry if isinstance(entry, str) else json.dumps(entry)) + "\n" for entry in records
    )


@pytest.fixture
def written(tmp_path):
    def write(*records):
        path = tmp_path / "pools.jsonl"
        path.write_text(lines(*records))
        return path

    return write


def test_reads_pools_in_order_and_counts_unknown_kinds(host, written):
    path = written(record(1), "", record(3, kind="balancer_weighted"), "  ", record(2))

    snapshot = read_snapshot(path, host)

    assert [state.pool.address for state in snapshot.states] == [address(1), address(2)]
    assert snapshot.skipped == {"balancer_weighted": 1}
    assert snapshot.bad == ()


def test_reads_gzip_whatever_its_name(host, tmp_path):
    path = tmp_path / "pools.jsonl"
    path.write_bytes(gzip.compress(lines(record()).encode()))

    assert len(read_snapshot(path, host).states) == 1


def test_reads_standard_input(host, monkeypatch):
    raw = io.BufferedReader(io.BytesIO(lines(record()).encode()))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw))

    assert len(read_snapshot("-", host).states) == 1


def broken_state(**changes):
    return record(1, state=record()["state"] | changes)


BAD = [
    ("{", "is not JSON"),
    ("[1]", "is list, not a JSON object"),
    ('{"a": NaN}', "NaN is no number"),
    ('{"a": ' + "9" * 5000 + "}", "is not usable JSON"),
    ("[" * 100_000, "is not usable JSON"),
    ("{}", "kind: is missing"),
    (broken_state(reserve0="abc"), "state.reserve0: is 'abc', not a decimal integer"),
    (broken_state(reserve0=-1), "state.reserve0: is -1, below 0"),
    (broken_state(fee_num=1.5), "state.fee_num: is 1.5 .float., not an integer"),
    (record(1, state=None), "state: is missing"),
    (record(1, address="0x12"), "address: '0x12' is not"),
    (record(1, tokens=[]), "tokens: a pool has at least two tokens"),
    (record(1, chain_id="x"), "chain_id: is 'x', not a decimal integer"),
    (record(2), "address: pool .* is on line 1 already"),
    (record(3, chain_id=10), "chain_id: is 10, the pools before are on chain 1"),
]


@pytest.mark.parametrize(("line", "says"), BAD)
def test_names_file_line_and_field_of_what_is_wrong(host, written, line, says):
    path = written(record(2), "", line)

    with pytest.raises(SnapshotError, match=f"pools.jsonl, line 3.*{says}.*--skip-bad"):
        read_snapshot(path, host)


@pytest.mark.parametrize(("line", "says"), BAD)
def test_leaves_bad_lines_out_when_asked_to(host, written, line, says):
    path = written(record(2), line, record(5))

    snapshot = read_snapshot(path, host, skip_bad=True)

    assert [state.pool.address for state in snapshot.states] == [address(2), address(5)]
    assert len(snapshot.bad) == 1
    assert "line 2" in snapshot.bad[0]


def test_names_a_line_that_is_not_text(host, tmp_path):
    path = tmp_path / "pools.jsonl"
    path.write_bytes(b"\n\xff\xfe\n")

    with pytest.raises(SnapshotError, match="line 2: is not UTF-8 text"):
        read_snapshot(path, host)


def test_says_that_gzip_data_is_damaged(host, tmp_path):
    path = tmp_path / "pools.jsonl.gz"
    path.write_bytes(gzip.compress(lines(record()).encode())[:-20])

    with pytest.raises(SnapshotError, match="gzip data is damaged"):
        read_snapshot(path, host)


def test_says_that_a_file_is_not_there(host, tmp_path):
    with pytest.raises(SnapshotError, match=r"nowhere\.jsonl: can't be read: No such file"):
        read_snapshot(tmp_path / "nowhere.jsonl", host)


def test_what_is_written_reads_back(host, written, tmp_path):
    states = read_snapshot(written(record(1), record(2, dex="sushi")), host).states
    path = tmp_path / "again.jsonl"

    assert write_snapshot(states, host, path) == 2

    assert read_snapshot(path, host).states == states
    assert json.loads(path.read_text().splitlines()[1]) == record(2, dex="sushi")


def test_real_pools_read_back(host, shared, tmp_path):
    states = read_snapshot(shared / "data" / "mainnet-2023-09-12-a.jsonl", host).states
    path = tmp_path / "again.jsonl"

    write_snapshot(states, host, path)

    assert len(states) == 644
    assert read_snapshot(path, host).states == states


def test_large_integers_are_written_as_strings(host, written):
    class Raw:
        def record(self, state):
            return {"small": 2**53, "large": 2**53 + 1, "list": [[1, -(2**60)]], "flag": True}

    states = read_snapshot(written(record()), host).states
    out = io.StringIO()

    write_snapshot(states, Raw(), out)

    assert json.loads(out.getvalue()) == {
        "small": 2**53,
        "large": str(2**53 + 1),
        "list": [[1, str(-(2**60))]],
        "flag": True,
    }


def test_says_that_a_file_cannot_be_written(host, tmp_path):
    with pytest.raises(SnapshotError, match="can't be written: No such file"):
        write_snapshot([], host, tmp_path / "no" / "file.jsonl")


def source(host, **settings):
    return provider(host).build(settings, arbx.Context("recorded"))


def test_is_a_pool_source(host, written):
    found = source(host, path=str(written(record(1), record(2))))

    pools = asyncio.run(found.discover(None, block=5))
    states = asyncio.run(found.states(None, pools[1:], block=5))

    assert isinstance(found, arbx.PoolSource)
    assert [pool.address for pool in pools] == [address(1), address(2)]
    assert [state.pool for state in states] == pools[1:]
    assert found.topics == frozenset()
    assert found.apply(states[0], None) is states[0]
    with pytest.raises(ConfigError, match="'recorded' is a snapshot: its pools can't be traded"):
        found.swap(states[0], 0, 1, 1, 1, address(9))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "path: is missing"),
        ({"path": "x", "skipbad": True}, "'skipbad' is not one of path, skip_bad"),
        ({"path": "x", "skip_bad": 1}, "skip_bad: is 1, not true or false"),
    ],
)
def test_names_a_wrong_setting(host, settings, says):
    with pytest.raises(ConfigError, match=f"settings of 'recorded': {says}"):
        source(host, **settings)
