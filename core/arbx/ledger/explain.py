"""Explain, to the last unit, why a realised profit differs from the expected one."""

import attrs

__all__ = ["Costs", "Difference", "Executed", "explain", "in_token"]


@attrs.frozen
class Executed:
    """What the Executor says of an execution: what was left over, and what the builder got before that."""

    profit: int
    payment_wei: int


@attrs.frozen
class Costs:
    """What swaps brought and what was paid for it, expected or realised, in units of the profit token."""

    gross_profit: int
    gas_cost: int
    builder_payment: int

    @property
    def net_profit(self) -> int:
        """Return the profit after gas and builder payment."""
        return self.gross_profit - self.gas_cost - self.builder_payment


@attrs.frozen
class Difference:
    """
    Split ``realised - expected`` into its causes; positive is better than expected.

    *failed* is the profit that a revert cost, *moved_state* what the swaps paid differently.
    """

    expected_profit: int
    realised_profit: int
    moved_state: int
    gas: int
    builder_payment: int
    failed: int

    def __attrs_post_init__(self) -> None:
        parts = self.moved_state + self.gas + self.builder_payment + self.failed
        if self.realised_profit - self.expected_profit != parts:
            raise ValueError("the causes don't add up to the difference")


def explain(expected: Costs, realised: Costs, *, failed: bool) -> Difference:
    """
    Return the difference and its causes; what *failed* has paid its gas and nothing else.

    >>> explain(Costs(100, 10, 20), Costs(90, 12, 18), failed=False)
    Difference(expected_profit=70, realised_profit=60, moved_state=-10, gas=-2, builder_payment=2, failed=0)
    """
    gross = realised.gross_profit - expected.gross_profit
    return Difference(
        expected_profit=expected.net_profit,
        realised_profit=realised.net_profit,
        moved_state=0 if failed else gross,
        gas=expected.gas_cost - realised.gas_cost,
        builder_payment=expected.builder_payment - realised.builder_payment,
        failed=gross if failed else 0,
    )


def in_token(wei: int, token_per_wei_x96: int) -> int:
    """
    Return what *wei* cost in the profit token, rounded up.

    >>> in_token(3, 2**95), in_token(3, 2**96)
    (2, 3)
    """
    return -(-wei * token_per_wei_x96 >> 96)
