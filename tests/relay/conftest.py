"""A local chain with a relay in front of it, and signed transactions of anvil's first accounts."""

import os

import attrs
import pytest

import arbx
from arbx.errors import ConfigError
from arbx.testing.localchain import LocalChain
from arbx.testing.localchain.artifacts import anvil
from arbx.testing.relay import LocalRelay, sign_transfer

# The first two accounts of the mnemonic that every anvil and Hardhat chain has; they are public.
KEYS = (
    bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"),
    bytes.fromhex("59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"),
)
AUTH_KEY = b"\x11" * 32
SINK = "0x" + "5a" * 20
REVERTS = "0x" + "de" * 20
CLOCK = "0x" + "c1" * 20


@pytest.fixture
def reverts():
    """Return the address of a contract that reverts with Error("not profitable")."""
    return REVERTS


@pytest.fixture
def clock():
    """Return the address of a contract that returns the block's number and timestamp."""
    return CLOCK


@pytest.fixture(scope="session")
def booted():
    try:
        anvil()
    except ConfigError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
    with LocalChain() as chain:
        # Error("not profitable"): copy the 100 bytes behind the code to memory and revert with them
        reason = bytes.fromhex("08c379a0") + b"".join(
            (value if isinstance(value, bytes) else value.to_bytes(32, "big")).ljust(32, b"\0")
            for value in (32, 14, b"not profitable")
        )
        code = bytes.fromhex("6064600c60003960646000fd") + reason
        chain.rpc.ask("anvil_setCode", REVERTS, "0x" + code.hex())
        # returns (block.number, block.timestamp)
        chain.rpc.ask("anvil_setCode", CLOCK, "0x435f524260205260405ff3")
        chain.mine()
        yield chain


@pytest.fixture
def chain(booted):
    with booted.undone():
        yield booted


@pytest.fixture
def relay(chain):
    with LocalRelay(chain) as served:
        yield served


@attrs.define
class Wallet:
    """Sign transactions of one account, one nonce after the other."""

    key: bytes
    nonce: int = 0

    def sign(self, *, to=SINK, chain_id=31_337, **fields):
        fields = {"nonce": self.nonce, "value_wei": 1, **fields}
        self.nonce += 1
        return sign_transfer(self.key, chain_id=chain_id, to=to, **fields)


@pytest.fixture
def wallets():
    return tuple(Wallet(key) for key in KEYS)


@pytest.fixture(scope="session")
def host():
    return arbx.Host.load(["flashbots"], strict=True)


@pytest.fixture
async def flashbots(build, relay):
    built = build(relay.url)
    yield built
    await built.close()


@pytest.fixture(scope="session")
def build(host):
    """Build the plugin's relay for a URL and a key, without a configuration file."""

    def built(url, *, key=AUTH_KEY, timeout_s=2.0):
        context = arbx.Context("local", 31_337, lambda reference: key.hex())
        settings = {"url": url, "auth_key": "env:AUTH", "timeout_s": timeout_s}
        return host.build_relay("flashbots", settings, context)

    return built
