"""Every mistake is one line on standard error and an exit code."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["frob"], "No such command 'frob'"),
        (["plugins", "list", "--frob"], "No such option: --frob"),
        (["--config", "none.toml", "plugins", "list"], "error: none.toml: there is no such file"),
        (["plugins", "list", "-p"], "-p' requires an argument"),
        (["plugins", "info", "xyz"], "error: plugin 'xyz' is not installed; try: pip install"),
        (["plugins", "check", "xyz"], "error: plugin 'xyz' is not installed"),
        (["plugins", "new", "frob", "xyz"], "error: 'frob' is not a kind of plugin; one of alert"),
        (["find", "--pools", "none.jsonl", "--base", "WETH"], "none.jsonl"),
        (["quote", "--vectors", "none.jsonl", "-p", "xyz"], "error: plugin 'xyz' is not install"),
        (["quote", "--vectors", "none.jsonl", "-p", "uniswap-v3", "-p", "no:uniswap-v3"],
         "error: no plugin is selected"),
    ],
)  # fmt: skip
def test_bad_input_is_one_error_and_exit_code_2(arbx_cli, arguments, says):
    done = arbx_cli(*arguments)

    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_configuration_that_is_wrong_is_named_by_line(arbx_cli, tmp_path):
    (tmp_path / "arbx.toml").write_text("\n[search]\nlength = 3\n")
    done = arbx_cli("quote", "--vectors", "-")

    assert done.returncode == 2
    assert done.stderr == (
        "error: arbx.toml, line 3: search.length is not a known key; "
        "see docs/reference/configuration.md\n"
    )


def test_global_options_stand_anywhere(arbx_cli):
    first = arbx_cli("-p", "uniswap-v2", "plugins", "list")
    last = arbx_cli("plugins", "list", "-p", "uniswap-v2")

    assert first.stdout == last.stdout
    assert first.returncode == 0


def test_tells_its_version(arbx_cli):
    import arbx

    assert arbx_cli("--version").stdout == f"arbx {arbx.__version__}\n"


def test_help_names_every_command(arbx_cli):
    done = arbx_cli("--help")

    assert done.returncode == 0
    for command in ("find", "quote", "pools", "plugins", "demo"):
        assert f"\n  {command} " in done.stdout


RAISING = """
import sys
from arbx.cli import main as entry
import arbx.cli.listing, arbx.cli.main

def fails(*_, **__):
    raise {error}

arbx.cli.listing.print_plugins = fails
sys.exit(entry(["plugins", "list", *sys.argv[1:]]))
"""


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        ("KeyboardInterrupt", 130, ""),
        ("BrokenPipeError", 141, ""),
        ("ZeroDivisionError('x')", 1, "error: ZeroDivisionError: x; this is a bug in arbx, run"),
        ("__import__('arbx').ConfigError('a: b; c')", 2, "error: a: b; c\n"),
    ],
)
def test_every_error_has_its_exit_code(error, code, says):
    command = [sys.executable, "-c", RAISING.format(error=error)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == code
    assert done.stderr.startswith(says)
    assert "Traceback" not in done.stderr


def test_debug_shows_the_traceback():
    command = [sys.executable, "-c", RAISING.format(error="ZeroDivisionError"), "--debug"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "Traceback" in done.stderr


def test_a_reader_who_goes_away_is_no_error():
    command = f'{sys.executable} -c "from arbx.cli import main; raise SystemExit(main())"'
    done = subprocess.run(
        f"{command} plugins list --json | true",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
