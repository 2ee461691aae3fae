"""End an admin's freeze of somebody else's wallet."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.freezing import thawed_by_admin
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.gate import if_trusted, use_case


@use_case(Access.FINANCE)
async def unfreeze_person(ports: Ports, caller: Caller, person: int, code: str) -> None:
    """Takes the admin's own code. What the person froze themselves takes theirs, so it stays.

    Raises ``Refused``: RECIPIENT_IS_SELF, NOT_FROZEN, FROZEN where the person themselves froze it or where the
    admin is frozen, or what the code lacks.
    """
    if person == caller.person:
        raise Refused(Reason.RECIPIENT_IS_SELF)
    posting = Posting(
        f"thawed:{new_id()}",
        "person_thawed",
        caller.name,
        changes=(
            *if_trusted(ports, caller.person, Access.FINANCE),
            thawed_by_admin(person),
        ),
        messages=(Message(person, "thawed"),),
        people=(person, caller.person),
        facts={"person": person},
    )
    await post_with_code(ports, caller, code, posting)
