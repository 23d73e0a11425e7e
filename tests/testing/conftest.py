import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="session")
def tests_of() -> Callable[[type[Any]], set[str]]:
    """Name the tests that a kit class brings."""
    return lambda kit: {name for name in dir(kit) if name.startswith("test_")}


@pytest.fixture(scope="session")
def outcomes() -> Callable[[type[Any]], dict[str, str]]:
    """Run a kit class by hand: "" for each test that passes, else "skipped: why", "failed: why"."""

    def run(kit: type[Any]) -> dict[str, str]:
        return {name: _outcome(kit(), name) for name in sorted(dir(kit)) if name[:5] == "test_"}

    return run


def _outcome(kit: Any, name: str) -> str:
    try:
        answer = getattr(kit, name)()
        if inspect.iscoroutine(answer):
            asyncio.run(answer)
    except pytest.skip.Exception as why:
        return f"skipped: {why}"
    except Exception as error:  # noqa: BLE001  # reported as a failure
        return f"failed: {type(error).__name__}: {error}"
    return ""
