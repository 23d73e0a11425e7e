"""Hold the pinned requirements to what the projects declare, and free of addresses."""

import pathlib
import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROJECTS = [ROOT / "pyproject.toml", *sorted(ROOT.glob("plugins/*/*/pyproject.toml"))]
COMPILED = sorted(ROOT.glob("requirements/*.txt"))


def wanted(name):
    lines = (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").splitlines()
    bare = [line.partition("#")[0].strip() for line in lines]
    return [Requirement(line) for line in bare if line and not line.startswith("-")]


def pinned(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE)


def declared():
    for path in PROJECTS:
        for line in tomllib.loads(path.read_text(encoding="utf-8"))["project"]["dependencies"]:
            requirement = Requirement(line)
            if not requirement.name.startswith("arbx"):
                yield requirement


def test_runtime_requirements_are_what_the_projects_declare():
    in_file = {requirement.name for requirement in wanted("runtime")}

    assert in_file == {requirement.name for requirement in declared()}


@pytest.mark.parametrize("name", ["build", "runtime", "dev", "docs"])
def test_what_is_wanted_is_pinned(name):
    missing = {canonicalize_name(r.name) for r in wanted(name)} - set(pinned(name))

    assert not missing, "run: make lock"


def test_the_pins_meet_every_declared_range():
    text = (ROOT / "requirements/runtime.txt").read_text(encoding="utf-8")
    versions = dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", text, re.MULTILINE))

    assert [
        str(r) for r in declared() if versions[canonicalize_name(r.name)] not in r.specifier
    ] == []


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.name)
def test_compiled_requirements_have_hashes_and_no_addresses(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    hashed = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")
    pin = re.compile(r"[a-z0-9-]+(?:\[[a-z,]+\])?==[^ ]+ (?:; .+ )?\\")

    assert [line for line in lines if not (hashed.fullmatch(line) or pin.fullmatch(line))] == []


def test_the_npm_lock_has_no_addresses():
    lock = ROOT / "package-lock.json"

    assert "://" not in re.sub(r'"url": "[^"]*"', "", lock.read_text(encoding="utf-8"))
