"""Starts the whole wallet on one machine, in the order in which the parts need each other, and ends it in reverse.

MongoDB and the nodes first, then the web server (Bot API, page, prices), then the wallet's own commands (keys, schema,
the house's first money), then the bot and the worker. Whatever fails half way, everything that was started is ended.
"""

import asyncio
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from bot.sandbox.app import build, serve
from bot.sandbox.chains import LocalChains
from bot.sandbox.components import COMPONENTS, ensure
from bot.sandbox.contract import deploy_multi_send
from bot.sandbox.environment import (
    STRIPE_API_KEY,
    STRIPE_WEBHOOK_SECRET,
    TOKEN,
    Environments,
    Servers,
    environments,
    process_environment,
)
from bot.sandbox.folder import Folder, opened
from bot.sandbox.funding import fund_hot_wallets
from bot.sandbox.nodes import Nodes
from bot.sandbox.processes import Program, Supervisor
from bot.sandbox.readiness import PollWatch, answers, wait_until
from bot.sandbox.secrets_guard import findings
from bot.sandbox.stripe.company import CardCompany
from bot.sandbox.stripe.webhooks import Endpoint
from bot.sandbox.ticker import PriceBoard
from bot.sandbox.wallet_commands import WalletAdmins, WalletCommands, WalletOverview
from bot.sandbox.world import World
from wallet_core.adapters.mongo.embedded import MongodOptions, command_line, form_replica_set, free_port, uri_of

HOST = "127.0.0.1"
Say = Callable[[str], None]


class StartError(RuntimeError):
    """The sandbox cannot be started; the message says why and what to do."""


@dataclass(frozen=True)
class Options:
    """What a person may choose by the environment."""

    root: Path
    web_port: int
    block_seconds: float
    reset: bool

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Options":
        """Reads WALLET_DATA_DIR, SANDBOX_PORT, SANDBOX_BLOCK_SECONDS and SANDBOX_RESET; raises `StartError`."""
        try:
            return cls(
                root=Path(environment.get("WALLET_DATA_DIR") or "data/sandbox"),
                web_port=int(environment.get("SANDBOX_PORT") or 8090),
                block_seconds=float(environment.get("SANDBOX_BLOCK_SECONDS") or 2),
                reset=environment.get("SANDBOX_RESET", "") not in ("", "0"),
            )
        except ValueError as error:
            raise StartError(f"SANDBOX_PORT and SANDBOX_BLOCK_SECONDS are numbers: {error}") from error


async def run(given: Mapping[str, str], say: Say) -> None:
    """Runs a sandbox until it is cancelled; `given` is the environment it was started with.

    Raises `StartError`, `FolderError`, `MissingComponentError`, `NotReadyError`, `WalletCommandError` or
    `MongodError`, each with a message for a person.
    """
    real = findings(given)
    if real:
        raise StartError("this environment belongs to the real world, and the sandbox plays: " + "; ".join(real))
    options = Options.of(given)
    _require_free(options.web_port)
    folder, lock = opened(options.root)
    with lock:
        _prepare(folder, options, say)
        async with _Start(folder, options, given, say).running():
            say(f"SANDBOX_READY http://{HOST}:{options.web_port}")
            await asyncio.Event().wait()


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise StartError(f"port {port} is taken; choose another one by SANDBOX_PORT") from error


def _prepare(folder: Folder, options: Options, say: Say) -> None:
    everything = "chats, chains, database and keys"
    if options.reset and folder.is_used:
        folder.reset()
        say(f"data: {everything} in {folder.root} were reset together")
    elif folder.is_used:
        say(f"data: {everything} in {folder.root} are kept from before (SANDBOX_RESET=1 resets them together)")
    else:
        say(f"data: new, in {folder.root}")
    folder.mongodb.mkdir(exist_ok=True)
    folder.chains.mkdir(exist_ok=True)


class _Start:
    """One start: what it knows grows step by step, and what it started is on the stack."""

    def __init__(self, folder: Folder, options: Options, given: Mapping[str, str], say: Say) -> None:
        self._folder = folder
        self._options = options
        self._given = given
        self._say = say
        self._processes = Supervisor(folder.logs)
        self._bot_polls = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._processes.stop_all)
            mongodb_uri = await self._start_mongod()
            nodes = Nodes(self._processes, self._folder, self._given, self._say)
            await nodes.start()
            servers = Servers(self._options.web_port, mongodb_uri, nodes.urls, free_port(), free_port())
            settings = environments(self._folder, servers, self._given)
            settings.write(self._folder)
            wallet = WalletCommands(process_environment(settings.operator, self._given))
            chains = await self._start_web(stack, nodes, wallet, servers)
            await self._prepare_wallet(wallet, nodes)
            # Only one at a time may mine: litecoind dies of two blocks that are made at the same moment.
            await stack.enter_async_context(_in_background(chains.keep_mining()))
            stack.push_async_callback(self._processes.stop, ["bot", "worker"])
            await self._start_wallet(settings, servers)
            try:
                yield
            finally:
                self._say("stopping: the bot and the worker first")

    async def _start_mongod(self) -> str:
        binary = await asyncio.to_thread(ensure, COMPONENTS["mongod"], self._say)
        port = free_port()
        argv = command_line(binary, MongodOptions(self._folder.mongodb, port, oplog_mb=64))
        pid = await self._processes.run(Program("mongod", argv, self._given, revived=True))
        await form_replica_set([port], is_alive=lambda: self._processes.is_running("mongod"))
        self._say(f"mongod: up, a replica set of one at port {port} (pid {pid})")
        return uri_of([port])

    async def _start_web(
        self, stack: AsyncExitStack, nodes: Nodes, wallet: WalletCommands, servers: Servers
    ) -> LocalChains:
        chains = LocalChains(nodes.chains(), nodes.off, self._options.block_seconds)
        stack.push_async_callback(chains.close)
        world = World(
            chains=chains,
            ticker=PriceBoard(),
            processes=self._processes,
            admins=WalletAdmins(wallet),
            cards=self._card_company(servers),
            overview=WalletOverview(wallet),
        )
        app = build(token=TOKEN, data_dir=self._folder.chats, world=world)
        app.add_middleware(PollWatch, seen=self._bot_polls)
        await stack.enter_async_context(_served(app, self._options.web_port))
        self._say(f"web: the Bot API, the page and the prices at http://{HOST}:{self._options.web_port}")
        return chains

    def _card_company(self, servers: Servers) -> CardCompany:
        endpoint = Endpoint(servers.stripe_webhook, STRIPE_WEBHOOK_SECRET)
        return CardCompany(self._folder.cards, api_key=STRIPE_API_KEY, endpoint=endpoint)

    async def _prepare_wallet(self, wallet: WalletCommands, nodes: Nodes) -> None:
        if not self._folder.keys.exists():
            await self._make_keys(wallet)
        await wallet.run("migrate")
        self._say("database: its schema is in place")
        if nodes.urls:
            self._say(f"money: {await fund_hot_wallets(self._folder, nodes.urls, wallet)}")
        if "eth" in nodes.urls:
            self._say(f"mass payouts of ether: {await deploy_multi_send(nodes.urls['eth'], wallet)}")

    async def _make_keys(self, wallet: WalletCommands) -> None:
        """All of them or none: a start that dies in between leaves no half set under the final name."""
        unfinished = self._folder.keys.with_name("keys.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        await wallet.run("keys", "new", str(unfinished))
        unfinished.replace(self._folder.keys)
        self._say(f"keys: new ones in {self._folder.keys}")

    async def _start_wallet(self, settings: Environments, servers: Servers) -> None:
        for name, module, own in (("worker", "payout_worker", settings.worker), ("bot", "bot", settings.bot)):
            env = process_environment(own, self._given)
            await self._processes.run(Program(name, [sys.executable, "-m", module], env))

        async def bot_polls() -> bool:
            return self._bot_polls.is_set()

        async def worker_serves() -> bool:
            return await answers(f"http://{HOST}:{servers.worker_health_port}/readyz")

        await asyncio.gather(
            wait_until("bot", bot_polls, self._processes), wait_until("worker", worker_serves, self._processes)
        )
        wallet = Path(sys.executable).with_name("wallet")
        self._say(f"bot and worker: up; beside them: set -a; . {self._folder.env_file('sandbox')}; {wallet} verify")


@asynccontextmanager
async def _served(app: Starlette, port: int) -> AsyncIterator[None]:
    started = asyncio.Event()
    serving = asyncio.create_task(serve(app, HOST, port, started))
    waiting = asyncio.create_task(started.wait())
    try:
        await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        yield
    finally:
        await _cancelled(waiting)
        await _cancelled(serving)


@asynccontextmanager
async def _in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        await _cancelled(task)


async def _cancelled(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
