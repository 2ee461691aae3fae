"""End one's own freeze."""

from __future__ import annotations

from wallet_core.domain.guards import thawed
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def unfreeze(ports: Ports, caller: Caller, code: str) -> None:
    """Takes a code. Raises ``Refused``: NOT_FROZEN, FROZEN when an admin froze the person, or what the code lacks."""
    posting = Posting(
        f"thawed:{new_id()}",
        "person_thawed",
        caller.name,
        changes=(thawed(caller.person, caller.name),),
        messages=(Message(caller.person, "thawed"),),
        people=(caller.person,),
    )
    await post_with_code(ports, caller, code, posting)
