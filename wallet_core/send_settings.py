"""The settings of sends that wait and of requests for money."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


class SendSettings(BaseSettings):
    """How long what people send one another waits."""

    claim_seconds: int = Field(
        default=1_209_600,
        ge=1,
        description="how long money waits for somebody who cannot have it yet; then it goes back",
    )
    request_seconds: int = Field(
        default=604_800, ge=60, description="how long a payment request can be paid, unless it says otherwise"
    )
    group_message_seconds: int = Field(
        default=60, ge=1, description="how long the bot's word on a failed command stays in a group, and the command"
    )
