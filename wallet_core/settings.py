"""The only reader of the environment. Every setting, its default and its meaning stand here.

Defaults suit a production wallet's waits and the sandbox's addresses; whatever must not be left as it is in production
is named by ``unsafe_in_production``, and the processes refuse to start with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsConfigDict

from wallet_core.access_settings import AccessSettings
from wallet_core.alert_settings import AlertSettings
from wallet_core.card_settings import CardSettings
from wallet_core.coin_settings import (
    BitcoinHotSettings,
    BitcoinLikeSettings,
    BitcoinSettings,
    BitcoinSweepSettings,
    EthereumHotSettings,
    EthereumSweepSettings,
    HotSettings,
    LitecoinHotSettings,
    LitecoinSettings,
    LitecoinSweepSettings,
    Signing,
    SweepSettings,
    amount_text,
    minor,
)
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS, Network
from wallet_core.ether_settings import EtherSettings
from wallet_core.paper_settings import PaperSettings
from wallet_core.policy_settings import PolicySettings
from wallet_core.rate_settings import RateSettings
from wallet_core.send_settings import SendSettings
from wallet_core.worker_settings import WorkerSettings

__all__ = [
    "BitcoinLikeSettings",
    "Environment",
    "HotSettings",
    "Process",
    "Settings",
    "Signing",
    "SweepSettings",
    "settings_table",
]

_SANDBOX_TOKEN: Final = "1:sandbox"  # noqa: S105 - the sandbox's own, worth nothing
_SANDBOX_PASSPHRASE: Final = "sandbox"  # noqa: S105 - the sandbox's own, worth nothing


class Environment(StrEnum):
    """Where the wallet runs."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


class Process(StrEnum):
    """Who reads the settings; an operator on the command line sees those of both."""

    BOT = "bot"
    WORKER = "worker"
    OPERATOR = "operator"


class Settings(
    EtherSettings,
    RateSettings,
    CardSettings,
    WorkerSettings,
    PolicySettings,
    PaperSettings,
    AccessSettings,
    AlertSettings,
    SendSettings,
):
    """Read from environment variables of the same names in upper case. Amounts are given in whole ITD or coins."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    wallet_env: Environment = Field(default=Environment.SANDBOX, description="sandbox or production")
    wallet_data_dir: Path = Field(default=Path("data"), description="where the embedded MongoDB and logs live")
    wallet_keys_dir: Path = Field(
        default=Path("data/keys/bot"), description="this process's folder from `wallet keys new`"
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")

    mongodb_uri: str = Field(default="", description="a replica set; empty: an embedded mongod below WALLET_DATA_DIR")
    mongodb_database: str = Field(default="itd_wallet", description="the database's name")

    telegram_bot_token: SecretStr = Field(
        default=SecretStr(_SANDBOX_TOKEN), description="from @BotFather; the bot alone has it"
    )
    telegram_api_base_url: str = Field(default="https://api.telegram.org/bot", description="another Bot API server")
    telegram_api_file_url: str = Field(default="https://api.telegram.org/file/bot", description="and its file address")
    bot_health_port: int = Field(default=0, description="port of /livez, /readyz and /metrics of the bot; 0: none")

    eth_rpc_url: str = Field(
        default="http://127.0.0.1:8545", description="the worker's Ethereum node; the bot has none"
    )
    eth_chain_id: int = Field(default=31337, description="EIP-155 chain id; a node of another chain is refused")
    eth_final_depth: int = Field(
        default=12, ge=1, description="blocks on top after which a block counts as final, if the node agrees"
    )
    eth_genesis: str = Field(default="", description="hash of block 0; empty: that of the node at the first start")
    eth_bump_after_seconds: int = Field(default=180, ge=1, description="unmined for so long, a payout offers more")
    eth_batch_interval_seconds: float = Field(default=10, gt=0, description="how often queued payouts are taken up")
    eth_batch_length: int = Field(default=1, ge=1, description="so many waiting payouts are taken up at once")
    eth_batch_age_seconds: int = Field(default=60, ge=0, description="and a payout that has waited so long")
    btc: BitcoinLikeSettings = Field(default_factory=BitcoinSettings)
    ltc: BitcoinLikeSettings = Field(default_factory=LitecoinSettings)
    eth_sweep: SweepSettings = Field(default_factory=EthereumSweepSettings)
    btc_sweep: SweepSettings = Field(default_factory=BitcoinSweepSettings)
    ltc_sweep: SweepSettings = Field(default_factory=LitecoinSweepSettings)
    eth_hot: HotSettings = Field(default_factory=EthereumHotSettings)
    btc_hot: HotSettings = Field(default_factory=BitcoinHotSettings)
    ltc_hot: HotSettings = Field(default_factory=LitecoinHotSettings)
    large_batch: str = Field(default="1000", description="ITD; a batch above it waits for more confirmations")
    starve_after_seconds: int = Field(
        default=3_600, ge=0, description="a payout too large for the hot wallet for so long has money set aside for it"
    )
    seed_passphrase: SecretStr = Field(
        default=SecretStr(_SANDBOX_PASSPHRASE), description="opens the worker's seed file"
    )

    min_send: str = Field(default="0.01", description="ITD")
    receive_counted_from: str = Field(
        default="1", description="ITD; smaller receipts take nothing of the day's count, or dust could use it up"
    )
    send_fee: str = Field(default="0", description="ITD that a sender pays on top")
    send_totp_above: str = Field(
        default="50", description="ITD that may be sent within 15 minutes of a code without a new one"
    )
    min_purchase: str = Field(default="1", description="ITD")
    min_payment: str = Field(
        default="1", description="ITD; a payment worth less that completes no order is decided at the desk"
    )
    large_deposit: str = Field(default="1000", description="ITD; payments above it wait for more confirmations")
    purchase_fee_basis_points: int = Field(
        default=100, ge=0, le=5_000, description="hundredths of a percent on a purchase"
    )
    min_withdrawal: str = Field(default="1", description="ITD")
    withdrawal_fee_eth: str = Field(
        default="0.5", description="ITD that a person pays for a withdrawal in ether, and nothing more"
    )
    refund_fee_eth: str = Field(default="0.5", description="ITD of a refund in ether that are withheld for the network")
    intent_seconds: int = Field(default=300, ge=1, description="how long a confirmation card can be confirmed")
    invoice_seconds: int = Field(default=1_800, ge=1, description="how long an invoice's rate is locked")
    invoice_grace_seconds: int = Field(
        default=600, ge=0, description="a payment seen so long after the expiry still gets the rate"
    )
    payment_unmined_seconds: int = Field(
        default=7_200, ge=0, description="a payment that is mined so long after it was seen has the rate of then"
    )
    withdrawal_quote_seconds: int = Field(
        default=1_800, ge=1, description="how long a withdrawal's quote holds before it is batched"
    )
    day_starts_at_hour: int = Field(default=0, ge=0, le=23, description="UTC hour at which daily limits start anew")

    @field_validator(
        "min_send",
        "receive_counted_from",
        "send_fee",
        "send_totp_above",
        "min_purchase",
        "min_payment",
        "large_deposit",
        "min_withdrawal",
        "withdrawal_fee_eth",
        "refund_fee_eth",
        "large_batch",
    )
    @classmethod
    def _is_amount(cls, value: str) -> str:
        return amount_text(value)

    def coins(self, asset: Asset) -> BitcoinLikeSettings:
        """The settings of Bitcoin or Litecoin."""
        return {Asset.BTC: self.btc, Asset.LTC: self.ltc}[asset]

    def sweep(self, asset: Asset) -> SweepSettings:
        """When deposits of a chain are moved to a wallet of our own."""
        return {Asset.ETH: self.eth_sweep, Asset.BTC: self.btc_sweep, Asset.LTC: self.ltc_sweep}[asset]

    def hot(self, asset: Asset) -> HotSettings:
        """How much a chain's hot wallet should have."""
        return {Asset.ETH: self.eth_hot, Asset.BTC: self.btc_hot, Asset.LTC: self.ltc_hot}[asset]

    def hot_minor(self, asset: Asset) -> tuple[int, int]:
        """Floor and ceiling of a chain's hot wallet, in the coin's minor units; 0: none."""
        levels = self.hot(asset)
        return minor(levels.floor or "0", asset), minor(levels.ceiling or "0", asset)

    @model_validator(mode="after")
    def _stores_somewhere(self) -> Self:
        for asset in (Asset.BTC, Asset.ETH, Asset.LTC):
            if self.hot_minor(asset)[1] and not self.sweep(asset).cold_address:
                raise ValueError(f"{asset}_HOT_CEILING needs {asset}_SWEEP_COLD_ADDRESS")
        return self

    @property
    def networks(self) -> dict[Asset, str]:
        """The network of each chain, as its ``Identity`` names it."""
        return {Asset.BTC: self.btc.network, Asset.LTC: self.ltc.network, Asset.ETH: str(self.eth_chain_id)}

    def network(self, asset: Asset) -> Network:
        """The network of Bitcoin or Litecoin, with the genesis that is set."""
        coins = self.coins(asset)
        known = NETWORKS[asset, coins.network]
        return replace(known, genesis=coins.genesis) if coins.genesis else known

    @property
    def served(self) -> tuple[Asset, ...]:
        """The chains whose node has an address."""
        urls = {Asset.ETH: self.eth_rpc_url, Asset.BTC: self.btc.rpc_url, Asset.LTC: self.ltc.rpc_url}
        return tuple(asset for asset, url in urls.items() if url)

    def withdrawal_fee_minor(self, asset: Asset) -> int:
        """What a person pays for a withdrawal in this coin, in ITD minor units."""
        return minor(self.withdrawal_fee_eth if asset is Asset.ETH else self.coins(asset).withdrawal_fee)

    def refund_fee_minor(self, asset: Asset) -> int:
        """What a refund in this coin withholds for the network, in ITD minor units."""
        return minor(self.refund_fee_eth if asset is Asset.ETH else self.coins(asset).refund_fee)

    def itd(self, setting: str) -> int:
        """ITD minor units of one of the amounts above, by its name; ``0`` is allowed."""
        return minor(str(getattr(self, setting)))

    def unsafe_in_production(self, process: Process) -> list[str]:
        """What a process must be given before it touches real money: a sentence each. Empty in the sandbox.

        Each is asked for its own secrets alone: the worker needs no token, the bot no passphrase.
        """
        if self.wallet_env is Environment.SANDBOX:
            return []
        findings = self._unsafe_for_all() | (self._unsafe_for_bot() if process is not Process.WORKER else {})
        if process is not Process.BOT:
            findings |= self._unsafe_for_worker()
        return [sentence for sentence, unsafe in findings.items() if unsafe]

    def _unsafe_for_all(self) -> dict[str, bool]:
        return {
            "MONGODB_URI is empty: an embedded mongod keeps no second copy": not self.mongodb_uri,
            "RATES_URLS needs tickers with https, none of whose hosts is a majority": not self.has_safe_tickers,
            "ETH_CHAIN_ID is that of a local test chain": self.eth_chain_id in (31337, 1337),
            "NEW_ADDRESS_WAIT_SECONDS is shorter than an hour": self.new_address_wait_seconds < 3_600,
        }

    def _unsafe_for_bot(self) -> dict[str, bool]:
        return {
            "TELEGRAM_BOT_TOKEN is the sandbox's": self.telegram_bot_token.get_secret_value() == _SANDBOX_TOKEN,
            "RECOVERY_WAIT_SECONDS is shorter than a day": self.recovery_wait_seconds < 86_400,
            "UNFREEZE_DELAY_SECONDS is shorter than an hour": self.unfreeze_delay_seconds < 3_600,
            "RESET_WAIT_SECONDS is shorter than a day": self.reset_wait_seconds < 86_400,
            "MOVE_WAIT_SECONDS is shorter than a day": self.move_wait_seconds < 86_400,
        }

    def _unsafe_for_worker(self) -> dict[str, bool]:
        findings = {
            "SEED_PASSPHRASE is the sandbox's": self.seed_passphrase.get_secret_value() == _SANDBOX_PASSPHRASE,
            "ETH_FINAL_DEPTH is too small for real money": self.eth_final_depth < 12,
        }
        for asset in self.served:
            coins = {} if asset is Asset.ETH else self.coins(asset).unsafe()
            findings |= {f"{asset}_{sentence}": unsafe for sentence, unsafe in coins.items()}
        return findings | self.unsafe_cards()


def settings_table() -> str:
    """Every setting with its default and its meaning, as a Markdown table; ``docs/operations.md`` holds a copy."""
    rows = (f"| `{name.upper()}` | {_shown(field.default)} | {field.description} |" for name, field in _all_fields())
    return "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows])


def _all_fields() -> Iterator[tuple[str, FieldInfo]]:
    """Those of a chain stand in its place, each under its whole name."""
    for name, field in Settings.model_fields.items():
        if field.annotation in (BitcoinLikeSettings, SweepSettings, HotSettings):
            of_chain = field.annotation.model_fields.items()
            yield from ((f"{name}_{inner}", inner_field) for inner, inner_field in of_chain)
        else:
            yield name, field


def _shown(default: object) -> str:
    text = " ".join(default) if isinstance(default, tuple) else str(default)
    return f"`{text}`" if text else ""
