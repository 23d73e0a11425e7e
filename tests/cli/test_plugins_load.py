"""A command reports each broken plugin by name, and stops only where that one was asked for."""

import gzip
import json

import pytest

BROKEN = "import no_such_package"


@pytest.fixture
def shelf(tmp_path):
    """Put a broken plugin named xyz on a shelf."""
    folder = tmp_path / "shelf"
    info = folder / "arbx_dex_xyz-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: arbx-dex-xyz\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[arbx]\nxyz = fake_xyz\n")
    (folder / "fake_xyz.py").write_text(BROKEN)
    return folder


@pytest.fixture
def vectors(tmp_path):
    """Write one vector for the V2 plugin."""
    path = tmp_path / "vectors.jsonl.gz"
    state = {"reserve0": "1000", "reserve1": "1000", "fee_num": 997, "fee_den": 1000}
    record = {
        "id": "one", "kind": "uniswap_v2", "state": state, "token_in": 0, "token_out": 1,
        "mode": "exact_in", "amount_in": "100",
    }  # fmt: skip
    with gzip.open(path, "wt") as file:
        file.write(json.dumps(record) + "\n")
    return path


def test_a_broken_plugin_that_nobody_selected_is_not_even_imported(arbx_cli, shelf, vectors):
    done = arbx_cli("quote", "--vectors", vectors, path=[shelf])

    assert done.returncode == 0
    assert json.loads(done.stdout) == {"id": "one", "amount_out": "90"}
    assert done.stderr == ""


@pytest.mark.parametrize("way", ["option", "environment"])
def test_a_broken_plugin_that_was_named_is_an_error(arbx_cli, shelf, vectors, way):
    if way == "option":
        words, more = ["-p", "uniswap-v2", "-p", "xyz"], {}
    else:
        words, more = [], {"ARBX_PLUGINS": "uniswap-v2,xyz"}
    done = arbx_cli("quote", "--vectors", vectors, *words, path=[shelf], **more)

    assert done.returncode == 2
    assert "error: xyz failed in import: ModuleNotFoundError: No module named" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_plugin_that_prints_does_not_spoil_the_results(arbx_cli, shelf, vectors):
    (shelf / "fake_xyz.py").write_text(
        "print('hello')\nimport arbx\n@arbx.hookimpl\ndef arbx_curves():\n    print('h')\n"
        "    return []\n"
    )
    done = arbx_cli(
        "quote", "--vectors", vectors, "-p", "xyz", "-p", "uniswap-v2", path=[shelf], check=True
    )

    assert json.loads(done.stdout) == {"id": "one", "amount_out": "90"}
    assert "warning: plugin 'xyz' printed while it was loaded: 'hello'" in done.stderr
