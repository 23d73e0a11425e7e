"""The kit's pages: they name everything, and what they show runs."""

import pathlib
import re
import subprocess
import sys

import pytest

from arbx.testing.promises import CURVE_PROMISES
from arbx.testing.promises.alerts import ALERT_PROMISES
from arbx.testing.promises.models import MODEL_PROMISES
from arbx.testing.promises.relays import RELAY_PROMISES
from arbx.testing.promises.secrecy import KEYSTORE_PROMISES
from arbx.testing.promises.sources import SOURCE_PROMISES
from arbx.testing.saboteurs import CURVE_SABOTEURS
from arbx.testing.saboteurs.alerts import ALERT_SABOTEURS
from arbx.testing.saboteurs.keystores import KEYSTORE_SABOTEURS
from arbx.testing.saboteurs.models import MODEL_SABOTEURS
from arbx.testing.saboteurs.relays import RELAY_SABOTEURS
from arbx.testing.saboteurs.sources import SOURCE_SABOTEURS

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
PROMISES = {
    promise.__name__
    for promise in (
        *CURVE_PROMISES,
        *SOURCE_PROMISES,
        *MODEL_PROMISES,
        *KEYSTORE_PROMISES,
        *ALERT_PROMISES,
        *RELAY_PROMISES,
    )
}
SABOTEURS = {
    **{p: {s.__name__ for s in found} for p, found in KEYSTORE_SABOTEURS.items()},
    **{p: {s.__name__ for s in found} for p, found in ALERT_SABOTEURS.items()},
    **{p: {s.__name__ for s in found} for p, found in CURVE_SABOTEURS.items()},
    **{p: {s.__name__ for s in found} for p, found in SOURCE_SABOTEURS.items()},
    **{p: {s.__name__ for s in found} for p, found in RELAY_SABOTEURS.items()},
    **{p: set(found) for p, found in MODEL_SABOTEURS.items()},
}


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def rows() -> dict[str, str]:
    found = re.findall(
        r"^\| `(\w+)` \|.*\| ([^|]*) \|$", page("reference/testing.md"), re.MULTILINE
    )
    return dict(found)


def test_the_reference_lists_every_promise_and_no_other() -> None:
    assert set(rows()) == PROMISES


@pytest.mark.parametrize("promise", sorted(PROMISES))
def test_the_reference_names_the_saboteurs_of_each_promise(promise: str) -> None:
    assert set(re.findall(r"`(\w+)`", rows()[promise])) == SABOTEURS[promise]


def test_the_example_of_the_how_to_passes(tmp_path: pathlib.Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", page("how-to/test-a-plugin.md"), re.DOTALL)
    named = {b.split("\n", 1)[0].removeprefix("# "): b for b in blocks if b.startswith("# ")}
    both = next(block for block in blocks if "TestBothDirections" in block)
    for name, text in {**named, "test_both.py": both}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )

    assert set(named) == {"pool.py", "test_pool.py", "test_source.py"}
    assert done.returncode == 0, done.stdout + done.stderr
    passed, skipped = map(int, re.findall(r"(\d+) passed, (\d+) skipped", done.stdout)[0])
    assert (passed, skipped) == (60, 16)  # nothing is skipped but pieces, ceiling and teeth, twice
