"""Put Aave V3's real pool beside a seeded market, with reserves that lend."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import attrs
from eth_abi.abi import encode

from arbx.model import Call, Token
from arbx.testing.localchain.artifacts import node_modules
from arbx.testing.localchain.chain import LocalChain
from arbx.testing.localchain.executor import deploy_raw
from arbx.testing.localchain.market import SeededMarket
from arbx.testing.localchain.vault import approve

__all__ = ["AaveMarket", "seed_aave"]

_ARTEFACTS = "@aave/core-v3/artifacts/contracts"
_LOGIC, _TOKENS = "protocol/libraries/logic", "protocol/tokenization"
_CONFIG, _POOL = "protocol/configuration", "protocol/pool"
_NOBODY = "0x" + "00" * 20
_RAY = 10**27
_ROW = f"({'address,' * 3}uint8,{'address,' * 4}{'string,' * 6}bytes)"


@attrs.frozen
class AaveMarket:
    """The pool that lends, and its configurator, which obeys the chain's first account."""

    chain: LocalChain
    pool: str
    configurator: str

    def charge(self, premium_bps: int) -> None:
        """Set what flash loans cost."""
        signature = "updateFlashloanPremiumTotal(uint128)"
        self.chain.transact([Call(self.configurator, signature, (), (premium_bps,))])


def seed_aave(
    market: SeededMarket, amounts: Mapping[str, int], *, premium_bps: int = 5
) -> AaveMarket:
    """Deploy Aave V3 and let the market's trader supply *amounts* of tokens, by symbol, to lend for *premium_bps*."""
    chain, trader = market.chain, market.trader
    tokens = [market.token(symbol) for symbol in amounts]
    provider = _deploy(chain, f"{_CONFIG}/PoolAddressesProvider", ("string", "address"),
                       ("local", chain.accounts[0]))  # fmt: skip
    stood = _pool(chain, provider)
    stood.charge(premium_bps)
    _list(stood, provider, tokens)
    for token, amount in zip(tokens, amounts.values(), strict=True):
        supply = Call(
            stood.pool,
            "supply(address,uint256,address,uint16)",
            (),
            (token.address, amount, trader.address, 0),
        )
        trader.run([approve(token.address, stood.pool), supply])
    return stood


def _pool(chain: LocalChain, provider: str) -> AaveMarket:
    logic = {
        name: _deploy(chain, f"{_LOGIC}/{name}")
        for name in (
            "BorrowLogic", "BridgeLogic", "ConfiguratorLogic", "EModeLogic", "LiquidationLogic", "PoolLogic",
            "SupplyLogic",
        )
    }  # fmt: skip
    logic["FlashLoanLogic"] = _deploy(chain, f"{_LOGIC}/FlashLoanLogic", libraries=logic)
    pool = _deploy(chain, f"{_POOL}/Pool", ("address",), (provider,), libraries=logic)
    configurator = _deploy(chain, f"{_POOL}/PoolConfigurator", libraries=logic)
    owner = chain.accounts[0]
    chain.transact([Call(provider, "setACLAdmin(address)", (), (owner,))])
    roles = _deploy(chain, f"{_CONFIG}/ACLManager", ("address",), (provider,))
    chain.transact(
        [
            Call(provider, "setACLManager(address)", (), (roles,)),
            Call(roles, "addPoolAdmin(address)", (), (owner,)),
            Call(provider, "setPoolImpl(address)", (), (pool,)),
            Call(provider, "setPoolConfiguratorImpl(address)", (), (configurator,)),
        ]
    )
    # the provider has put a proxy before each
    lends, configures = (
        str(chain.ask(Call(provider, asked, ("address",)))[0])
        for asked in ("getPool()", "getPoolConfigurator()")
    )
    return AaveMarket(chain, lends, configures)


def _list(stood: AaveMarket, provider: str, tokens: Sequence[Token]) -> None:
    """Make each token a reserve whose flash loans are on."""
    chain = stood.chain
    own, stable, variable = (
        _deploy(chain, f"{_TOKENS}/{name}", ("address",), (stood.pool,))
        for name in ("AToken", "StableDebtToken", "VariableDebtToken")
    )
    curve = (8 * _RAY // 10, 0, _RAY // 25, _RAY // 2, 0, 0, 0, 0, _RAY // 5)
    rates = _deploy(chain, f"{_POOL}/DefaultReserveInterestRateStrategy",
                    ("address", *["uint256"] * 9), (provider, *curve))  # fmt: skip
    rows = tuple(
        (own, stable, variable, token.decimals, rates, token.address, chain.accounts[0], _NOBODY,
         *[str(token.symbol)] * 6, b"")
        for token in tokens
    )  # fmt: skip
    chain.transact([Call(stood.configurator, f"initReserves({_ROW}[])", (), (rows,))])
    chain.transact(
        [
            Call(
                stood.configurator,
                "setReserveFlashLoaning(address,bool)",
                (),
                (token.address, True),
            )
            for token in tokens
        ]
    )


def _deploy(
    chain: LocalChain,
    name: str,
    types: Sequence[str] = (),
    values: Sequence[Any] = (),
    *,
    libraries: Mapping[str, str] | None = None,
) -> str:
    code = _linked(name, tuple(sorted((libraries or {}).items())))
    return deploy_raw(chain, code + encode(types, values))


@lru_cache(maxsize=32)
def _linked(name: str, libraries: tuple[tuple[str, str], ...]) -> bytes:
    """Return a contract's creation code with the addresses of its libraries put in."""
    path = node_modules() / _ARTEFACTS / f"{name}.sol" / f"{name.rpartition('/')[2]}.json"
    artefact = json.loads(path.read_text(encoding="utf-8"))
    code, known = artefact["bytecode"].removeprefix("0x"), dict(libraries)
    for contracts in artefact["linkReferences"].values():
        for library, places in contracts.items():
            for place in places:
                start = 2 * place["start"]
                code = code[:start] + known[library][2:].lower() + code[start + 40 :]
    return bytes.fromhex(code)
