"""Freeze one's own wallet, at once and without a code: whoever holds the telephone may stop, but not start."""

from __future__ import annotations

from wallet_core.domain.guards import frozen
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def freeze(ports: Ports, caller: Caller) -> None:
    """Nothing leaves until it is unfrozen; queued payouts wait as well. Raises ``Refused(FROZEN)`` when it is so."""
    await ports.ledger.post(
        Posting(
            f"frozen:{new_id()}",
            "person_frozen",
            caller.name,
            changes=(frozen(caller.person, caller.name),),
            messages=(Message(caller.person, "frozen"),),
            people=(caller.person,),
        )
    )
