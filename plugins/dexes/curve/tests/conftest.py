"""Recorded swaps of Curve's real contracts, where the machine has them."""

import gzip
import json
import pathlib

import pytest

SHARED = next(
    (
        parent / "shared"
        for parent in pathlib.Path(__file__).resolve().parents
        if (parent / "shared" / "vectors").is_dir()
    ),
    None,
)


@pytest.fixture(scope="session")
def recorded():
    """Return a function from a kind to its recorded swaps; skip where they are not here."""

    def read(kind):
        if SHARED is None:
            pytest.skip("../shared is not here: recorded swaps can't be compared")
        with gzip.open(SHARED / "vectors" / f"{kind}.jsonl.gz", "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    return read
