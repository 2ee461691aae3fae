"""A whole sandbox as its user starts it: real processes, real MongoDB, real chain."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.sandbox.leash import leashed
from tests.support.chat import Sim
from wallet_core.adapters.mongo.embedded import free_port

START_SECONDS = 120


@dataclass
class RunningSandbox:
    """Where a sandbox listens, its folder, and its control API."""

    address: str
    folder: Path
    sim: Sim

    async def wallet(self, *argv: str) -> tuple[int, str]:
        """Runs ``wallet …`` beside it, with the settings that the sandbox wrote."""
        settings = dict(
            line.split("=", 1) for line in (self.folder / "sandbox.env").read_text().splitlines() if "=" in line
        )
        environment = {**os.environ, **{name: value.strip("'") for name, value in settings.items()}}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "wallet_core.cli", *argv, env=environment, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        out, _ = await process.communicate()
        return process.returncode or 0, out.decode()


@asynccontextmanager
async def running_sandbox(folder: Path, **settings: str) -> AsyncIterator[RunningSandbox]:
    """Starts ``python -m bot.sandbox`` with a block a second, and ends it by SIGTERM."""
    port = free_port()
    chosen = {
        "WALLET_DATA_DIR": str(folder), "SANDBOX_PORT": str(port), "SANDBOX_BLOCK_SECONDS": "1",
        "NEW_ADDRESS_WAIT_SECONDS": "1", "TWO_FACTOR_WAIT_SECONDS": "1", "DUPLICATE_WITHIN_SECONDS": "0", **settings,
    }  # fmt: skip
    argv = leashed([sys.executable, "-m", "bot.sandbox"])
    process = await asyncio.create_subprocess_exec(*argv, env={**os.environ, **chosen}, stdout=asyncio.subprocess.PIPE)
    try:
        address = await asyncio.wait_for(_ready(process), START_SECONDS)
        async with httpx.AsyncClient(base_url=address, timeout=30) as http:
            yield RunningSandbox(address, folder, Sim(http))
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 60)


@pytest.fixture(scope="package")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningSandbox]:
    """One sandbox for all tests that leave it as they found it; it keeps half a processor busy until they end."""
    async with running_sandbox(tmp_path_factory.mktemp("sandbox") / "data") as sandbox:
        yield sandbox


async def _ready(process: asyncio.subprocess.Process) -> str:
    """The address that is printed when all is up; what was printed instead, when it is not."""
    assert process.stdout is not None
    printed = []
    async for line in process.stdout:
        printed.append(line.decode())
        if line.startswith(b"SANDBOX_READY "):
            return line.split()[1].decode()
    raise AssertionError("the sandbox did not start:\n" + "".join(printed))
