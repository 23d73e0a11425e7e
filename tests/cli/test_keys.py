"""``arbx keys``: what it makes, what it reads, and that nothing it prints is a key."""

import hashlib
import os
import stat
import subprocess
import sys

import pytest

KEY = hashlib.sha256(b"known to everybody, worth nothing").hexdigest()
WORD = "correct horse battery"
CONFIG = """
plugins = ["keyfile"]
[chain]
chain_id = 31337
[keystores.main]
use = "keyfile"
path = "keys/main.json"
password = "env:WORD"
scrypt_n = 4096
"""


@pytest.fixture
def keys(arbx_cli, tmp_path):
    """Return a function that runs ``arbx keys`` with a configuration of one key store."""
    (tmp_path / "arbx.toml").write_text(CONFIG)

    def keys(*arguments, **environment):
        done = arbx_cli("keys", *arguments, **{"WORD": WORD, **environment})
        for secret in (KEY, WORD):
            assert secret not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    return keys


def address_of(done):
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_new_key_is_kept_listed_and_signs(keys, tmp_path):
    address = address_of(keys("new", "main"))
    tried = keys("test", "main")

    assert address_of(keys("address", "main")) == address
    assert f"main  keyfile  {address}" in address_of(keys("list", WORD=""))
    assert f"main: {address} signs for chain 31337" in address_of(tried)
    assert stat.S_IMODE((tmp_path / "keys/main.json").stat().st_mode) == 0o600


def test_the_only_key_store_needs_no_name(keys):
    assert address_of(keys("new")) == address_of(keys("address"))


def test_a_second_new_key_overwrites_nothing(keys):
    address = address_of(keys("new"))
    again = keys("new")

    assert again.returncode == 2
    assert "exists already; a key is never overwritten" in again.stderr
    assert address_of(keys("address")) == address


@pytest.mark.parametrize("source", ["env:KEY", "file:key.hex"])
def test_imports_a_key_by_reference(keys, tmp_path, source):
    (tmp_path / "key.hex").write_text(f"0x{KEY}\n")
    address = address_of(keys("import", "main", "--from", source, KEY=KEY))

    assert address == address_of(keys("address"))
    assert keys("test").returncode == 0


def test_imports_a_key_from_a_descriptor(tmp_path):
    (tmp_path / "arbx.toml").write_text(CONFIG)
    command = "import sys; from arbx.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", command, "keys", "import", "--from", "fd:0"],
        input=KEY, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60,
        env={**os.environ, "WORD": WORD},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert len(done.stdout.strip()) == 42
    assert KEY not in done.stdout + done.stderr


def test_a_provider_with_its_settings_needs_no_configuration(arbx_cli):
    wish = "keyfile:path=other.json,password=env:WORD,scrypt_n=4096"
    made = arbx_cli("keys", "new", wish, WORD=WORD)
    asked = arbx_cli("keys", "address", wish)

    assert made.returncode == 0, made.stderr
    assert made.stdout == asked.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("import", "--from", KEY), "is not prompt, env:NAME, file:PATH or fd:N"),
        (("import", "--from", "fd:x"), "is not prompt, env:NAME, file:PATH or fd:N"),
        (("import", "--from", "fd:77"), "--from fd:77: can't be read"),
        (("import", "--from", "env:UNSET"), "'UNSET' is not set; export it"),
        (("import", "--from", "env:SHORT"), "is no private key: 64 hex digits"),
        (("import", "--from", "env:ZEROS"), "that is no private key"),
        (("import",), "there is no terminal"),
        (("address", "other"), "no selected plugin offers 'other' among its keystores"),
        (("address", "keyfile:path"), "'path' is not key=value"),
        (("address", "keyfile:colour=red"), "colour is not a known key"),
        (("address",), "there is no such key file; `arbx keys new` makes one"),
        (("test",), "there is no such key file"),
    ],
)
def test_bad_input_is_one_line_with_the_cure(keys, arguments, says):
    done = keys(*arguments, SHORT="12ab", ZEROS="0" * 64)

    assert done.returncode == 2
    assert says in done.stderr
    assert done.stdout == ""


def test_a_wrong_password_is_bad_input(keys):
    keys("new")
    done = keys("test", WORD="something else")

    assert done.returncode == 2
    assert "the password (env:WORD) is wrong" in done.stderr
    assert "something else" not in done.stderr


def test_a_list_names_what_can_not_be_told(keys):
    done = keys("list")

    assert done.returncode == 1
    assert "warning: main:" in done.stderr
    assert "main  keyfile  ?" in done.stdout


def test_without_key_stores_it_says_what_to_write(arbx_cli):
    for command in ("list", "address"):
        done = arbx_cli("keys", command)

        assert done.returncode == 2
        assert "add [keystores.main]" in done.stderr


def test_several_key_stores_must_be_told_apart(keys, tmp_path):
    more = CONFIG + '[keystores.spare]\nuse = "keyfile"\npath = "spare.json"\n'
    (tmp_path / "arbx.toml").write_text(more)
    done = keys("address")

    assert done.returncode == 2
    assert "name one key store (main, spare): give its NAME" in done.stderr
