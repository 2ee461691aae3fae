"""A wallet whose people send to each other, to kill its bot and its worker in: a real database, the local Bot API."""

from __future__ import annotations

import itertools
import json
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from tests.faults.environment import PASSPHRASE, make_keys, outside, settings_of
from tests.faults.fork_server import ForkServer
from tests.faults.processes import Process, ended
from tests.integration.sandbox.conftest import TOKEN, Sandbox, running
from tests.support.databases import transactions_end_after
from tests.support.wallet import ITD, SECRET, FixedRates, Wallet
from wallet_core.adapters.mongo import migrations
from wallet_core.adapters.vault import VAULT_KEYS_FILE, new_key_ring
from wallet_core.bootstrap import open_database, ports_of
from wallet_core.domain.accounts import Account, available
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.ledger import Posting, credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Person
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id, secret_bound_to

WORKER: Final = "worker"
BOT: Final = "bot"
_TRANSACTION_SECONDS: Final = 2


@dataclass
class Forks:
    """The processes that workers and bots are forked from."""

    workers: ForkServer = field(default_factory=ForkServer)
    bots: ForkServer = field(default_factory=lambda: ForkServer("tests.faults.sends.bot_process", "bot.service"))

    def close(self) -> None:
        """Ends both, and every process of theirs."""
        self.workers.close()
        self.bots.close()


@dataclass
class SendWorld:
    """One wallet; its worker and its bot are started again after each of their deaths."""

    wallet: Wallet
    sandbox: Sandbox
    folder: Path
    environment: dict[str, str]
    forks: Forks
    processes: dict[str, Process] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def ports(self) -> Ports:
        """The core's ports in this process, which looks on, and turns the clock where it has to."""
        return self.wallet.ports

    async def resident(self, name: str, itd: int = 0) -> tuple[int, str]:
        """Somebody enrolled, with so much ITD, who gave a code just now: their id and username."""
        username = f"{name}_{next(self._numbers)}"
        person, now = await self.sandbox.person(name, username=username), await self.ports.store.now()
        await self.ports.store.put(
            Person(id=person, display_name=name, username=username, username_key=username.lower(), seen_at=now)
        )
        sealed = self.ports.vault.seal(SECRET.encode(), bound_to=secret_bound_to(person))
        entries = (debit(Account(Asset.ITD, "trading"), itd * ITD), credit(available(person), itd * ITD))
        change = ChangeGuards(person, lambda guards, _: guards.with_(secret=sealed, code_at=now))
        await self.ports.ledger.post(
            Posting(f"test:{new_id()}", "test", "test", entries=entries if itd else (), changes=(change,))
        )
        # Telegram lets a bot write to nobody who has never written to it.
        await self.sandbox.say(person, "/start")
        return person, username

    def start(self, name: str, **environment: str) -> Process:
        """Starts the worker or the bot; its log is in the folder."""
        server = {WORKER: self.forks.workers, BOT: self.forks.bots}[name]
        process = server.start({**self.environment, **environment}, self.folder / f"{name}.log")
        self.processes[name] = process
        return process

    async def kill(self, name: str) -> bool:
        """SIGKILL; tells whether it was still alive."""
        process = self.processes[name]
        was_alive = process.poll() is None
        process.kill()
        return await ended(process) == -signal.SIGKILL and was_alive

    async def stop(self, name: str) -> int:
        """SIGTERM; returns the exit code."""
        self.processes[name].send_signal(signal.SIGTERM)
        return await ended(self.processes[name])

    async def drop_database(self) -> None:
        """Removes everything, once no process is left."""
        for name in self.processes:
            await self.kill(name)
        await self.wallet.database.client.drop_database(self.wallet.database.name)


@asynccontextmanager
async def open_world(uri: str, database_name: str, folder: Path, forks: Forks) -> AsyncIterator[SendWorld]:
    """An empty wallet, and a Telegram to talk to it."""
    make_keys(folder / "keys")
    (folder / "keys" / VAULT_KEYS_FILE).write_text(json.dumps(new_key_ring()))
    for name in ("state", "telegram"):
        (folder / name).mkdir()
    async with running(folder / "telegram") as sandbox, AsyncExitStack() as stack:
        environment = _environment(uri, database_name, folder, sandbox.address)
        settings = settings_of(environment)
        database = await stack.enter_async_context(open_database(settings))
        http = await stack.enter_async_context(httpx.AsyncClient())
        await migrations.migrate(database)
        await stack.enter_async_context(transactions_end_after(database.client, _TRANSACTION_SECONDS))
        wallet = Wallet(ports_of(settings, database, http), FixedRates(), database)
        world = SendWorld(wallet, sandbox, folder, {**outside(), **environment}, forks)
        try:
            yield world
        finally:
            for name in world.processes:
                await world.kill(name)


def _environment(uri: str, database_name: str, folder: Path, telegram: str) -> dict[str, str]:
    """Of both processes."""
    return {
        "MONGODB_URI": uri,
        "MONGODB_DATABASE": database_name,
        "WALLET_KEYS_DIR": str(folder / "keys"),
        "SEED_PASSPHRASE": PASSPHRASE,
        # Nobody answers there: a worker without any chain would not start.
        "ETH_RPC_URL": "http://127.0.0.1:9",
        "WORKER_STATE_DIR": str(folder / "state"),
        "WORKER_POLL_SECONDS": "0.1",
        "LEASE_SECONDS": "1",
        "BOT_HEALTH_PORT": "0",
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE_URL": f"{telegram}/bot",
        "TELEGRAM_API_FILE_URL": f"{telegram}/file/bot",
    }
