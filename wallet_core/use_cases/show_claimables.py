"""Show what waits: the caller's own sends that nobody has claimed, and what waits for the caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wallet_core.domain.claimable import WAITING, Claimable, ClaimBy
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case

_MOST_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class WaitingSends:
    """Newest first, at most twenty of each; ``more`` where there are others."""

    sent: tuple[Claimable, ...]
    for_me: tuple[Claimable, ...]
    more: bool


@use_case(Access.ENROLLED)
async def show_claimables(ports: Ports, caller: Caller) -> WaitingSends:
    """What waits on both sides of the caller."""
    states = {"state": tuple(WAITING)}
    sent = await _found(ports, {"person": caller.person, **states})
    mine = await _found(ports, {"recipient": caller.person, "by": ClaimBy.PERSON, **states})
    more = max(len(sent), len(mine)) > _MOST_SHOWN
    return WaitingSends(tuple(sent[:_MOST_SHOWN]), tuple(mine[:_MOST_SHOWN]), more)


async def _found(ports: Ports, where: dict[str, object]) -> list[Claimable]:
    return await ports.store.find(Claimable, where, order_by=("-opened_at", "_id"), limit=_MOST_SHOWN + 1)
