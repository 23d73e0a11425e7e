"""Build and test the documentation's example plugin as its author would."""

import os
import pathlib
import subprocess
import sys
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs/examples/arbx-dex-example"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """Return a folder with the example's module and metadata, as an installer lays them."""
    folder = tmp_path_factory.mktemp("example")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=EXAMPLE,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(unpacked, *arguments):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=unpacked,
        env=os.environ | {"PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_example_passes_its_own_tests(unpacked):
    done = run(
        unpacked, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", EXAMPLE, EXAMPLE
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_passes_the_check(unpacked):
    done = run(unpacked, "-m", "arbx.testing.check", "example", "--json")

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_is_imported_only_when_it_is_named(unpacked):
    code = "import sys, arbx; arbx.Host.load(); print('arbx_dex_example' in sys.modules)"
    done = run(unpacked, "-c", code)

    assert done.stdout == "False\n", done.stderr
