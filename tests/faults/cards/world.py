"""A wallet that sells by card, to kill its processes in: a real database, workers and bots, the stand-in for Stripe."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import httpx

from bot.card_webhook import PATH
from bot.sandbox.stripe.webhooks import Endpoint, Manner
from tests.faults.environment import PASSPHRASE, make_keys, outside, settings_of
from tests.faults.fork_server import ForkServer
from tests.faults.processes import Process, ended
from tests.support.card_company import KEY, Company, open_company
from tests.support.databases import transactions_end_after
from tests.support.wallet import FixedRates, PatientTotp, Wallet
from wallet_core.adapters.mongo import migrations
from wallet_core.adapters.mongo.embedded import free_port
from wallet_core.adapters.vault import VAULT_KEYS_FILE, new_key_ring
from wallet_core.bootstrap import open_database, ports_of
from wallet_core.ports import Ports

_SECRET: Final = "whsec_of_the_faults"
_TRANSACTION_SECONDS: Final = 2


@dataclass
class Forks:
    """The processes that workers and bots are forked from."""

    workers: ForkServer = field(default_factory=ForkServer)
    bots: ForkServer = field(default_factory=lambda: ForkServer("tests.faults.cards.bot_process", "bot.service"))

    def close(self) -> None:
        """Ends both, and every process of theirs."""
        self.workers.close()
        self.bots.close()


@dataclass
class CardWorld:
    """One wallet; its worker and its bot are started again after each of their deaths."""

    wallet: Wallet
    company: Company
    folder: Path
    environment: dict[str, str]
    forks: Forks
    processes: dict[str, Process] = field(default_factory=dict)

    @property
    def ports(self) -> Ports:
        """The core's ports in this process, where people's orders are made."""
        return self.wallet.ports

    def start(self, name: str, **environment: str) -> Process:
        """Starts the ``worker`` or the ``bot``; its log is in the folder."""
        server = {"worker": self.forks.workers, "bot": self.forks.bots}[name]
        process = server.start({**self.environment, **environment}, self.folder / f"{name}.log")
        self.processes[name] = process
        return process

    async def kill(self, name: str) -> bool:
        """SIGKILL; tells whether it was still alive."""
        self.processes[name].kill()
        return await ended(self.processes[name]) == -signal.SIGKILL

    async def stop(self, name: str) -> int:
        """SIGTERM; returns the exit code."""
        self.processes[name].send_signal(signal.SIGTERM)
        return await ended(self.processes[name])

    async def kill_all(self) -> None:
        """Ends what is left, however it is."""
        for name in self.processes:
            await self.kill(name)

    async def drop_database(self) -> None:
        """Removes everything, once no process is left."""
        await self.kill_all()
        await self.wallet.database.client.drop_database(self.wallet.database.name)


@asynccontextmanager
async def open_world(uri: str, database_name: str, folder: Path, forks: Forks) -> AsyncIterator[CardWorld]:
    """An empty wallet, and the card company, which delivers its webhooks three times each in any order."""
    keys, port = folder / "keys", free_port()
    make_keys(keys)
    (keys / VAULT_KEYS_FILE).write_text(json.dumps(new_key_ring()))
    (folder / "state").mkdir()
    async with open_company(folder / "stripe") as company, AsyncExitStack() as stack:
        environment = _environment(uri, database_name, folder, company.address, port)
        settings = settings_of(environment)
        database = await stack.enter_async_context(open_database(settings))
        http = await stack.enter_async_context(httpx.AsyncClient())
        await migrations.migrate(database)
        await stack.enter_async_context(transactions_end_after(database.client, _TRANSACTION_SECONDS))
        ports = replace(ports_of(settings, database, http), totp=PatientTotp())
        company.company.webhooks.manner = Manner(copies=3, order="shuffled", delay_seconds=0.05)
        company.company.webhooks.endpoint = Endpoint(f"http://127.0.0.1:{port}{PATH}", _SECRET)
        wallet = Wallet(ports, FixedRates(), database)
        world = CardWorld(wallet, company, folder, {**outside(), **environment}, forks)
        try:
            yield world
        finally:
            await world.kill_all()


def _environment(uri: str, database_name: str, folder: Path, company: str, port: int) -> dict[str, str]:
    """Of both processes; no Telegram answers there, so that the bot takes webhooks and nothing else."""
    return {
        "MONGODB_URI": uri,
        "MONGODB_DATABASE": database_name,
        "WALLET_KEYS_DIR": str(folder / "keys"),
        "SEED_PASSPHRASE": PASSPHRASE,
        "ETH_RPC_URL": "",
        "STRIPE_API_KEY": KEY,
        "STRIPE_API_BASE": company,
        "STRIPE_WEBHOOK_SECRET": _SECRET,
        "CARD_POLL_SECONDS": "0.3",
        "WORKER_STATE_DIR": str(folder / "state"),
        "WORKER_POLL_SECONDS": "0.1",
        "LEASE_SECONDS": "1",
        "BOT_HEALTH_PORT": str(port),
        "TELEGRAM_API_BASE_URL": "http://127.0.0.1:9/bot",
        "TELEGRAM_API_FILE_URL": "http://127.0.0.1:9/file/bot",
    }
