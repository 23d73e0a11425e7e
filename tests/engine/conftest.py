"""The local market with an Executor, a funded key, a ledger and a relay: all that the engine needs."""

import sys
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import pytest

import arbx
from arbx.chain import Chain, observe
from arbx.chain.abi import calldata
from arbx.engine import Engine, Live, Policy
from arbx.execution.planner import Terms
from arbx.ledger import Ledger, LedgerError
from arbx.testing.localchain import fixtures
from arbx.testing.localchain.execution import cycle_calls
from arbx.testing.localchain.executor import deploy_executor
from arbx.testing.localchain.trader import balance, v2_swap
from arbx.testing.reference_keystore import ReferenceKeyStore
from arbx.testing.relay import LocalRelay

sys.path.insert(0, str(Path(__file__).parent))

local_market = fixtures.local_market
market = fixtures.market

AUTH_KEY = b"\x11" * 32


@pytest.fixture(scope="session")
def host():
    return arbx.Host.load(["uniswap-v2", "uniswap-v3", "flashbots"], strict=True)


@pytest.fixture
def relay(market):
    with LocalRelay(market.chain) as served:
        yield served


@pytest.fixture
def events():
    return []


@attrs.frozen
class Floor:
    """A trading floor: the market, the relay that builds its blocks, and engines on request."""

    market: object
    relay: LocalRelay
    host: object
    store: ReferenceKeyStore
    executor: str
    ledger_url: str
    events: list

    @property
    def chain(self):
        return self.market.chain

    @property
    def weth(self):
        return self.market.weth.address

    def held(self, token=None):
        return balance(self.chain, token or self.weth, self.executor)

    def fund(self, wei):
        self.chain.rpc.ask("anvil_setBalance", self.store.address, hex(wei))

    def move(self, number=0, ether=40):
        """Trade against a WETH pair, so that its price is off."""
        pool = [p for p in self.market.of("uniswap_v2") if self.weth in _addresses(p)][number]
        zero = _addresses(pool)[0] == self.weth
        call = arbx.Call(pool.address, "getReserves()", ("uint112", "uint112", "uint32"))
        reserves = self.chain.ask(call)[:2]
        here, there = reserves if zero else reversed(reserves)
        paid = ether * 10**18 * 997
        out = paid * there // (here * 1000 + paid)
        trader = self.market.trader
        trader.run(
            v2_swap(
                pool.address,
                self.weth,
                ether * 10**18,
                zero_for_one=zero,
                amount_out=out,
                recipient=trader.address,
            )
        )

    def sources(self):
        return {
            name: self.host.build_source(provider, settings)
            for name, (provider, settings) in self.market.sources().items()
        }

    async def take_first(self, opportunity, chain):
        """Be the other bot: put the same cycle into the public mempool, unmined."""
        sources, trader = self.sources(), self.market.trader
        seen = await observe(sources, chain)
        states = {state.pool.address: state for state in seen.states}
        by_pool = {address: sources[name] for address, name in seen.owners.items()}
        call = trader.bundle(cycle_calls(opportunity, states, by_pool, trader.address))
        row = {
            "from": self.chain.accounts[0],
            "to": call.target,
            "data": "0x" + calldata(call).hex(),
            "gas": hex(5_000_000),
            "gasPrice": hex(10**11),
        }
        self.chain.rpc.ask("eth_sendTransaction", row)

    def names(self):
        return [name for name, _ in self.events]

    def told(self, name):
        return [fields for told, fields in self.events if told == name]

    @asynccontextmanager
    async def engine(
        self,
        *urls,
        live=True,
        builder_share_bps=0,
        chain_id=None,
        ledger=None,
        bases=None,
        sources=None,
        max_length=2,
        lender=None,
        simulator=None,
        simulators=lambda submitter: (),
        submitter=arbx.Submitter,
        **policy,
    ):
        sources = self.sources() if sources is None else sources
        terms = Terms(
            chain_id=chain_id or self.chain.chain_id,
            executor=self.executor,
            weth=self.weth,
            slippage_bps=0,
            builder_share_bps=builder_share_bps,
            lender=lender,
        )
        built = self.host.build_relay(
            "flashbots",
            {"url": self.relay.url, "auth_key": "env:AUTH", "timeout_s": 2.0},
            arbx.Context("local", self.chain.chain_id, lambda _: AUTH_KEY.hex()),
        )

        def tell(event, /, **fields):
            self.events.append((event, fields))

        async with await Chain.connect(
            *(urls or (self.chain.url,)),
            attempts=1,
            first_wait_s=0.05,
            cool_down_s=0.1,
            tell=tell,
        ) as chain:
            with Ledger(self.ledger_url) as opened:
                to_relays = submitter({"local": built})
                hands = Live(self.store, to_relays, ledger or opened, simulators(to_relays))
                engine = Engine(
                    chain,
                    sources,
                    arbx.Market(self.host, bases or [self.weth], max_length),
                    terms,
                    Policy(**policy),
                    signer=self.store.address,
                    tell=tell,
                    live=hands if live else None,
                    simulator=simulator,
                )
                await engine.start()
                try:
                    yield engine, opened, chain
                finally:
                    await engine.stop()


def _addresses(pool):
    return [token.address for token in pool.tokens]


@pytest.fixture
def floor_on(events, tmp_path):
    """Make a floor of a market, a relay on its chain, and a host."""

    def make(market, relay, host):
        store = ReferenceKeyStore(chain_id=market.chain.chain_id)
        executor = deploy_executor(market.chain, store.address, market.weth.address)
        url = f"sqlite:///{tmp_path}/ledger.sqlite"
        made = Floor(market, relay, host, store, executor, url, events)
        made.fund(10**20)
        return made

    return make


@pytest.fixture
def floor(floor_on, market, relay, host):
    return floor_on(market, relay, host)


class FullDisk:
    """A ledger whose intents can't be written."""

    def __init__(self, ledger):
        self._ledger = ledger

    def __getattr__(self, name):
        return getattr(self._ledger, name)

    def intend(self, *_, **__):
        raise LedgerError("the disk is full")


@pytest.fixture
def full_disk():
    return FullDisk
