"""What a transaction of ether may cost, and the contract that pays many in one; see ``wallet_core.settings``."""

from __future__ import annotations

from typing import Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

from wallet_core.coin_settings import amount_text, minor
from wallet_core.domain.chain import GAS_CEILING, WEI_PER_GWEI
from wallet_core.domain.money import Asset


class EtherSettings(BaseSettings):
    """The ceilings hold for whatever is signed."""

    eth_max_fee_gwei: int = Field(
        default=200, ge=1, description="the most that the worker pays per gas; above it payouts wait"
    )
    eth_max_batch_fee: str = Field(
        default="0.9",
        description="coins; the most that one transaction may offer for its gas; keep it below the cap of the node (1)",
    )
    eth_multisend_address: str = Field(
        default="",
        pattern=r"^(0x[0-9a-fA-F]{40})?$",
        description="contract that pays many at once, see `wallet contract`; empty: a transaction for each payout",
    )

    @property
    def eth_max_fee_minor(self) -> int:
        """The most that is paid for a unit of gas, in wei."""
        return self.eth_max_fee_gwei * WEI_PER_GWEI

    @property
    def eth_max_batch_fee_minor(self) -> int:
        """The most that one transaction may offer for its gas, in wei."""
        return minor(self.eth_max_batch_fee, Asset.ETH)

    @field_validator("eth_max_batch_fee")
    @classmethod
    def _is_fee(cls, value: str) -> str:
        return amount_text(value, Asset.ETH)

    @model_validator(mode="after")
    def _pays_for_one(self) -> Self:
        """What is no call may always offer all that is allowed for a unit of gas."""
        if self.eth_max_batch_fee_minor < GAS_CEILING * self.eth_max_fee_minor:
            raise ValueError("ETH_MAX_BATCH_FEE must cover 100,000 gas at ETH_MAX_FEE_GWEI")
        return self
