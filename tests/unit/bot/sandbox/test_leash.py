"""A program on a leash starts with signals as a person's shell gives them."""

import signal
import subprocess
import sys

from bot.sandbox.leash import leashed

_TELL = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"


def test_it_hears_of_interrupts_also_where_its_starter_ignores_them() -> None:
    assert _told(leashed([sys.executable, "-c", _TELL])) == "True"


def _told(argv: list[str]) -> str:
    """What a program prints that was started by one which ignores interrupts, as the background of a shell does."""
    done = subprocess.run(argv, capture_output=True, text=True, check=True, preexec_fn=_ignore)
    return done.stdout.strip()


def _ignore() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
