"""Set up a send that comes again, with a code."""

from __future__ import annotations

from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.guards import unless_frozen
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.recurring_send import RecurringSend, RecurringState, recurring_message, set_up
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import post_with_code
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.recurring import recurring_of


@use_case(Access.ENROLLED)
async def confirm_recurring(ports: Ports, caller: Caller, recurring_id: str, code: str) -> RecurringSend:
    """From now on the worker sends it. A code always: what comes again has no ceiling of its own.

    Raises ``AlreadyDone`` with it when it was set up before, and ``Refused``: NOT_FOUND, NOT_YOURS, EXPIRED,
    WRONG_STATE, FROZEN, or what is wrong with the code.
    """
    send = await recurring_of(ports, caller, recurring_id)
    if send.state is not RecurringState.PROPOSED:
        raise AlreadyDone(send)
    now = await ports.store.now()
    if now > send.expires_at:
        raise Refused(Reason.EXPIRED, expired_at=send.expires_at)
    move = set_up(send, now, ports.vault.mac(send.terms()))
    after = send.model_copy(update={**move.fields, "state": move.to_state})
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
