"""An Executor on the local market, and what tests do with it."""

import json
import pathlib

import attrs
from eth_abi.abi import encode

import arbx
from arbx.chain.abi import calldata
from arbx.execution.executor import ETHER, Order, Step, execute_call
from arbx.testing.localchain import LocalChain, SeededMarket
from arbx.testing.localchain.executor import deploy_raw
from arbx.testing.localchain.trader import balance
from arbx.testing.localchain.trader import transfer as trader_transfer

CONTRACTS = pathlib.Path(__file__).parent / "contracts"
FOREVER = 2**256 - 1
MNEMONIC = "test test test test test test test test test test test junk"  # anvil's own


def deploy_odd(chain, name, types=(), values=()):
    code = json.loads((CONTRACTS / f"{name}.json").read_text())["bytecode"]
    return deploy_raw(chain, bytes.fromhex(code.removeprefix("0x")) + encode(types, values))


@attrs.frozen
class Stage:
    """An Executor on the local market, its owner, and a stranger."""

    market: SeededMarket
    executor: str
    owner: str
    stranger: str

    @property
    def chain(self) -> LocalChain:
        return self.market.chain

    @property
    def weth(self):
        return self.market.weth.address

    def order(self, token=None, **changes):
        order = Order(token or self.weth, 0, 0, FOREVER, FOREVER)
        return attrs.evolve(order, **changes)

    def run(self, order, steps, *, sender=None):
        """Execute; raise ChainError with the contract's reason when it reverts."""
        call = execute_call(self.executor, order, steps)
        return self.chain.transact([call], sender=sender or self.owner)[0]

    def asks(self, order, steps):
        """Return what execute would answer."""
        return self.chain.ask(execute_call(self.executor, order, steps), sender=self.owner)[0]

    def held(self, token):
        if token == ETHER:
            return self.ether(self.executor)
        return balance(self.chain, token, self.executor)

    def ether(self, address):
        return int(self.chain.rpc.ask("eth_getBalance", address, "latest"), 16)

    def give(self, token, amount, receiver=None):
        """Pay from the Trader, who has everything."""
        call = arbx.Call(
            token, "transfer(address,uint256)", (), (receiver or self.executor, amount)
        )
        self.market.trader.run([call])

    def allowance(self, token, spender):
        call = arbx.Call(
            token, "allowance(address,address)", ("uint256",), (self.executor, spender)
        )
        return self.chain.ask(call)[0]


def step(target, signature, *args, inside=0, value_wei=0):
    return Step(target, calldata(arbx.Call(target, signature, (), args)), value_wei, inside)


def of_kinds(found, *kinds):
    """Return the opportunities through pools of these kinds, in this order."""
    wanted = tuple(f"uniswap_{kind}" for kind in kinds)
    return [o for o in found if tuple(hop.pool.kind for hop in o.cycle.hops) == wanted]


def transfer(token, receiver, amount, **more):
    return step(token, "transfer(address,uint256)", receiver, amount, **more)


def approve(token, spender, amount, **more):
    return step(token, "approve(address,uint256)", spender, amount, **more)


def act(target, signature, *args, value_wei=0, must=False):
    """Return what a Puppet does when it is called."""
    return target, value_wei, calldata(arbx.Call(target, signature, (), args)), must


def rehearse(stage, puppet, acts):
    signature = "rehearse((address,uint256,bytes,bool)[])"
    stage.chain.transact([arbx.Call(puppet, signature, (), (tuple(acts),))])


def outcomes(stage, puppet, count):
    """Return which of a Puppet's acts succeeded, in its last performance."""
    calls = [arbx.Call(puppet, "outcomes(uint256)", ("bool",), (i,)) for i in range(count)]
    return [stage.chain.ask(call)[0] for call in calls]


class Prepaid:
    """A source that pays the pair in a call of its own, so that no pool lends."""

    def __init__(self, source):
        self.source = source

    def swap(self, state, token_in, token_out, amount_in, amount_out, recipient):
        token = state.pool.tokens[token_in].address
        pays = trader_transfer(token, state.pool.address, amount_in)
        rest = self.source.swap(state, token_in, token_out, amount_in, amount_out, recipient)
        return [pays, *rest]
