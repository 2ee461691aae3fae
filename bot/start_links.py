"""Links to the bot: ``t.me/<bot>?start=<parameter>``. The first letter says what it is, the rest what about.

Telegram lets through at most 64 letters, digits, ``_`` and ``-``.
"""

from __future__ import annotations

from typing import Final

#: Money that waits to be claimed; a request for money; a person who is paid.
CLAIM: Final = "c"
REQUEST: Final = "r"
PAY: Final = "p"


def start_link(bot_name: str, kind: str, about: str) -> str:
    """The whole address of a link."""
    return f"https://t.me/{bot_name}?start={kind}{about}"
