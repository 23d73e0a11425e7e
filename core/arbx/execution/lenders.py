"""Know lenders by name: where they are, and what they charge now."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from arbx.errors import ConfigError
from arbx.execution.funding import Lender
from arbx.model import Call
from arbx.presets import known_on, shipped_table

if TYPE_CHECKING:
    from arbx.chain import Chain

__all__ = ["read_lender"]

# Aave counts its premium in hundredths of a percent, Balancer in 1e18ths
_E18_PER_BPS = 10**14


async def read_lender(chain: "Chain", name: str, address: str | None = None) -> Lender:
    """
    Return the lender ``balancer`` or ``aave`` with its present fee; *address* goes before the known one.

    Raises ConfigError where none is known on the chain, or where something else is at the address.
    """
    if address is None:
        known = shipped_table("arbx.execution", "lenders.json")[name]
        cure = "set lender_address in [execution]"
        address = known_on(known, chain.chain_id, f"the lender {name!r}", cure)
    return await _READERS[name](chain, address)


async def _balancer(chain: "Chain", vault: str) -> Lender:
    collector = await _asked(
        chain, Call(vault, "getProtocolFeesCollector()", ("address",)), "Balancer V2 vault"
    )
    asked = Call(str(collector).lower(), "getFlashLoanFeePercentage()", ("uint256",))
    return Lender("balancer_v2", vault, int(await _asked(chain, asked, "fee collector")))


async def _aave(chain: "Chain", pool: str) -> Lender:
    asked = Call(pool, "FLASHLOAN_PREMIUM_TOTAL()", ("uint128",))
    return Lender("aave_v3", pool, int(await _asked(chain, asked, "Aave V3 pool")) * _E18_PER_BPS)


async def _asked(chain: "Chain", call: Call, what: str) -> int | str:
    (answer,) = await chain.call_many([call])
    if answer is None:
        raise ConfigError(
            f"no {what} answers at {call.target} on chain {chain.chain_id}; correct lender and "
            "lender_address in [execution]"
        )
    value: int | str = answer[0]
    return value


_READERS: Mapping[str, Callable[["Chain", str], Awaitable[Lender]]] = MappingProxyType(
    {"aave": _aave, "balancer": _balancer}
)
