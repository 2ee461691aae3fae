"""Who tried what only an admin may do: written down, so that it is seen, and bounded, so that it floods nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from wallet_core.domain.errors import Reason, Unavailable
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports

#: What the gate refuses with.
OF_THE_GATE: Final = frozenset({Reason.NOT_ALLOWED, Reason.ENROL_FIRST})


async def record_refusal(ports: Ports, caller: Caller, access: Access, what: str, reason: Reason) -> None:
    """One record an hour for a person and a thing; none for what is open to everybody who has enrolled."""
    if access <= Access.ENROLLED or reason not in OF_THE_GATE:
        return
    hour = (await ports.store.now()).strftime("%Y%m%d%H")
    posting = Posting(
        f"admin_refused:{caller.person}:{what}:{hour}",
        "admin_refused",
        caller.name,
        people=(caller.person,),
        facts={"what": what, "needs": access.name.lower()},
    )
    # It is refused in any case.
    with suppress(Unavailable):
        await ports.ledger.post(posting)
