"""Hold the tree to the house rules that no linter knows."""

import ast
import pathlib
import re
import subprocess
import tomllib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/*/pyproject.toml"))
PROJECTS = [ROOT, *PLUGINS]
SOURCES = sorted([*ROOT.glob("core/arbx/**/*.py"), *ROOT.glob("plugins/*/*/arbx_*/**/*.py")])


def toml(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno} imports relatively"
            yield node.module


def contract(key):
    contracts = toml(ROOT / "pyproject.toml")["tool"]["importlinter"]["contracts"]
    return next(entry for entry in contracts if entry["id"] == key)


def test_the_import_contracts_list_every_plugin():
    packages = sorted(path.name for path in ROOT.glob("plugins/*/*/arbx_*"))

    assert toml(ROOT / "pyproject.toml")["tool"]["importlinter"]["root_packages"] == [
        "arbx",
        *packages,
    ]
    assert contract("core")["forbidden_modules"] == packages
    assert contract("plugins")["modules"] == packages


# what the kernel may import: the errors, and the mark of public names
BELOW = {"arbx.errors", "arbx.public"}


def test_the_import_contract_of_the_kernel_lists_every_other_module_of_the_core():
    modules = {
        f"arbx.{path.stem}"
        for path in (ROOT / "core/arbx").iterdir()
        if not path.name.startswith("_")
        and (path.suffix == ".py" or (path / "__init__.py").exists())
    }

    listed = set(contract("kernel")["forbidden_modules"])
    assert listed == modules - {*BELOW, "arbx.kernel"}, "list it in pyproject.toml"


@pytest.mark.parametrize("path", sorted(ROOT.glob("core/arbx/kernel/*.py")), ids=name_of)
def test_the_kernel_imports_only_itself_and_what_is_below(path):
    ours = [name for name in imports_of(path) if name.split(".")[0] == "arbx"]

    assert all(name in BELOW or name.startswith("arbx.kernel") for name in ours)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_the_chain_imports_web3(path):
    heavy = {"web3", "eth_account"} & {name.split(".")[0] for name in imports_of(path)}

    assert not heavy or path.is_relative_to(ROOT / "core/arbx/chain") or signs(path, heavy)


def signs(path, heavy):
    keystores = (ROOT / "plugins/keystores", ROOT / "core/arbx/testing/reference_keystore.py")
    return heavy == {"eth_account"} and any(path.is_relative_to(place) for place in keystores)


@pytest.mark.parametrize("path", sorted(ROOT.glob("plugins/keystores/*/*/**/*.py")), ids=name_of)
def test_a_key_store_imports_eth_account_only_when_it_signs(path):
    top = ast.parse(path.read_text(encoding="utf-8")).body
    modules = {
        name.name if isinstance(node, ast.Import) else node.module
        for node in top
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in node.names
    }

    assert not {"eth_account", "eth_keys", "web3"} & {name.split(".")[0] for name in modules}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_modules_and_functions_stay_small(path):
    text = path.read_text(encoding="utf-8")
    functions = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]

    assert len(text.splitlines()) <= 500
    assert [f.name for f in functions if f.end_lineno - f.lineno >= 70] == []


@pytest.mark.parametrize("project", PLUGINS, ids=name_of)
def test_a_plugin_is_complete(project):
    described = toml(project / "pyproject.toml")["project"]
    name = described["name"]
    package = name.replace("-", "_")

    assert re.fullmatch(r"arbx-(dex|relay|alert|keystore)-[a-z0-9-]+", name)
    assert described["entry-points"]["arbx"] == {name.split("-", 2)[2]: package}
    assert (project / package / "py.typed").exists()
    assert list(project.glob("tests/test_*.py"))
    assert len((project / "README.md").read_text(encoding="utf-8").splitlines()) > 10


def test_tests_are_no_packages():
    # Two packages called "tests" are one to Python: a plugin's tests would run in place of another's.
    assert list(ROOT.glob("plugins/*/*/tests/__init__.py")) == []
    assert list(ROOT.glob("tests/**/__init__.py")) == []


def test_the_extra_all_brings_every_plugin():
    extras = toml(ROOT / "pyproject.toml")["project"]["optional-dependencies"]
    (families,) = re.findall(r"^arbx\[(.*)\]$", *extras["all"])
    brought = {name for family in families.split(",") for name in extras[family]}

    assert brought == {toml(path / "pyproject.toml")["project"]["name"] for path in PLUGINS}


def test_nothing_tracked_is_a_link_out_of_the_tree():
    """
    A link into a developer's own folders is broken in every other checkout.

    `node_modules/` in .gitignore names a folder only: a link of that name was committed once.
    """
    listed = subprocess.run(
        ["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("this tree is not a git checkout")
    links = [line.split("\t")[1] for line in listed.stdout.splitlines() if line[:6] == "120000"]

    assert not links
