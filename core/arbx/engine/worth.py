"""Compare profits in any token with gas in wei: by what the market's pools say, against the owner."""

from collections.abc import Iterable

from arbx.engine.policy import Skipped
from arbx.execution.plan import Fees
from arbx.execution.planner import Costs, Terms
from arbx.market.valuation import NotValued, Valuation
from arbx.model import Opportunity

__all__ = ["by_worth", "costed"]

_BPS = 10_000


def by_worth(
    found: Iterable[Opportunity], valuation: Valuation
) -> tuple[list[Opportunity], list[Skipped]]:
    """Return opportunities by what their profits bring in wei, the best first, and those of unknown worth."""
    valued, skipped = [], []
    for one in found:
        try:
            worth = valuation.of(one.cycle.token.address)
        except NotValued as error:
            skipped.append(Skipped(one, "token_not_valued", str(error)))
        else:
            valued.append((worth.wei_for(one.gross_profit), one))
    # the sort is stable: among equals the market's order stands
    valued.sort(key=lambda pair: -pair[0])
    return [one for _, one in valued], skipped


def costed(
    token: str, profit: int, gas_used: int, fees: Fees, terms: Terms, valuation: Valuation
) -> tuple[Costs, Fees]:
    """
    Return what a simulated plan costs in its token, and the fees that it should pay.

    The Executor pays the builder in wrapped ether only. Where the profit is another token, the builder's share goes
    into the priority fee: with ``worth`` what selling the profit brings, each gas pays ``(worth - gas) · share /
    gas_used`` more. Raises NotValued where the token's worth is unknown.
    """
    if token == terms.weth:
        return Costs(profit, gas_used, fees.max_fee_per_gas_wei), fees
    worth = valuation.of(token)
    left_wei = max(worth.wei_for(profit) - gas_used * fees.max_fee_per_gas_wei, 0)
    paying = fees.raised(left_wei * terms.builder_share_bps // _BPS // max(gas_used, 1))
    spent_wei = max(gas_used * paying.max_fee_per_gas_wei, 1)
    units = worth.units_for(spent_wei)
    return Costs(profit, gas_used, paying.max_fee_per_gas_wei, units, spent_wei), paying
