"""The parts of the settings that guard the way into an account, and how fast people may go; see
``wallet_core.settings``.
"""

from __future__ import annotations

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from wallet_core.coin_settings import amount_text


class AccessSettings(BaseSettings):
    """Waits in which an owner can take back what a thief asked for, and the pace of messages."""

    unfreeze_delay_seconds: int = Field(
        default=86_400, ge=0, description="how long after a code was given a person's own freeze ends"
    )
    reset_wait_seconds: int = Field(
        default=259_200, ge=0, description="how long a two-factor reset waits after two admins have checked it"
    )
    reset_without_documents_up_to: str = Field(
        default="250", description="ITD; with more, a reset takes documents that were checked (level 2)"
    )
    move_wait_seconds: int = Field(
        default=259_200, ge=0, description="how long the move of an account to another Telegram id waits"
    )
    pace_seconds: int = Field(default=60, ge=1, description="the window in which a person's messages are counted")
    pace_looks: int = Field(default=60, ge=1, description="cards and answers that a person gets in a window")
    pace_money: int = Field(default=20, ge=1, description="offers and confirmations of money in a window")
    pace_heavy: int = Field(default=6, ge=1, description="statements, pictures and files in a window")
    pace_strangers: int = Field(
        default=20, ge=1, description="all that somebody may ask in a window who has not paired an authenticator"
    )
    pace_admins_factor: int = Field(default=5, ge=1, description="admins may do so many times as much")

    @field_validator("reset_without_documents_up_to")
    @classmethod
    def _is_access_amount(cls, value: str) -> str:
        return amount_text(value)
