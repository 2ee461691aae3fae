"""Starts workers by forking a process that has imported everything already, which saves seconds in each of many lives.

As a script it reads a line of JSON for each worker, forks, and tells on its output who was started and who has ended.
``ForkServer`` is the other end. A worker that was started so runs the same ``payout_worker`` from its first line on.
Other programs may be started so as well: a module with a ``main``, and what it imports only later.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from payout_worker.signals import SIGNALS

_POLL_SECONDS = 0.02


class ForkedWorker:
    """A forked worker, with as much of ``subprocess.Popen`` as the tests use."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code once it has ended; minus the signal's number after a kill."""
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal to it, if it is still there."""
        if self.returncode is None:
            # It may have ended this very moment, and nobody has told it yet.
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


class ForkServer:
    """The process that forks, and the workers that it has started."""

    def __init__(self, program: str = "payout_worker.__main__", heavy: str = "payout_worker.process") -> None:
        self._workers: dict[int, ForkedWorker] = {}
        self._started = threading.Semaphore(0)
        self._last: ForkedWorker | None = None
        argv = [sys.executable, "-m", "tests.faults.fork_server", program, heavy]
        self._server = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, environment: dict[str, str], log: Path) -> ForkedWorker:
        """A new worker with this environment and this log."""
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps({"environment": environment, "log": str(log)}).encode() + b"\n")
        self._server.stdin.flush()
        self._started.acquire()
        assert self._last is not None
        return self._last

    def close(self) -> None:
        """Ends the server and every worker of it."""
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(20)

    def _listen(self) -> None:
        assert self._server.stdout is not None
        for line in self._server.stdout:
            told = json.loads(line)
            if "started" in told:
                self._last = self._workers[told["started"]] = ForkedWorker(told["started"])
                self._started.release()
            else:
                self._workers[told["ended"]].returncode = told["code"]


def _serve(program: str, heavy: str) -> None:
    main: Callable[[], int] = importlib.import_module(program).main
    importlib.import_module(heavy)
    children: set[int] = set()
    while True:
        readable, _, _ = select.select([sys.stdin], [], [], _POLL_SECONDS)
        if readable:
            line = sys.stdin.readline()
            if not line:
                break
            children.add(_fork(main, json.loads(line)))
        for pid in [pid for pid in children if _reaped(pid)]:
            children.discard(pid)
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _fork(main: Callable[[], int], order: dict[str, Any]) -> int:
    pid = fork()
    if pid == 0:
        _become_worker(main, order)
    _tell(started=pid)
    return pid


def fork() -> int:
    """``os.fork`` with signals held back: the child hears them once it calls ``listen``.

    The interpreter forgets a signal that comes while it sets the child up, or ignores what its handler raises.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    pid = os.fork()
    if pid:
        listen()
    return pid


def listen() -> None:
    """Lets signals come."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _become_worker(main: Callable[[], int], order: dict[str, Any]) -> None:
    code = 1
    try:
        listen()
        out = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (out, 1), (out, 2)):
            os.dup2(source, target)
        os.environ.clear()
        os.environ.update(order["environment"])
        code = main()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _reaped(pid: int) -> bool:
    ended, status = os.waitpid(pid, os.WNOHANG)
    if ended:
        _tell(ended=pid, code=os.waitstatus_to_exitcode(status))
    return bool(ended)


def _tell(**what: int) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _serve(*sys.argv[1:])
