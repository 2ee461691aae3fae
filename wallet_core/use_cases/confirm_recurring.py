"""Set up a send that comes again, with a code."""

from __future__ import annotations

from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.guards import unless_frozen
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.recurring_send import RecurringSend, RecurringState, moved, recurring_message, set_up
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import post_with_code
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.recurring import check_room, recurring_of, sealed


@use_case(Access.ENROLLED)
async def confirm_recurring(ports: Ports, caller: Caller, recurring_id: str, code: str) -> RecurringSend:
    """From now on the worker sends it. A code always: what comes again has no ceiling of its own.

    Raises ``AlreadyDone`` with it when it was set up before, and ``Refused``: NOT_FOUND, NOT_YOURS, EXPIRED,
    WRONG_STATE when it was ended, TOO_MANY, FROZEN, or what is wrong with the code.
    """
    send = await recurring_of(ports, caller, recurring_id)
    if send.state is RecurringState.ENDED:
        raise Refused(Reason.WRONG_STATE, what=RecurringSend.collection, state=send.state)
    if send.state is not RecurringState.PROPOSED:
        raise AlreadyDone(send)
    now = await ports.store.now()
    if now > send.expires_at:
        raise Refused(Reason.EXPIRED, expired_at=send.expires_at)
    await check_room(ports, caller.person)
    move = sealed(ports, send, set_up(send, now))
    after = moved(send, move)
    posting = Posting(
        f"recurring_set_up:{send.id}",
        "recurring_set_up",
        caller.name,
        changes=(move, unless_frozen(caller.person)),
        messages=(recurring_message(after),),
        people=(caller.person,),
        facts={"recurring": send.id},
    )
    await post_with_code(ports, caller, code, posting)
    return after
