"""End an admin's freeze of somebody else's wallet."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.freezing import Beneath, beneath, thawed_by_admin, thawed_facts
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.access_changes import guards_of
from wallet_core.use_cases.codes import accepted_code, new_id, post_decided
from wallet_core.use_cases.gate import if_trusted, use_case


@use_case(Access.FINANCE)
async def unfreeze_person(ports: Ports, caller: Caller, person: int, code: str) -> Beneath | None:
    """Takes the admin's own code. What the person froze themselves takes theirs, so it stays; returns what does.

    Raises ``Refused``: RECIPIENT_IS_SELF, NOT_FROZEN, FROZEN where the person themselves froze it or where the
    admin is frozen, or what the code lacks.
    """
    if person == caller.person:
        raise Refused(Reason.RECIPIENT_IS_SELF)
    consume, stays = await accepted_code(ports, caller, code), None

    async def decide() -> Posting:
        nonlocal stays
        stays = beneath(await guards_of(ports, person))
        return _posting(ports, caller, person, stays)

    await post_decided(ports, caller, consume, decide)
    return stays


def _posting(ports: Ports, caller: Caller, person: int, stays: Beneath | None) -> Posting:
    return Posting(
        f"thawed:{new_id()}",
        "person_thawed",
        caller.name,
        changes=(*if_trusted(ports, caller.person, Access.FINANCE), thawed_by_admin(person, stays)),
        messages=(Message(person, "thawed", thawed_facts(stays)),),
        people=(person, caller.person),
        facts={"person": person},
    )
