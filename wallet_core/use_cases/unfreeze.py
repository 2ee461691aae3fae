"""End one's own freeze, after a while in which it can be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

from wallet_core.domain.guards import thawed
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def unfreeze(ports: Ports, caller: Caller, code: str) -> datetime | None:
    """Takes a code. The freeze ends by itself after ``UNFREEZE_DELAY_SECONDS``; returns about when, None: now.

    Raises ``Refused``: NOT_FROZEN; FROZEN when an admin froze the person, or when it ends already; or what the code
    lacks.
    """
    delay = timedelta(seconds=ports.settings.unfreeze_delay_seconds)
    until = await ports.store.now() + delay if delay else None
    message = Message(caller.person, "unfreeze_asked", {"until": until}) if until else Message(caller.person, "thawed")
    posting = Posting(
        f"thawed:{new_id()}",
        "person_thaws" if until else "person_thawed",
        caller.name,
        changes=(thawed(caller.person, caller.name, delay),),
        messages=(message,),
        people=(caller.person,),
    )
    await post_with_code(ports, caller, code, posting)
    return until
