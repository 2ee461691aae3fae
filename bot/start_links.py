"""Links to the bot: ``t.me/<bot>?start=<parameter>``. The first letter says what it is, the rest what about.

Telegram lets through at most 64 letters, digits, ``_`` and ``-``.
"""

from __future__ import annotations

from typing import Final

#: Money that waits to be claimed; a request for money; a person who is paid; what was posted for whoever is first.
CLAIM: Final = "c"
REQUEST: Final = "r"
PAY: Final = "p"
OFFER: Final = "o"
#: What waits for whoever opens it, else their menu: for those who come from a chat where others read along.
HERE: Final = "h"
HERE_PARAMETER: Final = f"{HERE}ere"


def start_link(bot_name: str, kind: str, about: str) -> str:
    """The whole address of a link."""
    return link_to(bot_name, f"{kind}{about}")


def here_link(bot_name: str) -> str:
    """The address of the private chat."""
    return link_to(bot_name, HERE_PARAMETER)


def link_to(bot_name: str, parameter: str) -> str:
    """The whole address of a link with this parameter."""
    return f"https://t.me/{bot_name}?start={parameter}"
