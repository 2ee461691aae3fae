"""Processes that post a load when told to: one JSON line in, one JSON line out, and the end of input ends them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Final

from bot.sandbox.leash import leashed
from tests.benchmarks.load import Load
from tests.benchmarks.results import Rate

_ROOT: Final = Path(__file__).resolve().parents[2]
_PATIENCE_SECONDS: Final = 300.0


class DriverError(RuntimeError):
    """A driver ended, or did not answer in time; the message holds its last words."""


class Driver:
    """The other end of one such process."""

    def __init__(self, process: asyncio.subprocess.Process, said: IO[bytes]) -> None:
        self._process = process
        self._said = said

    async def measure(self, load: Load) -> Rate:
        """Has the load posted there. Raises ``DriverError``."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(asdict(load)).encode() + b"\n")
            await self._process.stdin.drain()
            line = await asyncio.wait_for(self._process.stdout.readline(), load.seconds + _PATIENCE_SECONDS)
        except TimeoutError as error:
            raise DriverError("it does not answer") from error
        except ConnectionError as error:
            raise DriverError(self._last_words()) from error
        if not line:
            raise DriverError(self._last_words())
        return Rate(**json.loads(line))

    def _last_words(self) -> str:
        self._said.seek(0)
        said = self._said.read().decode(errors="replace").strip()
        return said[-300:] or "it ended without a word"

    async def end(self) -> None:
        """Lets it go, and ends it when it will not."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 10)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def driver(argv: Sequence[str], environment: Mapping[str, str] | None = None) -> AsyncIterator[Driver]:
    """Starts one; it never outlives this process."""
    pipe, variables = asyncio.subprocess.PIPE, {**os.environ, **(environment or {})}
    # A file: a pipe that nobody reads would stop a driver that has much to say.
    with tempfile.TemporaryFile() as said:
        process = await asyncio.create_subprocess_exec(
            *leashed(argv), stdin=pipe, stdout=pipe, stderr=said, cwd=_ROOT, env=variables
        )
        started = Driver(process, said)
        try:
            yield started
        finally:
            await started.end()


def worker(uri: str, database: str) -> Sequence[str]:
    """The command line of a process with a ledger of its own on this database."""
    return [sys.executable, "-m", "tests.benchmarks.worker", uri, database]
