"""``arbx plugins list`` reads metadata only, and says what is wrong with each plugin."""

import json
import subprocess
import sys

import pytest


def put(folder, name, *, distribution=None, requires="arbx>=0.1", module=True, text=None):
    distribution = distribution or f"arbx-dex-{name}"
    info = folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
    (info / "METADATA").write_text(f"{metadata}Requires-Dist: {requires}\n")
    entry = text or f"[arbx]\n{name} = fake_{name.replace('-', '_')}\n"
    (info / "entry_points.txt").write_text(entry)
    if module:
        source = "raise AssertionError('imported')"
        (folder / f"fake_{name.replace('-', '_')}.py").write_text(source)


@pytest.fixture
def rows(arbx_cli, tmp_path):
    def rows(*arguments, **environment):
        done = arbx_cli(
            "plugins", "list", "--json", *arguments, path=[tmp_path / "shelf"], **environment
        )
        assert done.returncode == 0, done.stderr
        return {row["name"]: row for row in json.loads(done.stdout)}

    return rows


def test_tells_what_the_metadata_tells(rows, tmp_path):
    put(tmp_path / "shelf", "xyz", requires="arbx<9,>=0.1")

    assert rows()["xyz"] == {
        "name": "xyz", "kind": "dex", "version": "1.0", "distribution": "arbx-dex-xyz",
        "status": "available", "api": "arbx<9,>=0.1", "reason": "",
    }  # fmt: skip


def test_first_party_plugins_are_selected_where_nothing_is_configured(rows):
    assert rows()["uniswap-v2"]["status"] == "selected"


@pytest.mark.parametrize("way", ["option", "joined", "environment", "configuration", "file"])
def test_selected_is_what_was_named(rows, tmp_path, way):
    put(tmp_path / "shelf", "xyz")
    named = tmp_path / "named.toml"
    named.write_text('plugins = ["xyz"]')
    found = {
        "option": lambda: rows("-p", "xyz"),
        "joined": lambda: rows("--plugin=xyz"),
        "environment": lambda: rows(ARBX_PLUGINS="xyz"),
        "configuration": lambda: rows("--config", named),
        "file": lambda: rows(ARBX_CONFIG=str(named)),
    }[way]()

    assert found["xyz"]["status"] == "selected"
    assert found["uniswap-v2"]["status"] == "available"


def test_a_plugin_for_another_arbx_is_incompatible(rows, tmp_path):
    put(tmp_path / "shelf", "xyz", requires="arbx>=9")

    assert rows()["xyz"]["status"] == "incompatible"
    assert "needs arbx>=9" in rows()["xyz"]["reason"]


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"module": False}, "which is not there"),
        ({"text": "[arbx]\nno equals sign\n"}, "its metadata is broken"),
        ({"text": "[arbx]\nxyz = not a module!\n"}, "its "),
    ],
)
def test_a_plugin_that_cannot_work_has_failed(rows, tmp_path, how, reason):
    put(tmp_path / "shelf", "xyz", **how)

    assert rows()["xyz"]["status"] == "failed"
    assert reason in rows()["xyz"]["reason"]


def test_a_selected_plugin_that_is_not_installed_has_failed(rows):
    row = rows("-p", "xyz")["xyz"]

    assert row["status"] == "failed"
    assert row["reason"] == "plugin 'xyz' is not installed; try: pip install arbx-dex-xyz"


def test_prints_a_table_for_people_and_reasons_on_standard_error(arbx_cli, tmp_path):
    put(tmp_path / "shelf", "xyz", requires="arbx>=9")
    done = arbx_cli("plugins", "list", path=[tmp_path / "shelf"])

    assert done.stdout.splitlines()[0].split() == [
        "NAME", "KIND", "VERSION", "DISTRIBUTION", "STATUS", "API",
    ]  # fmt: skip
    assert "warning: xyz: arbx-dex-xyz needs arbx>=9" in done.stderr
    assert done.returncode == 0


def test_the_short_way_and_the_way_through_typer_print_the_same(arbx_cli, tmp_path):
    short = arbx_cli("plugins", "list", "-p", "uniswap-v2")
    code = "from arbx.cli.app import app; app(['-p', 'uniswap-v2', 'plugins', 'list'])"
    long = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert short.stdout == long.stdout
    assert long.returncode == 0
