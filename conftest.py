"""Say what is not collected, and find the doctests of public classes, which say that they are of ``arbx.api``."""

import ast
import doctest
import functools
import inspect
import sys

import pytest

# scripts, run by hand to record a contract's answers
collect_ignore_glob = ["plugins/*/*/tests/record*.py"]
# alembic runs it, within a migration
collect_ignore = ["core/arbx/ledger/migrations/env.py"]

_says_it_is_of = doctest.DocTestFinder._from_module


@functools.cache
def _written_in(module):
    tree = ast.parse(inspect.getsource(module))
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


def _is_of(finder, module, found):
    """Go by the source where a class says that it is of the door."""
    if inspect.isclass(found) and found.__module__ == "arbx.api":
        return found.__name__ in _written_in(module)
    return _says_it_is_of(finder, module, found)


doctest.DocTestFinder._from_module = _is_of


@pytest.fixture(autouse=True)
def unconfigured_log():
    """Forget what a command has configured: it logs to the standard error of its own test, which is closed then."""
    yield
    if "structlog" in sys.modules:
        sys.modules["structlog"].reset_defaults()
