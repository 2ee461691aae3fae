"""Forked workers hear every signal, also one that comes while they are made."""

from __future__ import annotations

import subprocess
import sys

#: Forks children, interrupts each at once, and prints how many of them slept on.
_SCRIPT = """
import os, signal, time
from tests.faults import fork_server

def live():
    try:
        fork_server.listen()
        time.sleep(1)
    except KeyboardInterrupt:
        os._exit(0)
    finally:
        os._exit(1)

slept = 0
for _ in range(300):
    pid = {fork}()
    if pid == 0:
        live()
    os.kill(pid, signal.SIGINT)
    slept += os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0
    if slept:
        break
print(slept)
"""


def test_a_signal_in_the_first_instant_is_heard() -> None:
    assert _slept_on("fork_server.fork") == 0


def test_a_plain_fork_loses_one() -> None:
    assert _slept_on("os.fork") == 1


def _slept_on(fork: str) -> int:
    script = _SCRIPT.format(fork=fork)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    return int(done.stdout)
