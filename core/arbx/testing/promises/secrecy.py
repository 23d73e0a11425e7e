"""What a key store promises about its key and its password: nobody sees them."""

from collections.abc import Mapping
from typing import Any

from arbx.protocols import KeyStore
from arbx.testing.case import Broken, NotBrought
from arbx.testing.leaks import leak_in, overhear, pickled, shown_by
from arbx.testing.promises import keystores
from arbx.testing.promises.keystores import KeyStoreCase, KeyStorePromise, dynamic

__all__ = [
    "KEYSTORE_PROMISES",
    "shows_no_secret_in_errors",
    "shows_no_secret_in_logs",
    "shows_no_secret_in_pickles",
    "shows_no_secret_in_repr",
    "shows_no_secret_to_child_processes",
]

Secrets = tuple[bytes | str, ...]


async def shows_no_secret_in_repr(case: KeyStoreCase) -> None:
    """Promise a repr and a str without key and password, before and after signing."""
    secrets, store = _secrets(case), case.make()
    before = f"{store!r} {store!s}"
    await store.sign(dynamic(case.chain_id))
    if leak_in(f"{before} {store!r} {store!s}", secrets):
        raise Broken("repr() or str() shows a secret")


async def shows_no_secret_in_logs(case: KeyStoreCase) -> None:
    """Promise logs, standard output and standard error without key and password."""
    secrets = _secrets(case)
    with overhear() as heard:
        await _use(case)
    if leak_in(heard.text, secrets):
        raise Broken("what is logged or printed shows a secret")


async def shows_no_secret_in_errors(case: KeyStoreCase) -> None:
    """Promise errors without secrets: text, chained errors, and local variables of every frame."""
    secrets, store = _secrets(case), case.make()
    await store.sign_message(b"arbx")
    for transaction in _refusable(case.chain_id):
        error = await _error_of(store, transaction)
        # The store itself is a local variable of its frames; how it prints has a promise of its own.
        if error is not None and leak_in(_without(shown_by(error), store), secrets):
            raise Broken(f"{type(error).__name__}, its chain or its frames show a secret")


async def shows_no_secret_in_pickles(case: KeyStoreCase) -> None:
    """Promise to refuse pickling, or pickles without key and password."""
    secrets, store = _secrets(case), case.make()
    await store.sign_message(b"arbx")
    if leak_in(pickled(store), secrets):
        raise Broken("a pickle of the store holds a secret")


async def shows_no_secret_to_child_processes(case: KeyStoreCase) -> None:
    """Promise child processes, if any, whose arguments hold no secret: every user can list them."""
    secrets = _secrets(case)
    with overhear() as heard:
        await _use(case)
    if leak_in("\n".join(heard.commands), secrets):
        raise Broken("the arguments of a child process show a secret")


def _secrets(case: KeyStoreCase) -> Secrets:
    if case.secrets is None:
        raise NotBrought("names no secrets, so that none can be looked for")
    return case.secrets


async def _use(case: KeyStoreCase) -> None:
    store = case.make()
    _ = store.address
    await store.sign(dynamic(case.chain_id))
    await store.sign_message(b"arbx")
    await _error_of(store, {})


async def _error_of(store: KeyStore, transaction: Mapping[str, Any]) -> Exception | None:
    try:
        await store.sign(transaction)
    except Exception as error:  # noqa: BLE001  # which class it is, other promises judge
        return error
    return None


def _refusable(chain_id: int) -> list[dict[str, Any]]:
    whole = dynamic(chain_id)
    wrong: tuple[dict[str, Any], ...] = (
        {"chainId": chain_id + 1}, {"nonce": None}, {"nonce": "seven"}, {"nonce": -1}, {"gas": 1 << 300},
        {"gas": 2.5}, {"to": "0x12"}, {"to": 7}, {"to": [1]}, {"data": "zz"}, {"data": "0xz"}, {"value": object()},
        {"type": 9}, {"type": 3}, {"accessList": [1]}, {"accessList": [{"address": 1, "storageKeys": [2]}]},
        {"accessList": [{"address": "0x12", "storageKeys": ["0x1"]}]}, {"maxFeePerGas": []}, {"surprise": 1},
        {"from": "0x" + "01" * 20},
    )  # fmt: skip
    return [{}, *({**whole, **change} for change in wrong)]


def _without(text: str, store: KeyStore) -> str:
    return text.replace(repr(store), "").replace(str(store), "")


KEYSTORE_PROMISES: tuple[KeyStorePromise, ...] = (
    keystores.address_never_changes,
    keystores.transactions_recover_to_its_address,
    keystores.messages_recover_to_its_address,
    keystores.signs_exactly_what_it_is_asked,
    keystores.signs_low_s,
    keystores.binds_the_chain_id,
    keystores.refuses_another_chain,
    keystores.refuses_a_missing_chain,
    keystores.refuses_what_is_incomplete,
    keystores.signs_many_at_once,
    shows_no_secret_in_repr,
    shows_no_secret_in_logs,
    shows_no_secret_in_errors,
    shows_no_secret_in_pickles,
    shows_no_secret_to_child_processes,
)
