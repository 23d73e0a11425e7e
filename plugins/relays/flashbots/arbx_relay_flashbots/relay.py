"""Take bundles to a relay that speaks Flashbots' protocol."""

from collections.abc import Callable

import attrs

import arbx
from arbx_relay_flashbots import requests
from arbx_relay_flashbots.answers import Answer, Refusal, Result, Unclear, read_simulation
from arbx_relay_flashbots.identity import Identity, KeyIdentity, KeyStoreIdentity
from arbx_relay_flashbots.settings import FlashbotsSettings
from arbx_relay_flashbots.wire import Wire

__all__ = ["Flashbots"]

_STATUS = {
    Refusal: arbx.SubmissionStatus.REJECTED,
    Unclear: arbx.SubmissionStatus.UNKNOWN,
}


class Flashbots:
    """
    Submit, simulate, replace and cancel bundles, and submit private transactions.

    The key comes by reference (``auth_key``), or stays in a key store: the one that ``auth_keystore`` names, or a
    *keystore* that a program passes in.
    """

    def __init__(
        self,
        settings: FlashbotsSettings,
        context: arbx.Context,
        *,
        keystore: arbx.KeyStore | None = None,
    ) -> None:
        _check_chain(settings, context)
        self._name = context.name
        self._builders = settings.builders
        reveal = context.secrets or _not_resolved
        store = _keystore(settings, context) if keystore is None else keystore
        self._identity = _identity(settings, reveal, store)
        self._wire = Wire(lambda: _url(settings.target, reveal), settings.timeout_s)

    def __repr__(self) -> str:
        return f"Flashbots({self._name!r})"

    async def simulate(self, bundle: arbx.Bundle) -> arbx.Simulation:
        """Return what eth_callBundle says; RelayError for every answer that is not plainly a result."""
        answer = await self._ask("eth_callBundle", requests.call_bundle(bundle))
        if not isinstance(answer, Result):
            raise self._failed("eth_callBundle", answer.reason)
        try:
            return read_simulation(bundle, answer.value)
        except ValueError as error:
            why = f"the answer is not a simulation of this bundle: {error}"
            raise self._failed("eth_callBundle", why) from None

    async def submit(self, bundle: arbx.Bundle) -> arbx.Submission:
        """Submit by eth_sendBundle; a later bundle with the same replacement_uuid replaces this one."""
        why = requests.unfit(bundle)
        if why is not None:
            return self._submission(bundle, Refusal(why))
        params = requests.send_bundle(bundle, self._builders)
        answer = await self._ask("eth_sendBundle", params)
        if isinstance(answer, Result):
            value = answer.value
            told = value.get("bundleHash") if isinstance(value, dict) else None
            return self._accepted(bundle, told, bundle.bundle_hash)
        return self._submission(bundle, answer)

    async def submit_private(
        self, transaction: bytes, *, max_block: int, fast: bool = False
    ) -> arbx.Submission:
        """Submit one transaction by eth_sendPrivateTransaction, to be tried until *max_block*."""
        bundle = arbx.Bundle((transaction,), max_block)
        params = requests.private_transaction(bundle, self._builders, fast=fast)
        answer = await self._ask("eth_sendPrivateTransaction", params)
        if isinstance(answer, Result):
            return self._accepted(bundle, answer.value, bundle.tx_hashes[0])
        return self._submission(bundle, answer)

    async def cancel(self, submission: arbx.Submission) -> arbx.Submission:
        """Withdraw by eth_cancelBundle: every bundle of this key with the same replacement_uuid."""
        uuid = submission.bundle.replacement_uuid
        if uuid is None:
            why = "a bundle without replacement_uuid can't be withdrawn; give it one before it is sent"
            raise self._failed("eth_cancelBundle", why)
        answer = await self._ask("eth_cancelBundle", requests.cancel_bundle(uuid))
        if isinstance(answer, Result):  # what it says is documented nowhere
            cancelled = arbx.SubmissionStatus.CANCELLED
            return attrs.evolve(submission, status=cancelled, reason=None)
        reason = f"not cancelled: {answer.reason}"
        if isinstance(answer, Refusal):
            return attrs.evolve(submission, reason=reason)
        return attrs.evolve(submission, status=arbx.SubmissionStatus.UNKNOWN, reason=reason)

    async def status(self, submission: arbx.Submission) -> arbx.Submission:
        """Return the submission as it is: the relay's statistics were switched off on 9 June 2025."""
        return submission

    async def probe(self) -> str:
        """Ask for the simulation of nothing: a signed request that the relay itself must refuse."""
        body = requests.encode("eth_callBundle", requests.call_nothing())
        signature = await self._identity.header(body)
        signer = signature.partition(":")[0]
        answer = await self._post(body, signature)
        if isinstance(answer, Result):
            return f"answers {signer}"
        if isinstance(answer, Unclear) or not answer.spoken:
            raise self._failed("probe", f"{answer.reason}; check the url, and the way there")
        if "signature" in answer.reason.lower():
            cure = "refer auth_key to another key, or name another auth_keystore"
            raise self._failed("probe", f"takes no signature of {signer}: {answer.reason}; {cure}")
        return f"answers {signer}"

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()

    async def _ask(self, method: str, params: dict[str, object]) -> Answer:
        body = requests.encode(method, params)
        # The signature is over these very bytes, and only they are sent.
        return await self._post(body, await self._identity.header(body))

    async def _post(self, body: bytes, signature: str) -> Answer:
        headers = {"Content-Type": "application/json", "X-Flashbots-Signature": signature}
        return await self._wire.post(body, headers)

    def _accepted(self, bundle: arbx.Bundle, told: object, expected: str) -> arbx.Submission:
        if not isinstance(told, str) or told.lower() != expected:
            why = f"the answer does not name {expected}: is it about another bundle?"
            return self._submission(bundle, Unclear(why))
        accepted = arbx.SubmissionStatus.ACCEPTED
        return arbx.Submission(self._name, bundle, accepted, bundle_hash=expected)

    def _submission(self, bundle: arbx.Bundle, answer: Refusal | Unclear) -> arbx.Submission:
        return arbx.Submission(self._name, bundle, _STATUS[type(answer)], reason=answer.reason)

    def _failed(self, method: str, why: str) -> arbx.RelayError:
        return arbx.RelayError(f"{self._name}: {method}: {why}")


def _keystore(settings: FlashbotsSettings, context: arbx.Context) -> arbx.KeyStore | None:
    if settings.auth_keystore is None:
        return None
    if context.keystores is None:
        raise arbx.ConfigError(
            f"auth_keystore: nothing gives the key store {settings.auth_keystore!r}; give "
            "Context(keystores=…), or a reference: auth_key"
        )
    return context.keystores(settings.auth_keystore)


def _identity(
    settings: FlashbotsSettings, reveal: Callable[[str], str], keystore: arbx.KeyStore | None
) -> Identity:
    if keystore is not None:
        return KeyStoreIdentity(keystore)
    if settings.auth_key is None:
        raise arbx.ConfigError(
            'auth_key is missing; refer to a key of its own that holds no funds: auth_key = "env:NAME", '
            "or name its key store: auth_keystore = NAME"
        )
    return KeyIdentity(settings.auth_key, reveal)


def _check_chain(settings: FlashbotsSettings, context: arbx.Context) -> None:
    wanted = settings.chain_id
    if wanted is not None and context.chain_id not in (None, wanted):
        raise arbx.ConfigError(
            f"{context.name}: preset {settings.preset!r} is for chain {wanted}, and chain.chain_id is "
            f"{context.chain_id}; give the url of a relay for that chain"
        )


def _url(reference: str, reveal: Callable[[str], str]) -> str:
    url = reveal(reference) if reference.startswith(("env:", "file:")) else reference
    if not url.startswith(("http://", "https://")):
        raise arbx.ConfigError(f"url: {reference} does not hold a URL like https://host")
    return url


def _not_resolved(reference: str) -> str:
    raise arbx.ConfigError(f"{reference} can't be read: no Context.secrets was given to the relay")
