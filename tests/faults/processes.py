"""Worker processes as the tests see them, however they were started."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from bot.sandbox.leash import leashed
from tests.faults.fork_server import ForkedWorker

Process = subprocess.Popen[bytes] | ForkedWorker


def spawn(environment: dict[str, str], log: Path, folder: Path | None = None) -> Process:
    """``python -m payout_worker``, out of another copy of the source if a folder is given."""
    argv = leashed([sys.executable, "-m", "payout_worker"])
    with log.open("ab") as out:
        return subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder)


async def ended(process: Process, seconds: float = 20) -> int:
    """Waits for a process to end, and returns its exit code."""
    for _ in range(int(seconds / 0.02)):
        code = process.poll()
        if code is not None:
            return code
        await asyncio.sleep(0.02)
    process.kill()
    raise TimeoutError("the worker did not end")
