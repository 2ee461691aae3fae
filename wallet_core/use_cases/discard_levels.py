"""Throw the draft of the next table of limits away."""

from __future__ import annotations

from wallet_core.domain.level_table import LevelDraft
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case


@use_case(Access.OWNER)
async def discard_levels(ports: Ports, caller: Caller) -> None:
    """Forgets the caller's own draft, also one that somebody wrote into; what counts now stays as it is.

    What was asked for with it can be approved no more.
    """
    await ports.store.remove(LevelDraft, caller.person)
