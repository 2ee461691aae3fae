"""Runs a program that must not outlive the process that started it, not even when that one gets a SIGKILL.

Executed as a script: `leash.py <pid of the parent> <program> <arguments…>`. It asks the kernel for a SIGKILL at the
parent's death (prctl(2), PR_SET_PDEATHSIG: Linux only; the wish survives exec) and then becomes the program, under
the same pid. The wish is tied to the *thread* that starts it, so start programs from a thread that stays.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1


def leashed(argv: Sequence[str]) -> list[str]:
    """The command line that runs `argv` on a leash; unchanged where the system has no such thing."""
    if sys.platform != "linux":
        return list(argv)
    return [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(os.getpid()), *argv]


def run(parent_pid: int, argv: Sequence[str]) -> None:
    """Becomes `argv`, or ends at once if the parent is gone already."""
    # The program shall hear of an interrupt: this interpreter's handler would only note it, and whoever was started in
    # the background of a shell ignores it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        # It died before the wish was made.
        sys.exit(1)
    os.execvp(argv[0], list(argv))  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    run(int(sys.argv[1]), sys.argv[2:])
