"""Real mongod processes as one replica set, which are killed, paused and stepped down."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pymongo import AsyncMongoClient
from pymongo.errors import AutoReconnect, PyMongoError

from bot.sandbox.leash import leashed
from wallet_core.adapters.mongo.embedded import (
    MongodOptions,
    command_line,
    find_mongod,
    form_replica_set,
    free_port,
    spawn,
)

#: A new primary within about two seconds.
_SETTINGS: Final = {"electionTimeoutMillis": 2_000, "heartbeatIntervalMillis": 500}
#: With less a killed member is too stale to come back after seconds of load.
_OPLOG_MB: Final = 512
_POLL_SECONDS: Final = 0.05
_ELECTION_SECONDS: Final = 60


@dataclass
class Member:
    """One mongod of the set."""

    options: MongodOptions
    parameters: Sequence[str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it over the data that it has, if it does not run."""
        if self.process is None or self.process.poll() is not None:
            self.options.data_dir.mkdir(exist_ok=True)
            argv = command_line(find_mongod(), self.options)
            for parameter in self.parameters:
                argv += ["--setParameter", parameter]
            self.process = spawn(leashed(argv), self.options.data_dir.with_suffix(".log"))

    def kill(self) -> None:
        """SIGKILL: what is not on the disk is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@dataclass
class ReplicaSet:
    """Where it is, and who belongs to it."""

    members: list[Member]
    uri: str = ""

    async def start(self) -> None:
        """Starts whoever does not run, and waits until there is a primary."""
        for member in self.members:
            member.start()
        ports = [member.options.port for member in self.members]
        self.uri = await form_replica_set(ports, settings=_SETTINGS)
        await self.primary()

    async def primary(self) -> Member:
        """The member that takes writes now, once there is one."""
        async with asyncio.timeout(_ELECTION_SECONDS):
            while True:
                for member in self.members:
                    if await self._is_primary(member):
                        return member
                await asyncio.sleep(_POLL_SECONDS)

    async def kill(self, *members: Member) -> None:
        """SIGKILL of all of them at once."""
        await asyncio.gather(*(asyncio.to_thread(member.kill) for member in members))

    async def step_down(self) -> None:
        """The primary becomes a secondary, and does not come back for a while."""
        member = await self.primary()
        async with _direct(member) as client:
            try:
                await client.admin.command("replSetStepDown", 3, secondaryCatchUpPeriodSecs=2)
            except AutoReconnect:
                return

    async def _is_primary(self, member: Member) -> bool:
        try:
            async with _direct(member) as client:
                return bool((await client.admin.command("hello"))["isWritablePrimary"])
        except PyMongoError:
            return False


def _direct(member: Member) -> AsyncMongoClient[dict[str, Any]]:
    return AsyncMongoClient(
        "127.0.0.1", member.options.port, directConnection=True, serverSelectionTimeoutMS=500, socketTimeoutMS=10_000
    )


@asynccontextmanager
async def replica_set(folder: Path, members: int, *parameters: str) -> AsyncIterator[ReplicaSet]:
    """A running set with its data in a folder; its members end with the block, and with whoever started them."""
    options = [MongodOptions(folder / f"member{n}", free_port(), oplog_mb=_OPLOG_MB) for n in range(members)]
    made = ReplicaSet([Member(option, parameters) for option in options])
    try:
        await made.start()
        yield made
    finally:
        await made.kill(*made.members)
