"""Show how one's own reset stands."""

from __future__ import annotations

from wallet_core.domain.access_reset import AccessReset
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.access_changes import guards_of
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def show_reset(ports: Ports, caller: Caller) -> AccessReset | None:
    """The one that is under way."""
    reset = (await guards_of(ports, caller.person)).reset
    return await ports.store.get(AccessReset, reset) if reset else None
