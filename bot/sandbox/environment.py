"""The settings that the sandbox gives to each process: waits in seconds, addresses on this machine.

The bot gets no node's address and no seed, the worker no Telegram token, as in production.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from bot.sandbox.coin_node import RPC_PASSWORD, RPC_USER
from bot.sandbox.contract import MULTI_SEND_ADDRESS
from bot.sandbox.folder import Folder, write_private
from bot.sandbox.ticker import FORMS

#: Worth nothing, and not of the shape of a real one.
TOKEN = "1:sandbox"  # noqa: S105 - worth nothing
SEED_PASSPHRASE = "sandbox"  # noqa: S105 - worth nothing
STRIPE_API_KEY = "sk_test_sandbox"
STRIPE_WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105 - worth nothing
#: Where the bot takes the webhooks of the stand-in for Stripe, on its health port.
STRIPE_WEBHOOK_PATH = "/stripe/webhook"
DATABASE = "itd_wallet_sandbox"
#: Nothing listens there.
NO_NODE = "http://127.0.0.1:9"

COINS = ("BTC", "LTC")
#: A newcomer waits seconds where people wait hours. What the environment sets itself comes first.
WAITS = {
    "ETH_FINAL_DEPTH": "2",
    "ETH_SWEEP_INTERVAL_SECONDS": "30",
    "ETH_HOT_FLOOR": "5",
    "ETH_HOT_INTERVAL_SECONDS": "10",
    "WORKER_POLL_SECONDS": "1",
    "LEASE_SECONDS": "5",
    "INVOICE_SECONDS": "600",
    "INVOICE_GRACE_SECONDS": "60",
    "NEW_ADDRESS_WAIT_SECONDS": "5",
    "TWO_FACTOR_WAIT_SECONDS": "5",
    "ACCOUNT_YOUNG_SECONDS": "0",
    "DUPLICATE_WITHIN_SECONDS": "20",
    "RECOVERY_WAIT_SECONDS": "30",
    "UNFREEZE_DELAY_SECONDS": "10",
    "RESET_WAIT_SECONDS": "30",
    "MOVE_WAIT_SECONDS": "30",
    # Tests and newcomers tap faster than people do.
    "PACE_LOOKS": "600",
    "PACE_MONEY": "300",
    "PACE_HEAVY": "60",
    "PACE_STRANGERS": "300",
    "RATE_JUMP_SECONDS": "5",
    "CARD_POLL_SECONDS": "1",
    "CARD_MATURE_SECONDS": "60",
    "KYC_RETENTION_DAYS": "1",
    "KYC_REAPPLY_SECONDS": "30",
    "KYC_SHOWN_SECONDS": "60",
}
#: The same for each chain of coins, after `BTC_` or `LTC_`.
COIN_WAITS = {
    "CONFIRMATIONS": "1",
    "LARGE_CONFIRMATIONS": "2",
    "FINAL_DEPTH": "3",
    "BATCH_INTERVAL_SECONDS": "10",
    "BUMP_AFTER_SECONDS": "60",
    "SWEEP_INTERVAL_SECONDS": "30",
    "HOT_FLOOR": "0.5",
    "HOT_INTERVAL_SECONDS": "10",
}
#: Settings of one process that the other one must not see.
WORKER_ONLY = frozenset(
    {
        "ETH_MULTISEND_ADDRESS",
        "ETH_RPC_URL",
        "SEED_PASSPHRASE",
        "STRIPE_API_BASE",
        "STRIPE_API_KEY",
        "WORKER_STATE_DIR",
        "WORKER_HEALTH_PORT",
    }
) | {
    f"{coin}_{name}"
    for coin in COINS
    for name in ("RPC_URL", "RPC_USER", "RPC_PASSWORD", "RPC_WALLET", "SIGNER", "SIGNING_WALLET")
}
BOT_ONLY = frozenset({"TELEGRAM_BOT_TOKEN", "BOT_HEALTH_PORT", "STRIPE_WEBHOOK_SECRET"})


@dataclass(frozen=True)
class Servers:
    """Where the parts of one sandbox listen; `nodes` by `eth`, `btc`, `ltc`, without those that could not be had."""

    web_port: int
    mongodb_uri: str
    nodes: Mapping[str, str]
    bot_health_port: int
    worker_health_port: int

    @property
    def web(self) -> str:
        """The address of the page, without a slash at its end."""
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def stripe(self) -> str:
        """The base address of the stand-in for Stripe."""
        return f"{self.web}/stripe"

    @property
    def stripe_webhook(self) -> str:
        """Where the stand-in for Stripe sends its events: to the bot."""
        return f"http://127.0.0.1:{self.bot_health_port}{STRIPE_WEBHOOK_PATH}"


@dataclass(frozen=True)
class Environments:
    """The settings alone (without the rest of a process's environment) for an operator, the bot and the worker."""

    operator: Mapping[str, str]
    bot: Mapping[str, str]
    worker: Mapping[str, str]

    def write(self, folder: Folder) -> None:
        """Writes `sandbox.env`, `bot.env` and `worker.env`, to be read by `set -a; . FILE`."""
        for name, settings in (("sandbox", self.operator), ("bot", self.bot), ("worker", self.worker)):
            lines = (f"{key}={shlex.quote(value)}\n" for key, value in sorted(settings.items()))
            write_private(folder.env_file(name), "".join(lines))


def environments(folder: Folder, servers: Servers, given: Mapping[str, str]) -> Environments:
    """All settings; `given` is the starter's own environment, whose waits win over the sandbox's."""
    coin_waits = {f"{coin}_{name}": value for coin in COINS for name, value in COIN_WAITS.items()}
    waits = {name: given.get(name, value) for name, value in (WAITS | coin_waits).items()}
    common = waits | _addresses(folder, servers) | _coins(servers)
    worker_keys = {"WALLET_KEYS_DIR": str(folder.keys / "worker")}
    return Environments(
        operator=common | worker_keys,
        bot=_without(common, WORKER_ONLY) | {"WALLET_KEYS_DIR": str(folder.keys / "bot")},
        worker=_without(common, BOT_ONLY) | worker_keys,
    )


def _addresses(folder: Folder, servers: Servers) -> dict[str, str]:
    return {
        "WALLET_ENV": "sandbox",
        "WALLET_DATA_DIR": str(folder.root),
        "MONGODB_URI": servers.mongodb_uri,
        "MONGODB_DATABASE": DATABASE,
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE_URL": f"{servers.web}/bot",
        "TELEGRAM_API_FILE_URL": f"{servers.web}/file/bot",
        "BOT_HEALTH_PORT": str(servers.bot_health_port),
        "RATES_URLS": " ".join(f"{servers.web}{form}" for form in FORMS),
        "ETH_RPC_URL": servers.nodes.get("eth", NO_NODE),
        "ETH_CHAIN_ID": "31337",
        "ETH_MULTISEND_ADDRESS": MULTI_SEND_ADDRESS,
        "SEED_PASSPHRASE": SEED_PASSPHRASE,
        "STRIPE_API_BASE": servers.stripe,
        "STRIPE_API_KEY": STRIPE_API_KEY,
        "STRIPE_WEBHOOK_SECRET": STRIPE_WEBHOOK_SECRET,
        "CARD_RETURN_URL": servers.web,
        "WORKER_STATE_DIR": str(folder.worker),
        "WORKER_HEALTH_PORT": str(servers.worker_health_port),
    }


def _coins(servers: Servers) -> dict[str, str]:
    settings = {}
    for coin in COINS:
        settings[f"{coin}_NETWORK"] = "regtest"
        # Without an address the worker does not serve the chain.
        settings[f"{coin}_RPC_URL"] = servers.nodes.get(coin.lower(), "")
        settings[f"{coin}_RPC_USER"], settings[f"{coin}_RPC_PASSWORD"] = RPC_USER, RPC_PASSWORD
    return settings


def _without(settings: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in settings.items() if name not in names}


def process_environment(settings: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a process: the starter's own without the other process's settings, and these."""
    return {**_without(given, WORKER_ONLY | BOT_ONLY), "PYTHONUNBUFFERED": "1", **settings}
