"""Run what the pages show: doctests, marked console sessions; and read every other block."""

import ast
import doctest
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import textwrap
import tomllib
from typing import NamedTuple

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        ROOT / "README.md",
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("plugins/*/*/README.md"),
    ]
)
_FENCE = re.compile(
    r"^(?P<indent> *)(?P<run><!-- run -->\n\s*)?```(?P<language>\w*)[^\n]*\n(?P<body>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
BIN = pathlib.Path(sys.executable).parent


class Block(NamedTuple):
    """One fenced block: its language, text, line, and whether the page asks for it to be run."""

    language: str
    body: str
    line: int
    run: bool


def name_of(page):
    return page.relative_to(ROOT).as_posix()


def blocks(page, language):
    text = page.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        if match["language"] == language:
            line = text.count("\n", 0, match.start("body")) + 1
            yield Block(language, match["body"], line, bool(match["run"]))


def with_blocks(language, keep=lambda block: True):
    return [page for page in PAGES if any(map(keep, blocks(page, language)))]


def is_session(block):
    return block.body.lstrip().startswith(">>>")


def sessions(page):
    """Return a page's examples as one doctest, so that later blocks know what earlier ones did."""
    text = ""
    for block in blocks(page, "python"):
        if is_session(block):
            text += "\n" * (block.line - 1 - text.count("\n")) + textwrap.dedent(block.body) + "\n"
    return text


@pytest.mark.parametrize("page", with_blocks("python", is_session), ids=name_of)
def test_examples_print_what_the_page_shows(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    example = doctest.DocTestParser().get_doctest(
        sessions(page), {"__name__": "__main__"}, name_of(page), str(page), 0
    )
    report = []
    result = doctest.DocTestRunner(optionflags=OPTIONS).run(example, out=report.append)

    assert result.failed == 0, "".join(report)


@pytest.mark.parametrize("page", with_blocks("python"), ids=name_of)
def test_python_blocks_compile(page):
    for block in blocks(page, "python"):
        if not is_session(block):
            text = "\n" * (block.line - 1) + textwrap.dedent(block.body)
            compile(text, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("page", with_blocks("toml"), ids=name_of)
def test_toml_blocks_parse(page):
    for block in blocks(page, "toml"):
        assert tomllib.loads(textwrap.dedent(block.body)) is not None


@pytest.mark.parametrize("page", with_blocks("json"), ids=name_of)
def test_json_blocks_are_json_values(page):
    decoder = json.JSONDecoder()
    for block in blocks(page, "json"):
        text = block.body.strip()
        while text:
            _, end = decoder.raw_decode(text)
            text = text[end:].lstrip()


@pytest.mark.parametrize("page", with_blocks("console", lambda b: b.run), ids=name_of)
def test_commands_print_what_the_page_shows(page, tmp_path):
    for block in blocks(page, "console"):
        if block.run:
            for command, expected in commands(textwrap.dedent(block.body)):
                printed = run(command, tmp_path)
                shown = f"{name_of(page)}:{block.line}: $ {command}\n{printed}"

                assert doctest.OutputChecker().check_output(expected, printed, OPTIONS), shown


def commands(body):
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def run(command, folder):
    program, *arguments = shlex.split(command)
    assert program == "arbx", "a page runs arbx and nothing else"
    environment = os.environ | {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    environment.pop("ARBX_PLUGINS", None)
    done = subprocess.run(
        [BIN / program, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return re.sub(r" +$", "", done.stdout + done.stderr, flags=re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_name_no_placeholder(page):
    text = page.read_text(encoding="utf-8")

    assert not re.search(r"\b(TBD|lorem ipsum|coming soon|FIX" r"ME)\b", text, re.IGNORECASE)


def test_the_readme_shows_the_example_plugin_as_it_is():
    source = (ROOT / "docs/examples/arbx-dex-example/arbx_dex_example/__init__.py").read_text()
    module = source[: source.index("EXAMPLE = {")].rstrip()
    hook = source[source.index("@arbx.hookimpl") :].rstrip()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert module in readme
    assert hook in readme
