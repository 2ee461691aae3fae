"""Show the mass sends of all admins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wallet_core.domain.mass_send import MassSend, MassState
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case

PAGE_SIZE: Final = 5
_SHOWN: Final = tuple(state for state in MassState if state is not MassState.UPLOADING)


@dataclass(frozen=True, slots=True)
class MassPage:
    """A page, the newest first, and whether another follows."""

    number: int
    sends: list[MassSend]
    has_more: bool


@use_case(Access.FINANCE)
async def show_mass_sends(ports: Ports, caller: Caller, page: int = 1) -> MassPage:
    """Those of all admins, five at a time; ``page`` counts from 1."""
    number = max(1, page)
    found = await ports.store.find(
        MassSend,
        {"state": _SHOWN},
        order_by=("-created_at", "_id"),
        limit=PAGE_SIZE + 1,
        skip=(number - 1) * PAGE_SIZE,
    )
    return MassPage(number, found[:PAGE_SIZE], has_more=len(found) > PAGE_SIZE)
