"""Let the tests of this folder import its helper modules, and find the shared data."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))


@pytest.fixture(scope="session")
def shared():
    folders = pathlib.Path(__file__).resolve().parents
    found = next((p / "shared" for p in folders if (p / "shared" / "vectors").is_dir()), None)
    if found is None:
        pytest.skip("../shared is not here: the recorded pools are no part of the project")
    return found
