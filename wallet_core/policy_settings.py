"""The parts of the settings that say what is looked at before money leaves; see ``wallet_core.settings``."""

from __future__ import annotations

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from wallet_core.coin_settings import amount_text
from wallet_core.domain.policies.account_age import LONGEST_YOUNG_SECONDS
from wallet_core.domain.policies.duplicate_request import LONGEST_WITHIN_SECONDS
from wallet_core.domain.policies.new_address import LONGEST_ADDRESS_WAIT_SECONDS
from wallet_core.domain.policies.two_factor_age import LONGEST_FACTOR_WAIT_SECONDS


class PolicySettings(BaseSettings):
    """What policies say until a set of them is stored, and what takes a second admin."""

    review_above: str = Field(default="200", description="ITD; withdrawals above it are looked at by an admin")
    review_young_above: str = Field(default="100", description="ITD; the same for an account that is still young")
    account_young_seconds: int = Field(
        default=604_800, ge=0, le=LONGEST_YOUNG_SECONDS, description="how long an account is young; at most 365 days"
    )
    review_hot_share_percent: int = Field(
        default=50, ge=0, le=100, description="withdrawals of more of the hot wallet are looked at; 0: none"
    )
    duplicate_within_seconds: int = Field(
        default=600,
        ge=0,
        le=LONGEST_WITHIN_SECONDS,
        description="the same withdrawal again within this time is looked at; at most 7 days",
    )
    two_factor_wait_seconds: int = Field(
        default=86_400,
        ge=0,
        le=LONGEST_FACTOR_WAIT_SECONDS,
        description="how old a second factor must be before anything is paid out; at most 30 days",
    )
    mass_send_approval_above: str = Field(
        default="1000",
        description="ITD; mass sends of one admin within 24 hours above it in all need a second admin's approval",
    )
    review_two_admins_above: str = Field(
        default="1000", description="ITD; a withdrawal above it that is reviewed takes two admins to approve"
    )
    approval_seconds: int = Field(
        default=86_400, ge=60, description="how long another admin can approve what has no end of its own"
    )
    level_table_delay_seconds: int = Field(
        default=60, ge=60, description="how long after its approval a table of limits begins to count"
    )
    new_address_wait_seconds: int = Field(
        default=86_400,
        ge=0,
        le=LONGEST_ADDRESS_WAIT_SECONDS,
        description="how long the first payout to an address waits; at most 30 days",
    )
    recovery_wait_seconds: int = Field(
        default=259_200, ge=0, description="how long withdrawals wait after a recovery code was used"
    )

    @field_validator("review_above", "review_young_above", "mass_send_approval_above", "review_two_admins_above")
    @classmethod
    def _is_policy_amount(cls, value: str) -> str:
        return amount_text(value)
