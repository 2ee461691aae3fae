"""The servers that the tests run against: real ones, on free ports, in folders that vanish.

Every server is on a leash (`bot.sandbox.leash`), so that even a SIGKILL of pytest leaves none behind; a SIGTERM is
turned into the interrupt that lets fixtures end what they started.
"""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from pymongo import AsyncMongoClient
from xdist.scheduler import LoadFileScheduling

from bot.sandbox.anvil import AnvilOptions, AnvilRpc, command_line
from bot.sandbox.coin_node import CoinNodeOptions, CoinNodeRpc
from bot.sandbox.coin_node import command_line as coin_command_line
from bot.sandbox.components import COMPONENTS, ensure
from bot.sandbox.components.__main__ import allowed_to_miss
from bot.sandbox.leash import leashed
from tests.support.databases import Databases
from wallet_core.adapters.mongo.embedded import EmbeddedMongo, end_process, free_port

MARKERS = {
    "campaign": "a long fault campaign; `make faults` runs them, `make test` does not",
    "browser": "drives a real browser",
}

#: Where one sandbox does for all files but these.
SHARED_SANDBOX = "tests/e2e/"
OWN_SANDBOX = ("tests/e2e/test_in_the_browser.py",)

# How long an example takes says how busy the machine is, and nothing of the program. And many a wallet that is drawn
# cannot pay what is drawn beside it.
_ALLOWED = (HealthCheck.too_slow, HealthCheck.filter_too_much)
settings.register_profile("busy", deadline=None, suppress_health_check=_ALLOWED)
settings.load_profile("busy")


# To read all authorities for TLS takes each client 25 ms, and here are thousands of clients that never speak it.
httpx._transports.default.create_ssl_context = cache(httpx._config.create_ssl_context)


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    signal.signal(signal.SIGTERM, _interrupt)
    # What a shell starts in the background ignores interrupts, and so would every process that a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


class ByWorld(LoadFileScheduling):
    """Gives each process whole files, and one process all that share the sandbox, so that there is only one of it."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return SHARED_SANDBOX if file.startswith(SHARED_SANDBOX) and file not in OWN_SANDBOX else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByWorld | None:
    return ByWorld(config, log) if config.getvalue("dist") == "loadfile" else None


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@pytest.fixture(scope="session")
async def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """One mongod, a replica set of one, for the whole session."""
    async with EmbeddedMongo(tmp_path_factory.mktemp("mongod"), wrapper=leashed([]), oplog_mb=64) as mongo:
        yield mongo.uri


@pytest.fixture(scope="session")
async def mongo_client(mongo_uri: str) -> AsyncIterator[AsyncMongoClient[dict[str, Any]]]:
    """A client for the tests' own looks into the database."""
    async with AsyncMongoClient[dict[str, Any]](mongo_uri, tz_aware=True) as client:
        yield client


@pytest.fixture(scope="session")
def databases() -> Databases:
    """The databases of that server."""
    return Databases()


@pytest.fixture
async def database_name(databases: Databases, mongo_client: AsyncMongoClient[dict[str, Any]]) -> AsyncIterator[str]:
    """A migrated database that nobody else uses meanwhile, as new."""
    name = await databases.take(mongo_client)
    yield name
    databases.give_back(name)


class AnvilNode(AnvilRpc):
    """A running anvil and its process."""

    def __init__(self, url: str, process: "subprocess.Popen[bytes]") -> None:
        super().__init__(url)
        self.process = process

    async def stop(self, number: int = signal.SIGTERM) -> None:
        """Ends the node: by SIGTERM it saves its state, by SIGKILL it does not."""
        await self.close()
        if self.process.poll() is None:
            os.kill(self.process.pid, number)
        await end_process(self.process.pid, self.process)


AnvilFactory = Callable[..., Awaitable[AnvilNode]]


@pytest.fixture
async def anvil(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AnvilFactory]:
    """`node = await anvil(automine=True, state_file=None, port=None)`; every node ends with the test."""
    started: list[AnvilNode] = []
    folder = tmp_path_factory.mktemp("anvil")

    async def start(*, automine: bool = True, state_file: Path | None = None, port: int | None = None) -> AnvilNode:
        options = AnvilOptions(port or free_port(), state_file, automine)
        binary = await asyncio.to_thread(ensure, COMPONENTS["anvil"], print)
        node = _spawned(command_line(binary, options), folder / f"{options.port}.log", options.port)
        started.append(node)
        await node.wait_until_up()
        return node

    yield start
    for node in started:
        await node.stop()


class CoinNode(CoinNodeRpc):
    """A bitcoind or litecoind, the options it was started with, and its process."""

    def __init__(self, options: CoinNodeOptions, argv: list[str], log: Path) -> None:
        super().__init__(options.url)
        self.options = options
        self._argv = argv
        self._log = log
        self.process = self._spawned()

    def _spawned(self) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as out:
            return subprocess.Popen(leashed(self._argv), stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    async def stop(self, number: int = signal.SIGTERM) -> None:
        """Ends the process: by SIGTERM it saves what it has, by SIGKILL it does not. `restart` starts it again."""
        if self.process.poll() is None:
            os.kill(self.process.pid, number)
        await end_process(self.process.pid, self.process)

    async def restart(self) -> None:
        """Starts it again with the same files and ports, after ending it if need be, and waits until it answers."""
        await self.stop()
        self.process = self._spawned()
        await self.wait_until_up()


CoinNodeFactory = Callable[..., Awaitable[CoinNode]]


@pytest.fixture
async def coin_node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[CoinNodeFactory]:
    """`node = await coin_node("btc", listen=False, peers=())`; every node ends with the test.

    `peers` are the `options.listen_port` of other nodes that listen.
    """
    started: list[CoinNode] = []

    async def start(chain: str, *, listen: bool = False, peers: tuple[int, ...] = ()) -> CoinNode:
        folder = tmp_path_factory.mktemp(chain)
        program = COMPONENTS[{"btc": "bitcoind", "ltc": "litecoind"}[chain]]
        binary = await asyncio.to_thread(ensure, program, print)
        options = CoinNodeOptions(chain, folder, free_port(), free_port() if listen else 0, peers)
        node = CoinNode(options, coin_command_line(binary, options), folder / "node.log")
        started.append(node)
        await node.wait_until_up()
        return node

    yield start
    for node in started:
        await node.close()
        await node.stop()


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program; a test that needs it is skipped only where ALLOW_MISSING names it."""
    found = COMPONENTS["chromium"].locate()
    if found is None and "chromium" in allowed_to_miss():
        pytest.skip("chromium is missing, and ALLOW_MISSING allows it")
    assert found is not None, "chromium is missing: python -m bot.sandbox.components ensure chromium"
    return found


def _spawned(argv: list[str], log: Path, port: int) -> AnvilNode:
    with log.open("ab") as out:
        process = subprocess.Popen(leashed(argv), stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    return AnvilNode(f"http://127.0.0.1:{port}", process)
