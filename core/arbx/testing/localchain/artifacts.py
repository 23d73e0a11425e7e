"""Find anvil and the contracts' creation code: ours here, the others in node_modules."""

import json
import os
import pathlib
import platform
import re
import sys
from functools import lru_cache

from arbx.errors import ConfigError

__all__ = ["CURE", "anvil", "creation_code", "machine", "node_modules"]

CURE = (
    "run `npm ci --ignore-scripts` beside arbx's package.json, "
    "or set ARBX_NODE_MODULES to its node_modules"
)

_OURS = pathlib.Path(__file__).parent / "contracts"
_V3 = "@uniswap/v3-core/artifacts/contracts"
_BALANCER = "@balancer-labs/v2-deployments/dist/tasks"
_FEES = "20220725-protocol-fee-percentages-provider"
_NPM = {
    "Authorizer": f"{_BALANCER}/20210418-authorizer/artifact/Authorizer.json",
    "ComposableStablePoolFactory": (
        f"{_BALANCER}/20230206-composable-stable-pool-v3/artifact/ComposableStablePoolFactory.json"
    ),
    "ProtocolFeePercentagesProvider": (
        f"{_BALANCER}/{_FEES}/artifact/ProtocolFeePercentagesProvider.json"
    ),
    "Vault": f"{_BALANCER}/20210418-vault/artifact/Vault.json",
    "WeightedPoolFactory": (
        f"{_BALANCER}/20230206-weighted-pool-v3/artifact/WeightedPoolFactory.json"
    ),
    "UniswapV2Factory": "@uniswap/v2-core/build/UniswapV2Factory.json",
    "UniswapV3Factory": f"{_V3}/UniswapV3Factory.sol/UniswapV3Factory.json",
    "WETH9": "canonical-weth/build/contracts/WETH9.json",
}
_MULTICALL3 = "viem/_cjs/constants/contracts.js"


def node_modules() -> pathlib.Path:
    """Return the directory with the pinned npm packages, looking upward from here."""
    named = os.environ.get("ARBX_NODE_MODULES")
    if named:
        return pathlib.Path(named)
    here = pathlib.Path(__file__).resolve()
    for start in (pathlib.Path.cwd(), here.parent):
        for directory in (start, *start.parents):
            if (directory / "node_modules" / "@foundry-rs").is_dir():
                return directory / "node_modules"
    raise ConfigError(f"node_modules with @foundry-rs/anvil isn't here; {CURE}")


def machine() -> tuple[str, str, str]:
    """Return this machine's system and processor as npm's packages call them, and anvil's file name."""
    system = {"darwin": "darwin", "win32": "win32"}.get(sys.platform, "linux")
    processor = "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "amd64"
    return system, processor, "anvil.exe" if system == "win32" else "anvil"


def anvil() -> pathlib.Path:
    """Return the node's executable for this machine."""
    system, processor, name = machine()
    package = f"@foundry-rs/anvil-{system}-{processor}"
    path = node_modules() / package / "bin" / name
    if not path.is_file():
        raise ConfigError(f"anvil is not in node_modules ({package}); {CURE}")
    return path


@lru_cache(maxsize=16)
def creation_code(name: str) -> str:
    """Return a contract's creation code as 0x-hex."""
    ours = _OURS / f"{name}.json"
    if ours.is_file():
        return _field(ours)
    if name == "Multicall3":
        found = re.search(
            r"multicall3Bytecode = '(0x[0-9a-f]+)'", _read(node_modules() / _MULTICALL3)
        )
        if found is None:
            raise ConfigError(f"viem's constants have no multicall3Bytecode; {CURE}")
        return found[1]
    return _field(node_modules() / _NPM[name])


def _field(path: pathlib.Path) -> str:
    code = str(json.loads(_read(path))["bytecode"])
    return code if code.startswith("0x") else "0x" + code


def _read(path: pathlib.Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        raise ConfigError(f"{path} is missing; {CURE}") from None
