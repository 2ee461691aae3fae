"""Whom somebody sent to last, to be chosen once more."""

from __future__ import annotations

from typing import Final

from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.sent_before import Earlier, sent_before

_MOST: Final = 5


@use_case(Access.ENROLLED)
async def recent_recipients(ports: Ports, caller: Caller) -> tuple[Earlier, ...]:
    """The last five different people to whom the caller sent, by their ids, the latest first."""
    return tuple((await sent_before(ports, caller))[:_MOST])
