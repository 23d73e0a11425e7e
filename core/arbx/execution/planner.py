"""Make a plan of an opportunity, and set its limits by what the simulation said."""

from collections.abc import Mapping, Sequence

import attrs

from arbx.execution.executor import MAX_STEPS, Order, Step
from arbx.execution.frames import Frame, steps
from arbx.execution.funding import Funding, Lender, borrowed, flash_funded, from_inventory
from arbx.execution.plan import Plan, PlanError
from arbx.execution.settlement import Leg
from arbx.model import Opportunity, PoolState
from arbx.protocols import PoolSource

__all__ = ["Costs", "Terms", "limited", "plan"]

_BPS = 10_000


def _share(instance: object, attribute: "attrs.Attribute[int]", value: int) -> None:
    if not 0 <= value <= _BPS:
        raise ValueError(f"{attribute.name}: {value} is not between 0 and {_BPS}")


@attrs.frozen
class Terms:
    """
    What the owner wants of every plan.

    *slippage_bps* is how much of the profit may be lost between simulation and inclusion, *builder_share_bps*
    how much of the profit after gas goes to the builder. Only wrapped ether, *weth*, can pay it.
    """

    chain_id: int
    executor: str
    weth: str
    slippage_bps: int = attrs.field(validator=_share)
    builder_share_bps: int = attrs.field(validator=_share)
    funding: Funding = Funding.FLASH
    lender: Lender | None = None


@attrs.frozen
class Costs:
    """
    What a simulation of the plan said, and what its gas costs.

    *profit* is what Executor.execute answered. One wei is worth ``token_num / token_den`` units of the plan's token.
    """

    profit: int
    gas_used: int
    fee_per_gas_wei: int
    token_num: int = 1
    token_den: int = 1

    @property
    def gas_cost(self) -> int:
        """Return what the gas costs, in units of the plan's token, rounded up."""
        return -(-self.gas_used * self.fee_per_gas_wei * self.token_num // self.token_den)

    @property
    def token_per_wei_x96(self) -> int:
        """
        Return the rate as the ledger keeps it.

        It is rounded down because the ledger rounds its product up: together they give the very cost of this gas.
        """
        return (self.token_num << 96) // self.token_den


def plan(
    opportunity: Opportunity,
    states: Mapping[str, PoolState],
    sources: Mapping[str, PoolSource],
    terms: Terms,
    *,
    target_block: int,
    last_block: int | None = None,
    deadline_s: int,
) -> Plan:
    """
    Return the plan that takes the opportunity; raise PlanError where there is none.

    *states* and *sources* are by the pool's address. The plan pays the builder one wei, if any, so that its
    simulation uses the gas of a payment; `limited` sets the real limits by what that simulation said.
    """
    legs = _legs(opportunity, states, sources, terms.executor)
    frames, funding, fee = _funded(legs, terms)
    profit = opportunity.gross_profit - fee
    if profit <= 0:
        raise PlanError(f"the lender's fee of {fee} eats the profit of {opportunity.gross_profit}")
    token = opportunity.cycle.token.address
    pays = int(terms.builder_share_bps > 0 and token == terms.weth)
    order = Order(
        token=token,
        min_profit=max(_kept(profit, terms.slippage_bps) - pays, 0),
        first_block=target_block,
        last_block=target_block if last_block is None else last_block,
        deadline_s=deadline_s,
        max_payment_wei=pays,
        max_payment_bps=pays * _BPS,
    )
    return Plan(terms.chain_id, terms.executor, funding, profit, order, _laid(frames))


def limited(draft: Plan, costs: Costs, terms: Terms) -> Plan:
    """
    Return the plan with the builder's payment and the least profit that is worth its gas.

    ``net = profit - gas``; ``payment = ⌊net · share⌋``; on chain at least ``gas + ⌈(net - payment)(1 - slippage)⌉``
    must stay. The payment is also capped as a share of the profit, so that less profit pays less.
    """
    # the draft's own wei to the builder was profit
    profit = costs.profit + draft.order.max_payment_wei
    net = profit - costs.gas_cost
    if net <= 0:
        raise PlanError(f"gas costs {costs.gas_cost}, which eats the profit of {profit}")
    share_bps = terms.builder_share_bps if draft.order.max_payment_wei else 0
    payment = net * share_bps // _BPS
    order = attrs.evolve(
        draft.order,
        min_profit=costs.gas_cost + _kept(net - payment, terms.slippage_bps),
        max_payment_wei=payment,
        max_payment_bps=-(-payment * _BPS // profit),
    )
    return attrs.evolve(draft, order=order)


def _kept(profit: int, slippage_bps: int) -> int:
    """Return what must be left of a profit, rounded up."""
    return -(-profit * (_BPS - slippage_bps) // _BPS)


def _legs(
    opportunity: Opportunity,
    states: Mapping[str, PoolState],
    sources: Mapping[str, PoolSource],
    recipient: str,
) -> list[Leg]:
    legs = []
    for hop, amount_in, amount_out in opportunity.legs():
        pool = hop.pool
        if pool.address not in states or pool.address not in sources:
            raise PlanError(
                f"pool {pool.address} has no state, or no source that encodes its swap"
            )
        calls = sources[pool.address].swap(
            states[pool.address], hop.token_in, hop.token_out, amount_in, amount_out, recipient
        )
        if not calls:
            raise PlanError(f"the source of pool {pool.address} ({pool.kind}) encoded no call")
        legs.append(Leg(tuple(calls), pool.tokens[hop.token_in].address, amount_in, amount_out))
    return legs


def _funded(legs: Sequence[Leg], terms: Terms) -> tuple[tuple[Frame, ...], Funding, int]:
    """Return the frames, who funds them, and the lender's fee."""
    if terms.funding is Funding.INVENTORY:
        return from_inventory(legs), Funding.INVENTORY, 0
    frames = flash_funded(legs) if terms.funding is Funding.FLASH else None
    if frames is not None:
        return frames, Funding.FLASH, 0
    if terms.lender is None:
        raise PlanError(
            "no pool of the cycle lends what it pays; name a lender, or fund from inventory"
        )
    if any(call.target == terms.lender.address for leg in legs for call in leg.calls):
        raise PlanError(
            f"the lender {terms.lender.address} lets nobody trade in it while it lends, and the cycle "
            "does; take the other lender"
        )
    fee = terms.lender.fee(legs[0].amount_in)
    return borrowed(legs, terms.lender, terms.executor), Funding.LENDER, fee


def _laid(frames: Sequence[Frame]) -> tuple[Step, ...]:
    try:
        laid = steps(frames)
    except ValueError as error:
        raise PlanError(f"a call of the cycle can't be encoded: {error}") from None
    if len(laid) > MAX_STEPS:
        raise PlanError(f"the cycle needs {len(laid)} steps; the Executor takes {MAX_STEPS}")
    return laid
