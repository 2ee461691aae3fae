"""Put somebody back on a lower level, with a reason that they are told."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import level_set
from wallet_core.domain.kyc_application import checked_reason
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import may_review


@use_case(Access.FINANCE)
async def lower_level(ports: Ports, caller: Caller, person: int, level: int, *, reason: str, code: str) -> int:
    """With the admin's own code; a level is only ever raised by an application. Returns the level before.

    Raises ``Refused``: UNKNOWN_RECIPIENT for nobody, NOT_LOWER unless it is lower than theirs, BAD_REASON,
    CHANGED_MEANWHILE, or what is wrong with the code.
    """
    said = checked_reason(reason)
    guards = await ports.store.get(Guards, person)
    if guards is None:
        raise Refused(Reason.UNKNOWN_RECIPIENT, recipient=str(person))
    if not 1 <= level < guards.level:
        raise Refused(Reason.NOT_LOWER, level=guards.level)
    facts = {"person": person, "level": level, "before": guards.level, "reason": said}
    posting = Posting(
        f"level_lowered:{new_id()}",
        "level_lowered",
        caller.name,
        changes=(*may_review(ports, caller), level_set(person, level, guards.level)),
        messages=(Message(person, "level_lowered", facts),),
        people=(person, caller.person) if person != caller.person else (person,),
        facts=facts,
    )
    await post_with_code(ports, caller, code, posting)
    return guards.level
