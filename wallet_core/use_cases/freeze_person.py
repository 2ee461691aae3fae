"""Freeze somebody else's wallet: a safe thing to do, so support may."""

from __future__ import annotations

from datetime import datetime

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.freezing import REASON_LENGTH, frozen_by_admin
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller, Person, access_of
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.gate import admit, if_allowed, use_case


@use_case(Access.SUPPORT)
async def freeze_person(
    ports: Ports, caller: Caller, person: int, *, reason: str, until: datetime | None, code: str
) -> None:
    """Nothing leaves until an admin ends it, or until ``until``; the person is told why. Takes the admin's own code.

    Raises ``Refused``: NOT_FOUND for somebody whom nobody knows or for an empty reason, RECIPIENT_IS_SELF, NOT_ALLOWED
    for somebody whose role reaches farther, BAD_END for an end that is over, or what the code lacks.
    """
    reason = " ".join(reason.split())[:REASON_LENGTH]
    if not reason or await ports.store.get(Person, person) is None:
        raise Refused(Reason.NOT_FOUND, what=Person.collection)
    if person == caller.person:
        raise Refused(Reason.RECIPIENT_IS_SELF)
    if until is not None and until <= await ports.store.now():
        raise Refused(Reason.BAD_END)
    reach = access_of((await admit(ports, caller, Access.SUPPORT)).role)
    posting = Posting(
        f"frozen:{new_id()}",
        "person_frozen",
        caller.name,
        changes=(
            if_allowed(ports, caller.person, Access.SUPPORT),
            frozen_by_admin(person, caller.name, reach, reason=reason, until=until),
        ),
        messages=(Message(person, "frozen_by_admin", {"reason": reason, "until": until}),),
        people=(person, caller.person),
        facts={"person": person, "reason": reason, "until": until.isoformat() if until else None},
    )
    await post_with_code(ports, caller, code, posting)
