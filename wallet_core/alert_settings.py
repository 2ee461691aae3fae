"""The parts of the settings that say where admins are told of what happens; see ``wallet_core.settings``."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


class AlertSettings(BaseSettings):
    """The bot's alone: the worker writes down what happened, the bot tells it."""

    alert_chat_id: int = Field(
        default=0, description="a chat, may be a group, that is told of alarms; 0: every owner in private"
    )
    alert_daily_hour: int = Field(
        default=7, ge=0, le=23, description="UTC hour after which the day's figures are told, once"
    )
