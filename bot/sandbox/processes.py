"""The sandbox's processes: started on a leash, watched, signalled from the page, and all ended in the end.

People kill things here to watch what happens, so a process that ended stays ended until somebody starts it. The
exception is a program marked `revived` (the database, which all others depend on): when it dies without having been
told to by us, it is started again. Each process has a session of its own: a Ctrl-C in the terminal reaches the starter
alone, which then ends the others in the right order.
"""

import asyncio
import os
import signal
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.sandbox.leash import leashed
from bot.sandbox.world import HookError

SIGNALS = ("SIGTERM", "SIGINT", "SIGUSR2", "SIGKILL")
GRACE_SECONDS = 10.0
LOG_MAX_BYTES = 20_000_000
REVIVE_AFTER_SECONDS = 1.0
# A signal's effect is mostly there by then, so that the page's next look shows it.
_SETTLE_SECONDS = 0.15


@dataclass(frozen=True)
class Program:
    """What to run under a name. `env` is the whole environment of the process."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    revived: bool = False


@dataclass
class _Child:
    program: Program
    log: Path
    process: asyncio.subprocess.Process | None = None
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    told_to_end: bool = False
    watch: "asyncio.Task[None] | None" = None

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.returncode is None


class Supervisor:
    """The processes of one sandbox by their names."""

    def __init__(self, log_dir: Path) -> None:
        self._log_dir = log_dir
        self._children: dict[str, _Child] = {}

    async def run(self, program: Program) -> int:
        """Takes a program in, starts it and returns its pid."""
        self._log_dir.mkdir(parents=True, exist_ok=True)
        child = _Child(program, self._log_dir / f"{program.name}.log")
        self._children[program.name] = child
        return await _start(child)

    def log_of(self, name: str) -> Path:
        """The file with all that this process wrote."""
        return self._children[name].log

    def is_running(self, name: str) -> bool:
        """Whether the process is alive now."""
        return self._children[name].runs

    async def state(self) -> list[dict[str, Any]]:
        """One object a process: `name`, `state` (running or exited), `pid`, `exit_code`, `signal`, `since`, `log`."""
        return [_described(child) for child in self._children.values()]

    async def act(self, name: str, action: str) -> dict[str, Any]:
        """Sends a signal or does `start`; answers the process. Raises `HookError`."""
        child = self._children.get(name)
        if child is None:
            raise HookError(f"there is no process {name}; there are {', '.join(self._children)}", 404)
        if action == "start":
            await _start_again(child)
        else:
            _signal(child, action)
        await asyncio.sleep(_SETTLE_SECONDS)
        return _described(child)

    async def stop(self, names: Iterable[str], grace_seconds: float = GRACE_SECONDS) -> None:
        """Ends these processes together: SIGTERM, and SIGKILL for those that outlive the grace."""
        await asyncio.gather(*(_end(self._children[name], grace_seconds) for name in names if name in self._children))

    async def stop_all(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Ends the processes one after the other, the last started first."""
        for name in reversed(list(self._children)):
            await self.stop([name], grace_seconds)


async def _start(child: _Child) -> int:
    child.told_to_end = False
    process = child.process = await _spawned(child)
    child.since = datetime.now(UTC)
    child.watch = asyncio.create_task(_watch(child, process))
    return process.pid


async def _spawned(child: _Child) -> asyncio.subprocess.Process:
    argv = leashed(child.program.argv)
    with child.log.open(_log_mode(child.log)) as out:
        return await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=dict(child.program.env),
            start_new_session=True,
        )


def _log_mode(log: Path) -> str:
    return "wb" if log.exists() and log.stat().st_size > LOG_MAX_BYTES else "ab"


async def _watch(child: _Child, process: asyncio.subprocess.Process) -> None:
    await process.wait()
    child.since = datetime.now(UTC)
    if child.program.revived and not child.told_to_end:
        await asyncio.sleep(REVIVE_AFTER_SECONDS)
        await _start(child)


async def _start_again(child: _Child) -> None:
    if child.runs:
        raise HookError(f"{child.program.name} is running", 409)
    await _forget_watch(child)
    await _start(child)


async def _forget_watch(child: _Child) -> None:
    """Without this a revival that is about to happen would start the program twice."""
    if child.watch is not None:
        child.watch.cancel()
        await asyncio.gather(child.watch, return_exceptions=True)


def _signal(child: _Child, name: str) -> None:
    if name not in SIGNALS:
        raise HookError(f"there is no action {name}; there are start, {', '.join(SIGNALS)}", 404)
    if not child.runs:
        raise HookError(f"{child.program.name} is not running", 409)
    child.told_to_end = True
    _send(child, signal.Signals[name])


def _send(child: _Child, number: signal.Signals) -> None:
    if child.process is not None and child.runs:
        with suppress(ProcessLookupError):
            os.kill(child.process.pid, number)


async def _end(child: _Child, grace_seconds: float) -> None:
    child.told_to_end = True
    if not child.runs:
        await _forget_watch(child)
    for number, seconds in ((signal.SIGTERM, grace_seconds), (signal.SIGKILL, GRACE_SECONDS)):
        if child.process is None or not child.runs:
            return
        _send(child, number)
        with suppress(TimeoutError):
            await asyncio.wait_for(child.process.wait(), seconds)


def _described(child: _Child) -> dict[str, Any]:
    code = None if child.process is None else child.process.returncode
    killed_by = signal.Signals(-code).name if code is not None and code < 0 else None
    return {
        "name": child.program.name,
        "state": "running" if child.runs else "exited",
        "pid": child.process.pid if child.process is not None and child.runs else None,
        "exit_code": code,
        "signal": killed_by,
        "since": child.since.isoformat(timespec="seconds"),
        "log": str(child.log),
    }
