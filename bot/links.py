"""What the links to the bot open. Who has not enrolled comes back to theirs when they have.

It is remembered, since a link is all that many know of this wallet.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from bot.context import Turn
from bot.handlers import claims, offers, requests
from bot.start_links import CLAIM, HERE, OFFER, PAY, REQUEST
from wallet_core.domain.chat import Invitation
from wallet_core.domain.errors import Reason, Refused

_PARAMETER: Final = re.compile(r"[A-Za-z0-9_-]{2,64}", re.ASCII)
_REMEMBERED: Final = timedelta(days=14)

Opened = Callable[[Turn, str], Awaitable[None]]
#: What each kind of link opens.
LINKS: Final[Mapping[str, Opened]] = {
    CLAIM: claims.by_link,
    REQUEST: requests.by_link,
    PAY: requests.pay_person,
    OFFER: offers.by_link,
    HERE: claims.here,
}


async def follow(turn: Turn, parameter: str) -> None:
    """Opens what a link is about. Raises ``Refused(NOT_FOUND)`` for one that is none of ours."""
    opened = LINKS.get(parameter[:1]) if _PARAMETER.fullmatch(parameter) else None
    if opened is None:
        raise Refused(Reason.NOT_FOUND, what="link")
    await opened(turn, parameter[1:])


async def remember(turn: Turn, parameter: str) -> None:
    """Keeps a link for after the enrolment; the newest, if somebody opens several."""
    # What waits for them is shown after the enrolment in any case.
    if not _PARAMETER.fullmatch(parameter) or parameter[:1] == HERE:
        return
    expires_at = await turn.ports.store.now() + _REMEMBERED
    await turn.ports.store.put(Invitation(id=turn.caller.person, parameter=parameter, expires_at=expires_at))


async def follow_remembered(turn: Turn) -> None:
    """Opens the link by which somebody came who has enrolled now."""
    found = await turn.ports.store.get(Invitation, turn.caller.person)
    if found is None:
        return
    await turn.ports.store.remove(Invitation, turn.caller.person)
    if found.expires_at > await turn.ports.store.now():
        await follow(turn, found.parameter)
