"""One mongod on loopback: where its program is, how it is called, started and ended."""

import asyncio
import importlib.util
import itertools
import os
import secrets
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
LOG_MAX_BYTES = 20_000_000
_POLL_SECONDS = 0.03
#: Linux takes ports for outgoing connections from 32768 on (``ip_local_port_range``), other systems above that.
_PORTS = range(16_384, 32_768)
#: One after the other from anywhere: whoever got a port may take a while until it listens there.
_places = itertools.count(secrets.randbelow(len(_PORTS)))


class MongodError(RuntimeError):
    """There is no mongod to be had, or it did not become a primary."""


@dataclass(frozen=True)
class MongodOptions:
    """One member: where its data lies, where it listens, how much memory and disk it may take."""

    data_dir: Path
    port: int
    replica_set: str = "rs0"
    oplog_mb: int = 16
    cache_gb: float = 0.25


def find_mongod(copies_dir: Path | None = None) -> Path:
    """The mongod on the PATH, else the one in the `sandbox` extra's wheel.

    A wheel drops the run bit; where site-packages may not be changed, a copy goes to `copies_dir`
    (default: `~/.cache/itd-wallet`). Raises `MongodError` with the way to get one.
    """
    on_path = shutil.which("mongod")
    if on_path:
        return Path(on_path)
    in_wheel = _mongod_in_wheel()
    if in_wheel is None:
        raise MongodError(
            "no mongod found: install MongoDB 6 or newer, or this project's extra with `pip install -e '.[sandbox]'`, "
            "or point MONGODB_URI at a replica set"
        )
    return _runnable(in_wheel, copies_dir or Path.home() / ".cache" / "itd-wallet")


def _mongod_in_wheel() -> Path | None:
    spec = importlib.util.find_spec("fiftyone")
    folders = spec.submodule_search_locations if spec else None
    candidates = (Path(folder) / "db" / "bin" / "mongod" for folder in folders or ())
    return next((path for path in candidates if path.is_file()), None)


def _runnable(binary: Path, copies_dir: Path) -> Path:
    if os.access(binary, os.X_OK):
        return binary
    try:
        binary.chmod(0o755)
    except OSError:
        return _copied(binary, copies_dir / f"mongod-{binary.stat().st_size}")
    return binary


def _copied(binary: Path, target: Path) -> Path:
    if target.is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copyfile(binary, unfinished)
    unfinished.chmod(0o755)
    return unfinished.replace(target)


def command_line(binary: Path, options: MongodOptions) -> list[str]:
    """The argument list of one member. Without the log setting WiredTiger takes 300 MB of disk at once."""
    return [
        str(binary),
        *("--dbpath", str(options.data_dir), "--bind_ip", HOST, "--port", str(options.port)),
        *("--replSet", options.replica_set, "--oplogSize", str(options.oplog_mb)),
        *("--wiredTigerCacheSizeGB", str(options.cache_gb)),
        *("--wiredTigerEngineConfigString", "log=(file_max=16MB,prealloc=false)"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        # A killed client's open transaction keeps its locks for so long; the default is a minute.
        *("--setParameter", "transactionLifetimeLimitSeconds=10"),
        *("--nounixsocket", "--quiet"),
    ]


def free_port() -> int:
    """A loopback TCP port that nobody listened on a moment ago, and none that was given to somebody else here.

    It is none of those that systems give to outgoing connections, or one of them could take it in the meantime.
    """
    for place in _places:
        port = _PORTS[place % len(_PORTS)]
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise AssertionError("the places have no end")


async def end_process(pid: int, child: subprocess.Popen[bytes] | None = None, grace_seconds: float = 10.0) -> None:
    """Ends a process by SIGTERM, by SIGKILL when it outlives the grace, and returns when it is gone."""
    for number, seconds in ((signal.SIGTERM, grace_seconds), (signal.SIGKILL, 5.0)):
        if not _is_running(pid, child):
            return
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        await _wait_for_end(pid, child, seconds)


async def _wait_for_end(pid: int, child: subprocess.Popen[bytes] | None, seconds: float) -> None:
    for _ in range(round(seconds / _POLL_SECONDS)):
        if not _is_running(pid, child):
            return
        await asyncio.sleep(_POLL_SECONDS)


def _is_running(pid: int, child: subprocess.Popen[bytes] | None) -> bool:
    if child is not None:
        return child.poll() is None
    try:
        # A child of this process that another object started would stay a zombie for ever, and look alive.
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return _exists(pid)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def spawn(argv: list[str], log: Path) -> subprocess.Popen[bytes]:
    """A session of its own: a Ctrl-C in the terminal must reach the database's clients only."""
    mode = "wb" if log.exists() and log.stat().st_size > LOG_MAX_BYTES else "ab"
    with log.open(mode) as out:
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)


def is_free(port: int) -> bool:
    """Whether nobody listens on this TCP port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
