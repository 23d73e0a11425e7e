"""Deploy an Executor on the local chain."""

from arbx.errors import ChainError
from arbx.execution.executor import creation_data
from arbx.testing.localchain.chain import LocalChain

__all__ = ["deploy_executor", "deploy_raw"]


def deploy_executor(chain: LocalChain, owner: str, weth: str) -> str:
    """Deploy an Executor that obeys *owner*; return its address."""
    return deploy_raw(chain, creation_data(owner, weth))


def deploy_raw(chain: LocalChain, data: bytes) -> str:
    """Deploy a contract from its creation code with arguments; return its address."""
    row = {"from": chain.accounts[0], "data": "0x" + data.hex(), "gas": hex(10_000_000)}
    sent = chain.rpc.ask("eth_sendTransaction", row)
    chain.mine()
    receipt = chain.rpc.ask("eth_getTransactionReceipt", sent)
    if receipt is None or int(receipt["status"], 16) != 1:
        raise ChainError("the creation of a contract reverted on the local chain")
    return str(receipt["contractAddress"])
