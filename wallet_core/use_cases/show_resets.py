"""Show the resets that wait for somebody to check who asks."""

from __future__ import annotations

from typing import Final

from wallet_core.domain.access_reset import AccessReset, ResetState
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case

_MOST: Final = 20


@use_case(Access.SUPPORT)
async def show_resets(ports: Ports, caller: Caller) -> list[AccessReset]:
    """The oldest first."""
    return await ports.store.find(AccessReset, {"state": ResetState.ASKED}, order_by=("created_at",), limit=_MOST)
