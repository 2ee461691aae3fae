"""Show the alarms that nobody has seen to yet."""

from __future__ import annotations

from typing import Final

from wallet_core.domain.alert import Alert
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case

#: There are some thirty kinds, on at most five rails.
MOST_ALERTS: Final = 200


@use_case(Access.SUPPORT)
async def show_alerts(ports: Ports, caller: Caller) -> list[Alert]:
    """The open ones, the latest first."""
    return await ports.store.find(Alert, {"closed_at": None}, order_by=("-last_at", "_id"), limit=MOST_ALERTS)
