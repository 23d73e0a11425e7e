"""The conformance tests of a relay, to inherit from."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import pytest

from arbx.protocols import Relay
from arbx.testing.case import NotBrought
from arbx.testing.promises import relays
from arbx.testing.promises.relay_case import RelayCase, RelayPromise, RelayServer
from arbx.testing.relay import LocalRelay

__all__ = ["RelayTests"]


class RelayTests:
    """
    Inherit this and return your relay, for the URL, signing key and time-out that it is given.

    The server speaks Flashbots' protocol; for another one override ``serve``. Say in *signs* and *replaces* what
    your protocol has not.
    """

    auth_key: ClassVar[bytes] = b"\x5e" * 31 + b"\xc7"
    timeout_s: ClassVar[float] = 0.25
    signs: ClassVar[bool] = True
    replaces: ClassVar[bool] = True

    def make_relay(self, url: str, auth_key: bytes, timeout_s: float) -> Relay:
        """Return the relay under test."""
        raise NotImplementedError(f"{type(self).__name__} gives no make_relay")

    @contextmanager
    def serve(self) -> Iterator[RelayServer]:
        """Give the server that the relay talks to."""
        # A wrong signature has a promise of its own; it shall not be blamed for others.
        with LocalRelay(verifies=False) as server:
            yield server

    def keep(self, promise: RelayPromise) -> None:
        """Hold the relay to the promise."""
        try:
            with self.serve() as server:
                asyncio.run(self._keep(promise, server))
        except NotBrought as why:
            pytest.skip(str(why))

    def test_signs_the_exact_bytes(self) -> None:
        self.keep(relays.signs_the_exact_bytes)

    def test_sends_all_transactions_in_order(self) -> None:
        self.keep(relays.sends_all_transactions_in_order)

    def test_names_the_target_block_in_hex(self) -> None:
        self.keep(relays.names_the_target_block_in_hex)

    def test_keeps_the_uuid_over_replacement(self) -> None:
        self.keep(relays.keeps_the_uuid_over_replacement)

    def test_sends_the_same_bytes_again(self) -> None:
        self.keep(relays.sends_the_same_bytes_again)

    def test_answers_belong_to_their_bundles(self) -> None:
        self.keep(relays.answers_belong_to_their_bundles)

    def test_believes_only_clear_answers(self) -> None:
        self.keep(relays.believes_only_clear_answers)

    def test_keeps_the_reason_of_a_rejection(self) -> None:
        self.keep(relays.keeps_the_reason_of_a_rejection)

    def test_calls_a_lost_answer_unknown(self) -> None:
        self.keep(relays.calls_a_lost_answer_unknown)

    def test_cancels_by_uuid(self) -> None:
        self.keep(relays.cancels_by_uuid)

    def test_cancels_only_what_the_relay_cancelled(self) -> None:
        self.keep(relays.cancels_only_what_the_relay_cancelled)

    def test_simulation_keeps_the_revert(self) -> None:
        self.keep(relays.simulation_keeps_the_revert)

    def test_simulation_fails_closed(self) -> None:
        self.keep(relays.simulation_fails_closed)

    def test_probe_sends_no_transaction(self) -> None:
        self.keep(relays.probe_sends_no_transaction)

    def test_probe_tells_whether_one_answers(self) -> None:
        self.keep(relays.probe_tells_whether_one_answers)

    def test_shows_no_secret(self) -> None:
        self.keep(relays.shows_no_secret)

    async def _keep(self, promise: RelayPromise, server: RelayServer) -> None:
        def make() -> Relay:
            return self.make_relay(server.url, self.auth_key, self.timeout_s)

        await promise(
            RelayCase(make, server, self.auth_key, self.timeout_s, self.signs, self.replaces)
        )
