"""The packaged contracts are what their sources say, and their words are Python's."""

import hashlib
import json
import os
import pathlib
import shutil
from importlib.resources import files

import pytest
from executor_stage import CONTRACTS
from hypothesis import given
from hypothesis import strategies as st

from arbx.chain.abi import argument_types
from arbx.execution.executor import MAX_STEP_BYTES, Order, Step, artefact, execute_call
from arbx.testing.localchain.build import compiled

FOLDER = pathlib.Path(str(files("arbx.execution.executor")))
SOURCES = [FOLDER / "Executor.vy", *sorted(CONTRACTS.glob("*.vy"))]
ORDER = Order("0x" + "11" * 20, 0, 1, 1, 1)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_artefact_was_made_of_this_source(source):
    record = json.loads(source.with_suffix(".json").read_text())

    assert record["source_sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert record["compiler"].startswith("vyper 0.4.3+")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_compiler_makes_the_same_of_it_again(source):
    vyper = os.environ.get("ARBX_VYPER") or shutil.which("vyper")
    if not vyper:
        pytest.skip("vyper 0.4.3 is not here; set ARBX_VYPER to its executable")

    assert compiled(source, vyper) == json.loads(source.with_suffix(".json").read_text())


def test_it_fits_into_a_block_and_the_size_limit():
    # EIP-170 limits what is deployed to 24,576 bytes; the creation code is a little more
    assert 0 < len(artefact().bytecode) < 24_576
    assert artefact().compiler.startswith("vyper 0.4.3+")


def test_execute_is_encoded_as_the_abi_says():
    entry = next(row for row in artefact().abi if row.get("name") == "execute")

    def spelt(item):
        inner = item["type"].replace("tuple", "")
        parts = item.get("components")
        return f"({','.join(map(spelt, parts))}){inner}" if parts else item["type"]

    call = execute_call("0x" + "22" * 20, ORDER, ())
    assert tuple(map(spelt, entry["inputs"])) == argument_types(call.signature)
    names = [item["name"] for item in entry["inputs"][0]["components"]]
    assert names == list(Order.__slots__[: len(names)])


@given(st.integers(-5, 5), st.integers(-5, 5))
def test_an_order_has_its_blocks_in_order(first, last):
    if first < 0 or last < first:
        with pytest.raises(ValueError, match="block"):
            Order("0x" + "11" * 20, 0, first, last, 1)
    else:
        assert Order("0x" + "11" * 20, 0, first, last, 1).last_block == last


def test_what_the_contract_could_not_take_is_refused_before():
    with pytest.raises(ValueError, match="1024 bytes"):
        Step("0x" + "11" * 20, bytes(MAX_STEP_BYTES + 1))
    with pytest.raises(ValueError, match="32 steps"):
        execute_call("0x" + "22" * 20, ORDER, [Step("0x" + "11" * 20, b"")] * 33)
    with pytest.raises(ValueError, match="max_payment_bps"):
        Order("0x" + "11" * 20, 0, 1, 1, 1, max_payment_bps=10_001)
