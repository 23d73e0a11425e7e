"""The key store on its file: what it reads, what it refuses, what it writes."""

import asyncio
import io
import json
import stat
import threading

import pytest

import arbx
from arbx.testing.leaks import leak_in, shown_by
from arbx_keystore_keyfile import Keyfile, KeyfileSettings


def shown_by_us(error):
    """Return what the error shows, without this test's own frame, which knows the secrets."""
    return shown_by(error.with_traceback(error.__traceback__.tb_next))


def secrets_of(recorded):
    return (bytes.fromhex(recorded["key"]), recorded["password"])


async def test_signs_the_recorded_transaction_to_the_byte(write, build, recorded):
    write()
    raw = await build().sign(recorded["transaction"])

    assert raw.hex() == recorded["raw"]


async def test_signs_hex_quantities_as_nodes_write_them(write, build, recorded):
    write()
    asked = {n: hex(v) if isinstance(v, int) else v for n, v in recorded["transaction"].items()}
    raw = await build().sign({**asked, "from": recorded["address"], "data": "0x"})

    assert raw.hex() == recorded["raw"]


def test_knows_its_address_without_the_password(write, build, recorded):
    write()

    assert build(password="env:NOT_SET").address == recorded["address"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o601])
def test_refuses_a_file_that_others_may_use(write, build, mode):
    path = write(mode=mode)

    with pytest.raises(arbx.ConfigError, match=f"mode {mode:04o}.; chmod 600 {path}"):
        _ = build().address


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"version": 4}, "version is 4, not 3"),
        ({"version": None}, "version is None, not 3"),
        ({"crypto": None}, "crypto is missing"),
        ({"crypto": "aes"}, "crypto is missing"),
        ({"address": None}, "names no address"),
        ({"address": "0x12"}, "names no address"),
        ({"address": 7}, "names no address"),
    ],
)
def test_refuses_a_file_that_is_not_one(write, build, changes, says):
    path = write(**changes)

    with pytest.raises(arbx.ConfigError, match=says) as refusal:
        _ = build().address
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\x00", "[" * 5_000, " " * 200_000])
def test_refuses_a_file_that_is_no_json_object(write, build, text):
    write(text)

    with pytest.raises(arbx.ConfigError, match="no JSON object"):
        _ = build().address


def test_says_how_to_make_a_file_that_is_missing(build):
    with pytest.raises(arbx.ConfigError, match="no such key file; `arbx keys new` makes one"):
        _ = build().address


def test_refuses_a_folder(build):
    with pytest.raises(arbx.ConfigError, match="is not a file"):
        _ = build(path=".").address


async def test_accepts_what_geth_writes(write, build, recorded):
    # Lower case, and a capital C: both are found in the wild.
    crypto = recorded["keyfile"]["crypto"]
    write(address=recorded["address"][2:], crypto=None, Crypto=crypto)
    raw = await build().sign(recorded["transaction"])

    assert raw.hex() == recorded["raw"]


async def test_a_wrong_password_is_named_by_its_reference(write, build):
    write()

    with pytest.raises(arbx.ConfigError, match=r"the password \(env:WRONG\) is wrong"):
        await build(password="env:WRONG").sign_message(b"arbx")


async def test_a_wrong_password_is_shown_nowhere(write, build, recorded):
    write()
    with pytest.raises(arbx.ConfigError) as refusal:
        await build(password="env:WRONG").sign_message(b"arbx")

    assert not leak_in(shown_by_us(refusal.value), ("arbx-toast", *secrets_of(recorded)))


@pytest.mark.parametrize(
    "damage", [{"kdf": "md5"}, {"kdfparams": {}}, {"mac": "zz"}, {"cipher": "rot13"}]
)
async def test_a_damaged_file_is_an_error_of_its_own(write, build, recorded, damage):
    path = write(crypto={**recorded["keyfile"]["crypto"], **damage})

    with pytest.raises(arbx.ConfigError, match=str(path)) as refusal:
        await build().sign_message(b"arbx")
    assert not leak_in(shown_by_us(refusal.value), secrets_of(recorded))


async def test_a_file_that_names_another_address_is_refused(write, build, recorded):
    write(address="00" * 20)

    with pytest.raises(arbx.ConfigError, match=f"and holds {recorded['address']}"):
        await build().sign_message(b"arbx")


async def test_a_failed_unlocking_can_be_tried_again(write, build, recorded):
    write(address="00" * 20)
    store = build()
    with pytest.raises(arbx.ConfigError):
        await store.sign_message(b"arbx")
    write()

    assert (await store.sign(recorded["transaction"])).hex() == recorded["raw"]


def test_unlocks_once_for_many_threads(write, recorded, tmp_path):
    write()
    asked = []
    context = arbx.Context("main", 1, lambda ref: asked.append(ref) or recorded["password"])
    settings = KeyfileSettings(path=str(tmp_path / "main.json"), password="env:PASSWORD")
    store, found = Keyfile(settings, context), []

    def sign():
        found.append(asyncio.run(store.sign(recorded["transaction"])).hex())

    threads = [threading.Thread(target=sign) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [recorded["raw"]] * 6
    assert asked == ["env:PASSWORD"]


async def test_a_new_key_signs_and_only_its_owner_may_read_it(build, tmp_path):
    address = build(path="keys/main.json").create()
    store = build(path="keys/main.json")
    file = tmp_path / "keys/main.json"

    assert store.address == address
    assert len(await store.sign_message(b"arbx")) == 65
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]  # nothing half-written is left


def test_two_new_keys_differ(build):
    assert build(path="a.json").create() != build(path="b.json").create()


async def test_keeps_an_imported_key(build, recorded):
    address = build().adopt(bytes.fromhex(recorded["key"]))
    raw = await build().sign(recorded["transaction"])

    assert address == recorded["address"]
    assert raw.hex() == recorded["raw"]


def test_a_written_file_holds_neither_key_nor_password(build, recorded, tmp_path):
    build().adopt(bytes.fromhex(recorded["key"]))
    content = json.loads((tmp_path / "main.json").read_text())

    assert not leak_in(json.dumps(content), secrets_of(recorded))
    assert content["crypto"]["kdfparams"]["n"] == 4096


@pytest.mark.parametrize("make", [Keyfile.create, lambda store: store.adopt(b"\x01" * 32)])
def test_never_overwrites_a_key(write, build, recorded, make):
    path = write()

    with pytest.raises(arbx.ConfigError, match="exists already; a key is never overwritten"):
        make(build())
    assert json.loads(path.read_text()) == recorded["keyfile"]


@pytest.mark.parametrize("key", [b"", b"\x00" * 32, b"\xff" * 32, b"\x01" * 31, b"\x01" * 33])
def test_refuses_what_is_no_private_key_and_does_not_repeat_it(build, key, tmp_path):
    with pytest.raises(arbx.ConfigError, match="that is no private key") as refusal:
        build().adopt(key)

    assert not key or key.hex() not in shown_by_us(refusal.value)
    assert not (tmp_path / "main.json").exists()


def test_refuses_an_empty_password_for_a_new_key(build, tmp_path):
    with pytest.raises(arbx.ConfigError, match="the password is empty"):
        build(password="env:EMPTY").create()
    assert not (tmp_path / "main.json").exists()


def test_asks_for_a_new_password_twice(tmp_path):
    settings = KeyfileSettings(path=str(tmp_path / "main.json"), scrypt_n=4096)
    asked, answers = [], iter(["one", "two", "one", "one"])

    def ask(prompt):
        asked.append(prompt)
        return next(answers)

    store = Keyfile(settings, arbx.Context("main", 1), ask=ask)
    with pytest.raises(arbx.ConfigError, match="typed differently"):
        store.create()
    address = store.create()

    assert len(asked) == 4
    assert store.address == address


async def test_without_a_terminal_there_is_nobody_to_ask(write, build, monkeypatch):
    write()
    monkeypatch.setattr("sys.stdin", io.StringIO())

    with pytest.raises(arbx.ConfigError, match='no terminal to ask at; set password = "env:NAME"'):
        await build(password=None).sign_message(b"arbx")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"password": "hunter2"}, "password is wrong: is not a reference"),
        ({"scrypt_n": 5_000}, "scrypt_n is wrong: is no power of two"),
        ({"scrypt_n": 2}, "scrypt_n is wrong"),
        ({"path": ""}, "path is wrong"),
        ({"key": "0x12"}, "key is not a known key"),
    ],
)
def test_refuses_wrong_settings_and_repeats_no_secret(build, settings, says):
    with pytest.raises(arbx.ConfigError, match=says) as refusal:
        build(**settings)

    assert "hunter2" not in str(refusal.value)
