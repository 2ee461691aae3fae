"""Show the screening list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wallet_core.domain.people import Access, Caller
from wallet_core.domain.screening import ScreenedAddress
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case

_PAGE: Final = 8


@dataclass(frozen=True, slots=True)
class ScreeningPage:
    """Some of the addresses to which nothing is paid, the newest first."""

    addresses: tuple[ScreenedAddress, ...]
    number: int
    has_more: bool


@use_case(Access.FINANCE)
async def show_screening(ports: Ports, caller: Caller, page: int) -> ScreeningPage:
    """A page of the list, what was put there last first."""
    found = await ports.store.find(
        ScreenedAddress, {"listed": True}, order_by=("-at", "_id"), limit=_PAGE + 1, skip=(page - 1) * _PAGE
    )
    return ScreeningPage(tuple(found[:_PAGE]), page, len(found) > _PAGE)
