"""Boot anvil, and be sure to stop it."""

import os
import pathlib
import socket
import subprocess
import tempfile
import time
from typing import IO

from arbx.errors import ChainError, ConfigError
from arbx.testing.localchain.artifacts import CURE, anvil
from arbx.testing.localchain.rpc import Rpc

__all__ = ["GENESIS_TIMESTAMP", "SECONDS_PER_BLOCK", "Node"]

GENESIS_TIMESTAMP = 1_700_000_000
SECONDS_PER_BLOCK = 12
_GAS_LIMIT = 1_000_000_000


class Node:
    """An anvil process on a free port; what could differ between two runs is fixed."""

    def __init__(self, *, chain_id: int = 31_337, timeout_s: float = 30) -> None:
        self.port = _free_port()
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the node
        self._process = _started(_command(anvil(), self.port, chain_id), self._output)
        self.rpc = Rpc(self.port)
        try:
            self._await_start(timeout_s)
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        """Return the node's RPC URL."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """End the process; a second call does nothing."""
        self.rpc.close()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._output.close()

    def _await_start(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            answers = self._answers()
            # asked after the answer: on a port that was snatched from us somebody else would answer
            if self._process.poll() is not None:
                code = self._process.returncode
                raise ChainError(f"anvil ended with code {code}: {self._said()}; try again")
            if answers:
                return
            time.sleep(0.05)
        raise ChainError(f"anvil didn't answer within {timeout_s:g} s: {self._said()}")

    def _answers(self) -> bool:
        try:
            self.rpc.ask("eth_chainId")
        except ChainError:
            return False
        return True

    def _said(self) -> str:
        self._output.seek(0)
        return self._output.read()[-500:].decode(errors="replace").strip() or "nothing printed"


def _started(command: list[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
    # its own HOME: anvil keeps a cache there
    env = {"PATH": os.environ.get("PATH", ""), "HOME": tempfile.gettempdir()}
    try:
        return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=env)
    except OSError as error:
        output.close()
        raise ConfigError(f"{command[0]} can't be run: {error.strerror}; {CURE}") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _command(executable: pathlib.Path, port: int, chain_id: int) -> list[str]:
    return [
        str(executable),
        *("--host", "127.0.0.1", "--port", str(port), "--chain-id", str(chain_id)),
        *("--hardfork", "cancun", "--timestamp", str(GENESIS_TIMESTAMP)),
        *("--gas-limit", str(_GAS_LIMIT), "--balance", "1000000", "--accounts", "10"),
        *("--no-mining", "--order", "fifo", "--quiet"),
    ]
