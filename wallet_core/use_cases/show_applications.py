"""Show the applications that wait for a reviewer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wallet_core.domain.kyc_application import KycApplication, KycState
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import name_of

PAGE_SIZE: Final = 5


@dataclass(frozen=True, slots=True)
class ApplicationsPage:
    """A page of applications with whose they are, as they were at ``now``."""

    number: int
    now: datetime
    rows: list[tuple[KycApplication, str]]
    has_more: bool


@use_case(Access.FINANCE)
async def show_applications(ports: Ports, caller: Caller, page: int = 1) -> ApplicationsPage:
    """Those that were handed in first come first; one's own is not among them. ``page`` counts from 1."""
    number = max(1, page)
    found = await ports.store.find(
        KycApplication,
        {"state": KycState.REVIEW},
        order_by=("handed_in_at", "_id"),
        limit=PAGE_SIZE + 1,
        skip=(number - 1) * PAGE_SIZE,
    )
    rows = [(one, await name_of(ports, one.person)) for one in found[:PAGE_SIZE] if one.person != caller.person]
    return ApplicationsPage(number, await ports.store.now(), rows, has_more=len(found) > PAGE_SIZE)
