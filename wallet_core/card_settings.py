"""The part of the settings that is about cards; see ``wallet_core.settings``."""

from __future__ import annotations

from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

STRIPE: Final = "https://api.stripe.com"
#: What the keys of real money begin with: secret and restricted ones (https://docs.stripe.com/keys).
LIVE_KEYS: Final = ("sk_live_", "rk_live_")


class CardSettings(BaseSettings):
    """Purchases by card, through Stripe. The worker alone has the key, the bot alone the webhook's secret."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    stripe_api_key: SecretStr = Field(
        default=SecretStr(""), description="Stripe's secret key; the worker alone has it; empty: no purchases by card"
    )
    stripe_api_base: str = Field(default=STRIPE, description="another address of Stripe's API: a stand-in's")
    stripe_webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="whsec_…; the bot alone has it; empty: no webhook, Stripe is asked at CARD_POLL_SECONDS",
    )
    card_poll_seconds: float = Field(default=5.0, gt=0, description="how often Stripe is asked for events and payments")
    # Stripe lets a session live for 30 minutes to 24 hours; above it there is room for a worker that was away.
    card_session_seconds: int = Field(
        default=3_600, ge=2_000, le=86_000, description="how long a card payment page can be paid"
    )
    card_mature_seconds: int = Field(
        default=604_800, ge=0, description="for so long ITD bought by card may be sent, but not withdrawn"
    )
    card_return_url: str = Field(
        default="https://t.me/", description="where Stripe's page leads back to: the bot's own address"
    )

    @property
    def takes_cards(self) -> bool:
        """Whether this process has a key for Stripe."""
        return bool(self.stripe_api_key.get_secret_value())

    @property
    def has_live_key(self) -> bool:
        """Whether that key moves real money."""
        return self.stripe_api_key.get_secret_value().startswith(LIVE_KEYS)

    def unsafe_cards(self) -> dict[str, bool]:
        """What must not be so with real money: a sentence each, and whether it is so."""
        return {
            "STRIPE_API_KEY is no live key": self.takes_cards and not self.has_live_key,
            "STRIPE_API_BASE is not Stripe's": self.takes_cards and self.stripe_api_base != STRIPE,
            "CARD_MATURE_SECONDS is shorter than a day": self.card_mature_seconds < 86_400,
        }
