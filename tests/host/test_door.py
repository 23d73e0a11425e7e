"""The one public door: its tables agree, and passing through it is fast."""

import ast
import inspect
import resource
import subprocess
import sys

import pytest

import arbx
from arbx import api

HEAVY = ("web3", "eth_account", "eth_utils", "eth_abi", "numpy", "pydantic", "scipy", "gmpy2")


def seen_by_type_checkers():
    [block] = [
        node
        for node in ast.parse(inspect.getsource(api)).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    return {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_type_checkers_see_the_names_that_programs_get():
    at_run_time = {name: module for module, names in api.EXPORTS.items() for name in names}

    assert seen_by_type_checkers() == at_run_time
    assert sorted(at_run_time) == api.__all__
    assert set(arbx.__all__) == {*at_run_time, "__version__"}


@pytest.mark.parametrize("name", api.__all__)
def test_every_name_is_there(name):
    assert getattr(arbx, name) is getattr(api, name)


@pytest.mark.parametrize("module", [arbx, api])
def test_other_names_are_not(module):
    with pytest.raises(AttributeError, match="no attribute 'frob'"):
        _ = module.frob


def loaded_after(statement):
    code = f"import sys\n{statement}\nprint(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stderr.split()}


@pytest.mark.parametrize(
    "statement",
    [
        "import arbx",
        "from arbx.cli import main; main(['plugins', 'list'])",
        "from arbx.cli import main; main(['plugins', 'list', '--json', '-p', 'no:curve'])",
    ],
)
def test_nothing_heavy_is_on_the_way(statement):
    assert loaded_after(statement).isdisjoint(HEAVY)


def test_help_imports_nothing_of_a_chain_or_of_numbers():
    loaded = loaded_after("from arbx.cli import main; main(['--help'])")

    assert loaded.isdisjoint(set(HEAVY))


@pytest.mark.parametrize(
    ("limit_s", "arguments"),
    [
        (0.15, ["-c", "import arbx"]),
        (0.3, ["-c", "from arbx.cli import main; main(['--help'])"]),
        (0.3, ["-c", "from arbx.cli import main; main(['plugins', 'list'])"]),
    ],
)
def test_starts_fast(limit_s, arguments):
    def once():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # Processor time, and the best of several: other programs on the machine are not what is measured.
    assert min(once() for _ in range(5)) < limit_s
