"""Show what happened with somebody's money and account, to an admin."""

from __future__ import annotations

from wallet_core.domain.history import Filter
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.journal_pages import Towards
from wallet_core.use_cases.looks import record_look
from wallet_core.use_cases.show_history import HistoryPage, history_page


@use_case(Access.SUPPORT)
async def show_timeline(
    ports: Ports, caller: Caller, person: int, towards: Towards = Towards.OLDER, place: int | None = None
) -> HistoryPage:
    """A page as the person themselves would see it; the look is recorded."""
    await record_look(ports, caller, person, "timeline")
    return await history_page(ports, person, Filter.ALL, towards, place)
