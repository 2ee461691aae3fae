"""A mongod of our own: a one-node replica set on loopback with its data in a folder.

Transactions need a replica set, so even one machine's database is one. Whoever starts the same data folder twice gets
the same server: its users hold a shared lock on a file that the kernel frees when they die, and the last one to leave
stops the server. Nobody has to clean up after a SIGKILL: the next start takes over the server that was left behind.

The parts (`find_mongod`, `command_line`, `form_replica_set`) serve whoever supervises the process by other means.
"""

import asyncio
import fcntl
import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from wallet_core.adapters.mongo.mongod import (
    HOST,
    MongodError,
    MongodOptions,
    command_line,
    end_process,
    find_mongod,
    free_port,
    is_free,
    spawn,
)

__all__ = [
    "EmbeddedMongo",
    "MongodError",
    "MongodOptions",
    "command_line",
    "end_process",
    "find_mongod",
    "form_replica_set",
    "free_port",
    "running_pid",
    "spawn",
    "uri_of",
]

NOTE_NAME = "embedded.json"
LOG_NAME = "mongod.log"
NOT_YET_INITIALIZED = 94
_POLL_SECONDS = 0.03


def uri_of(ports: Sequence[int], replica_set: str = "rs0") -> str:
    """The connection string of a replica set on loopback."""
    return f"mongodb://{','.join(f'{HOST}:{port}' for port in ports)}/?replicaSet={replica_set}"


def _direct_client(port: int) -> AsyncMongoClient[dict[str, Any]]:
    return AsyncMongoClient(HOST, port, directConnection=True, serverSelectionTimeoutMS=500, socketTimeoutMS=10_000)


async def form_replica_set(
    ports: Sequence[int],
    *,
    replica_set: str = "rs0",
    settings: Mapping[str, Any] | None = None,
    timeout_seconds: float = 60.0,
    is_alive: Callable[[], bool] = lambda: True,
) -> str:
    """Makes one replica set of the servers on these loopback ports, waits for its primary and returns its URI.

    Safe to repeat: a set that exists is kept, and one that was made under other ports is forced onto these.
    Raises `MongodError` when there is no primary in time or `is_alive()` turns false.
    """
    deadline = time.monotonic() + timeout_seconds
    config = {
        "_id": replica_set,
        "members": [{"_id": index, "host": f"{HOST}:{port}"} for index, port in enumerate(ports)],
        **({"settings": dict(settings)} if settings else {}),
    }
    async with _direct_client(ports[0]) as client:
        while not await _is_formed(client, config):
            if not is_alive():
                raise MongodError("mongod ended before it became a primary")
            if time.monotonic() > deadline:
                raise MongodError(f"mongod has no primary after {timeout_seconds:g} s")
            await asyncio.sleep(_POLL_SECONDS)
    return uri_of(ports, replica_set)


async def _is_formed(client: AsyncMongoClient[dict[str, Any]], config: dict[str, Any]) -> bool:
    """One look at the set, and one step towards it; every error here means: not yet."""
    try:
        present = await _present_config(client)
        if present is None:
            await client.admin.command("replSetInitiate", config)
            return False
        if _hosts(present) != _hosts(config):
            await client.admin.command("replSetReconfig", {**config, "version": present["version"] + 1}, force=True)
            return False
        return bool((await client.admin.command("hello")).get("primary"))
    except PyMongoError:
        return False


async def _present_config(client: AsyncMongoClient[dict[str, Any]]) -> dict[str, Any] | None:
    try:
        answer: dict[str, Any] = await client.admin.command("replSetGetConfig")
    except OperationFailure as error:
        if error.code == NOT_YET_INITIALIZED:
            return None
        raise
    return dict(answer["config"])


def _hosts(config: Mapping[str, Any]) -> list[str]:
    return [member["host"] for member in config["members"]]


class EmbeddedMongo:
    """A mongod over `data_dir` that is shared by all who start it and ends with the last of them.

    `wrapper` is put before mongod's command line (a program that runs the rest of its arguments).
    """

    def __init__(self, data_dir: Path, *, wrapper: Sequence[str] = (), oplog_mb: int = 16) -> None:
        self._data_dir = data_dir.resolve()
        self._wrapper = list(wrapper)
        self._oplog_mb = oplog_mb
        self._users: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self.uri = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> str:
        """Starts the server or joins the one that runs, waits until it takes writes, and returns its URI."""
        self._data_dir.mkdir(parents=True, exist_ok=True)
        gate = await _locked(self._data_dir / "start.lock", fcntl.LOCK_EX)
        try:
            self._users = await _locked(self._data_dir / "users.lock", fcntl.LOCK_SH)
            self.uri = await self._joined() or await self._started()
        except BaseException:
            await self._leave()
            raise
        finally:
            os.close(gate)
        return self.uri

    async def stop(self) -> None:
        """Leaves the server; the last user ends it: SIGTERM, and SIGKILL after ten seconds."""
        gate = await _locked(self._data_dir / "start.lock", fcntl.LOCK_EX)
        try:
            await self._leave()
        finally:
            os.close(gate)

    async def _joined(self) -> str:
        port = _noted_port(self._data_dir)
        if port is None or await running_pid(port, self._data_dir) is None:
            return ""
        return await form_replica_set([port])

    async def _started(self) -> str:
        noted = _noted_port(self._data_dir)
        port = noted if noted and is_free(noted) else free_port()
        options = MongodOptions(self._data_dir, port, oplog_mb=self._oplog_mb)
        child = spawn([*self._wrapper, *command_line(find_mongod(), options)], self._data_dir / LOG_NAME)
        self._child = child
        _write_note(self._data_dir, port)
        try:
            return await form_replica_set([port], is_alive=lambda: child.poll() is None)
        except MongodError as error:
            raise MongodError(f"{error}; its log is {self._data_dir / LOG_NAME}") from error

    async def _leave(self) -> None:
        if self._users is None:
            return
        users, self._users = self._users, None
        try:
            if _is_last(users):
                await self._end()
        finally:
            os.close(users)

    async def _end(self) -> None:
        port = _noted_port(self._data_dir)
        pid = self._child.pid if self._child else port and await running_pid(port, self._data_dir)
        if pid:
            await end_process(pid, self._child)


async def running_pid(port: int, data_dir: Path) -> int | None:
    """The pid of the mongod that answers on this port, if it is the one over `data_dir`."""
    async with _direct_client(port) as client:
        try:
            options = await client.admin.command("getCmdLineOpts")
            if Path(options["parsed"]["storage"]["dbPath"]) != data_dir:
                return None
            return int((await client.admin.command("serverStatus"))["pid"])
        except (PyMongoError, KeyError):
            return None


def _noted_port(data_dir: Path) -> int | None:
    try:
        return int(json.loads((data_dir / NOTE_NAME).read_text())["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_note(data_dir: Path, port: int) -> None:
    unfinished = data_dir / f"{NOTE_NAME}.new"
    unfinished.write_text(json.dumps({"port": port}))
    unfinished.replace(data_dir / NOTE_NAME)


async def _locked(path: Path, kind: int) -> int:
    """An open file with this lock on it; it is polled for, since a blocking flock would stop the event loop."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(_POLL_SECONDS)
        else:
            return descriptor


def _is_last(users: int) -> bool:
    """True if nobody else holds the lock: a shared lock becomes an exclusive one only then."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
