"""Where a source finds its pairs: a preset of a known exchange, a factory, or addresses."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

import arbx

__all__ = ["UniswapV2Settings"]


class UniswapV2Settings(arbx.FactorySettings):
    """
    Configure one source of constant-product pairs.

    A *preset* (uniswap_v2, sushiswap_v2, pancakeswap_v2) brings factory, fee and kind; a fork of one's own
    names its *factory*, *fee_num* and *fee_den*, because no default could be right.
    """

    package: ClassVar[str] = "arbx_dex_uniswap_v2"
    default_kind: ClassVar[str] = "uniswap_v2"

    kind: Literal["uniswap_v2", "sushiswap_v2", "pancakeswap_v2"] | None = None
    discovery: Literal["events", "all_pairs", "addresses"] | None = None
    fee_num: int | None = Field(default=None, ge=1)
    fee_den: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _has_fee(self) -> "UniswapV2Settings":
        if self.preset is None and (self.fee_num is None or self.fee_den is None):
            raise ValueError("name a preset, or fee_num and fee_den (997 and 1000 keep 99.7 %)")
        num, den = self.fee
        if num > den:
            raise ValueError(f"fee_num = {num} is above fee_den = {den}: a pair keeps at most all")
        return self

    @property
    def fee(self) -> tuple[int, int]:
        """Return (fee_num, fee_den), the part of the input that the pair keeps counting."""
        return (
            self.fee_num if self.fee_num is not None else self.known["fee_num"],
            self.fee_den if self.fee_den is not None else self.known["fee_den"],
        )
