"""Hold the reference pages to what the program has: names, options, settings, hooks."""

import inspect
import pathlib
import re

import pydantic
import pytest
import typer.main

import arbx
import arbx.cli.app
import arbx.config
from arbx.api import EXPORTS
from arbx.hookspecs import HOOKS

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = sorted(name for names in EXPORTS.values() for name in names)


def page(name):
    return (ROOT / "docs/reference" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_has_a_docstring_of_its_own(name):
    value = getattr(arbx, name)
    if not inspect.isclass(value) and not inspect.isroutine(value):
        pytest.skip("is a value")

    assert (value.__doc__ or "").strip()


def test_the_page_of_public_names_lists_each_of_them_once():
    listed = re.findall(r"^::: [\w.]+\.(\w+)$", page("api"), re.MULTILINE)

    assert sorted(listed) == NAMES


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_is_documented(hook):
    assert hook in page("plugins")


def commands(command, path="arbx"):
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{path} {name}")


COMMANDS = dict(commands(typer.main.get_command(arbx.cli.app.app)))


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_and_its_options_are_documented(path):
    text = page("cli")
    options = [p.opts[-1] for p in COMMANDS[path].params if p.param_type_name == "option"]

    assert path in text
    assert [option for option in options if option not in text] == []


SETTINGS = sorted(
    {
        field.alias or name
        for entry in vars(arbx.config).values()
        if inspect.isclass(entry) and issubclass(entry, pydantic.BaseModel)
        for name, field in entry.model_fields.items()
    }
)


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_is_documented(setting):
    assert f"`{setting}`" in page("configuration") or f"{setting} =" in page("configuration")
