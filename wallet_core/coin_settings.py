"""The parts of the settings that each chain has for itself; see ``wallet_core.settings``."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from wallet_core.domain.errors import Refused
from wallet_core.domain.money import Asset, parse_amount
from wallet_core.domain.sweep import SweepTo


class Signing(StrEnum):
    """Who holds the key of a hot wallet."""

    SEED = "seed"
    NODE = "node"


class BitcoinLikeSettings(BaseSettings):
    """One chain of coins; the variables begin with ``BTC_`` or ``LTC_``. Fee rates are satoshi per virtual byte."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    rpc_url: str = Field(default="", description="the worker's node; empty: this chain is not served")
    rpc_user: str = Field(default="", description="as in the node's `rpcauth`")
    rpc_password: SecretStr = Field(default=SecretStr(""), description="and its password")
    rpc_wallet: str = Field(default="itd-wallet", description="the node's watch-only wallet; made if it is missing")
    network: str = Field(default="regtest", pattern="^(main|test|regtest)$", description="main, test or regtest")
    genesis: str = Field(default="", description="hash of block 0; empty: the known one of the network")
    signer: Signing = Field(default=Signing.SEED, description="seed: signed here; node: by a wallet of the node")
    signing_wallet: str = Field(default="itd-hot", description="that wallet of the node, if it signs")
    confirmations: int = Field(default=2, ge=1, description="blocks after which a small batch is settled")
    large_confirmations: int = Field(default=6, ge=1, description="and a batch above LARGE_BATCH")
    deposit_confirmations: int = Field(default=2, ge=1, description="blocks after which a small payment is credited")
    large_deposit_confirmations: int = Field(default=6, ge=1, description="and payments above LARGE_DEPOSIT")
    final_depth: int = Field(
        default=24, ge=1, description="blocks on top until a batch is watched no more and its change may be spent"
    )
    max_fee_rate: int = Field(default=200, ge=1, description="the most that is paid; above it payouts wait")
    fallback_fee_rate: int = Field(default=10, ge=1, description="paid where the node has no estimate")
    max_batch_fee: str = Field(default="0.01", description="coins; the most that one batch may pay, bumps included")
    change_outputs: int = Field(default=10, ge=1, le=50, description="into how many outputs change is split")
    batch_interval_seconds: float = Field(default=600, gt=0, description="how often a batch is formed")
    batch_length: int = Field(default=100, ge=1, description="so many waiting payouts are batched at once")
    batch_age_seconds: int = Field(default=1_800, ge=0, description="and a payout that has waited so long")
    bump_after_seconds: int = Field(default=1_800, ge=1, description="unmined for so long, a batch offers more")
    withdrawal_fee: str = Field(default="1", description="ITD that a person pays for a withdrawal, and nothing more")
    refund_fee: str = Field(default="0.25", description="ITD of a refund that are withheld for the network")

    @property
    def max_batch_fee_minor(self) -> int:
        """The most that one batch may pay, in satoshi: Litecoin has as many decimals as Bitcoin."""
        return minor(self.max_batch_fee, Asset.BTC)

    @field_validator("withdrawal_fee", "refund_fee")
    @classmethod
    def _is_amount(cls, value: str) -> str:
        return amount_text(value)

    @field_validator("max_batch_fee")
    @classmethod
    def _is_fee(cls, value: str) -> str:
        return amount_text(value, Asset.BTC)

    def unsafe(self) -> dict[str, bool]:
        """Sentences without the variables' prefix; True where it must not be so with real money."""
        return {
            "NETWORK is a local test chain": self.network == "regtest",
            "RPC_PASSWORD is empty": not self.rpc_password.get_secret_value(),
            "FINAL_DEPTH is too small for real money": self.final_depth < 6,
            "CONFIRMATIONS is too small for real money": min(self.confirmations, self.large_confirmations) < 2,
            "DEPOSIT_CONFIRMATIONS is too small for real money": min(
                self.deposit_confirmations, self.large_deposit_confirmations
            )
            < 2,
        }


class BitcoinSettings(BitcoinLikeSettings):
    """Bitcoin's, from ``BTC_…``."""

    model_config = SettingsConfigDict(env_prefix="BTC_")


class LitecoinSettings(BitcoinLikeSettings):
    """Litecoin's, from ``LTC_…``."""

    model_config = SettingsConfigDict(env_prefix="LTC_")


class SweepSettings(BaseSettings):
    """When deposits of one chain move to a wallet of our own; the variables begin with ``BTC_SWEEP_`` and so on."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    to: SweepTo = Field(default=SweepTo.HOT, description="hot, cold or off: where deposits are moved to")
    cold_address: str = Field(default="", description="the address of the cold wallet, for `cold`")
    interval_seconds: float = Field(default=3_600, gt=0, description="how often deposits are looked through")
    max_fee_rate: int = Field(
        default=20, ge=1, description="satoshi per virtual byte, or gwei for gas; deposits wait while it is above"
    )
    worth: int = Field(default=20, ge=10, description="what is moved must be worth so many times what moving it costs")
    wait_seconds: int = Field(
        default=604_800, ge=0, description="a deposit that has waited so long is moved at any fee that a payout may pay"
    )

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if self.to is SweepTo.COLD and not self.cold_address:
            raise ValueError("SWEEP_TO=cold needs SWEEP_COLD_ADDRESS")
        return self


class BitcoinSweepSettings(SweepSettings):
    """Bitcoin's, from ``BTC_SWEEP_…``."""

    model_config = SettingsConfigDict(env_prefix="BTC_SWEEP_")


class LitecoinSweepSettings(SweepSettings):
    """Litecoin's, from ``LTC_SWEEP_…``."""

    model_config = SettingsConfigDict(env_prefix="LTC_SWEEP_")


class EthereumSweepSettings(SweepSettings):
    """Ethereum's, from ``ETH_SWEEP_…``."""

    model_config = SettingsConfigDict(env_prefix="ETH_SWEEP_")


class HotSettings(BaseSettings):
    """How much one chain's hot wallet should have; the variables begin with ``BTC_HOT_`` and so on."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    floor: str = Field(default="", description="coins; with less the admins are told what is missing; empty: none")
    ceiling: str = Field(
        default="", description="coins; what is above goes to the cold wallet (`…_SWEEP_COLD_ADDRESS`); empty: none"
    )
    interval_seconds: float = Field(default=60, gt=0, description="how often the hot wallet's level is looked at")
    gather_above: int = Field(
        default=100, ge=2, description="with more small coins than this they are gathered; nothing on Ethereum"
    )
    gather_max_fee_rate: int = Field(
        default=3, ge=0, description="satoshi per virtual byte up to which they are; 0: never; nothing on Ethereum"
    )

    @field_validator("floor", "ceiling")
    @classmethod
    def _is_level(cls, value: str) -> str:
        return amount_text(value, Asset.ETH) if value else value

    @model_validator(mode="after")
    def _leaves_room(self) -> Self:
        ceiling = minor(self.ceiling or "0", Asset.ETH)
        if ceiling and ceiling <= minor(self.floor or "0", Asset.ETH):
            raise ValueError("HOT_CEILING must be above HOT_FLOOR")
        return self


class BitcoinHotSettings(HotSettings):
    """Bitcoin's, from ``BTC_HOT_…``."""

    model_config = SettingsConfigDict(env_prefix="BTC_HOT_")


class LitecoinHotSettings(HotSettings):
    """Litecoin's, from ``LTC_HOT_…``."""

    model_config = SettingsConfigDict(env_prefix="LTC_HOT_")


class EthereumHotSettings(HotSettings):
    """Ethereum's, from ``ETH_HOT_…``."""

    model_config = SettingsConfigDict(env_prefix="ETH_HOT_")


def amount_text(text: str, asset: Asset = Asset.ITD) -> str:
    """The text of an amount in whole coins, ``0`` included. Raises ``ValueError``, as pydantic asks."""
    try:
        minor(text, asset)
    except Refused as refused:
        raise ValueError("an amount such as 0.5") from refused
    return text


def minor(text: str, asset: Asset = Asset.ITD) -> int:
    """Minor units of an amount in whole coins. Raises ``Refused`` BAD_AMOUNT."""
    return 0 if text == "0" else parse_amount(text, asset)
