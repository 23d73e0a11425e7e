"""``arbx init``: write a configuration to start from."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["TEMPLATE", "init"]

TEMPLATE = """\
# What arbx does, and with what. Every key: docs/reference/configuration.md.
# A text that starts with env: or file: is a reference to a secret, read only when it is needed.

# Nothing else is imported.
plugins = ["uniswap-v2", "uniswap-v3", "keyfile", "flashbots", "console"]

[chain]
chain_id = 1                 # a node of another chain is refused
rpc = ["env:RPC_URL"]        # it must have eth_simulateV1: nothing is sent unsimulated

[search]
base_tokens = ["0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"]   # wrapped ether
max_length = 3

[execution]
# executor = "0x…"           # `arbx executor deploy --weth 0x… --live` prints it
weth = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
slippage_bps = 1000          # a tenth of the net profit may be lost until inclusion
builder_share_bps = 8000     # of the profit after gas
# lender = "aave"            # lends where no pool of a cycle does; or "balancer"
blocks = 1                   # a bundle aims at the next block only
max_gas_cost_wei = 20_000_000_000_000_000   # 0.02 ether: what a bundle that reverts on the chain may cost
# simulators = ["node", "relay:flashbots"]   # let the relay run the signed bytes, too, before they are submitted

[ledger]
url = "sqlite:///ledger.sqlite"

[sources.uniswap_v2]
use = "uniswap-v2"
preset = "uniswap_v2"

[sources.uniswap_v3]
use = "uniswap-v3"
preset = "uniswap_v3"

[keystores.main]
use = "keyfile"
path = "main.json"           # `arbx keys new main` makes it
password = "env:ARBX_PASSWORD"

[relays.flashbots]
use = "flashbots"
preset = "mainnet"
auth_key = "env:FLASHBOTS_KEY"   # a key of its own, without money: it only signs requests

[alerts.me]
use = "console"
"""


def init(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to write it; never overwritten.")
    ] = Path("arbx.toml"),
) -> None:
    """Write a commented configuration to start from."""
    from arbx.errors import ConfigError

    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE)
    except FileExistsError:
        raise ConfigError(f"{path} exists; name another file: arbx init other.toml") from None
    except OSError as error:
        raise ConfigError(f"{path} can't be written: {error.strerror}") from None
    typer.echo(f"{path} written; fill it in, then run `arbx doctor`")
