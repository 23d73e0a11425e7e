"""Where the recorded swaps are, and how a record becomes a curve."""

import gzip
import json
import pathlib

import pytest

import arbx
from arbx_dex_balancer import arbx_curves

SHARED = next(
    (
        parent / "shared"
        for parent in pathlib.Path(__file__).resolve().parents
        if (parent / "shared" / "vectors").is_dir()
    ),
    None,
)
MODELS = {model.kind: model for model in arbx_curves()}


@pytest.fixture
def models():
    return MODELS


@pytest.fixture
def price():
    def priced(record, token_in=None, token_out=None):
        model = MODELS[record["kind"]]
        chosen = [
            record[name] if given is None else given
            for name, given in (("token_in", token_in), ("token_out", token_out))
        ]
        return model.curve(model.parse(arbx.Fields(record)), *chosen)

    return priced


@pytest.fixture(scope="session")
def recorded():
    if SHARED is None:
        pytest.skip("../shared is not here: no recorded swaps to compare with")

    def read(kind):
        with gzip.open(SHARED / "vectors" / f"{kind}.jsonl.gz", "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    return read


@pytest.fixture(scope="session")
def snapshot():
    if SHARED is None:
        pytest.skip("../shared is not here: no real pools to read")
    text = (SHARED / "data" / "mainnet-2023-09-12-a.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
