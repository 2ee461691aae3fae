"""Show the caller's sends that come again."""

from __future__ import annotations

from wallet_core.domain.people import Access, Caller
from wallet_core.domain.recurring_send import RecurringSend, RecurringState
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def show_recurring(ports: Ports, caller: Caller) -> list[RecurringSend]:
    """Those that run or are paused, the next one first; there are at most twenty."""
    alive = {"person": caller.person, "state": (RecurringState.RUNNING, RecurringState.PAUSED)}
    return await ports.store.find(RecurringSend, alive, order_by=("next_at", "_id"))
