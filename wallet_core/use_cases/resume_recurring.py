"""Go on with a send that comes again."""

from __future__ import annotations

from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.recurring_send import RecurringSend, RecurringState, resumed
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.recurring import recurring_of, steer


@use_case(Access.ENROLLED)
async def resume_recurring(ports: Ports, caller: Caller, recurring_id: str) -> RecurringSend:
    """At its next time by the calendar; what was left out meanwhile stays out. The code of its set-up still stands.

    Raises ``AlreadyDone`` when it runs, and ``Refused`` NOT_FOUND, NOT_YOURS or WRONG_STATE.
    """
    send = await recurring_of(ports, caller, recurring_id)
    if send.state is RecurringState.RUNNING:
        raise AlreadyDone(send)
    if send.state is not RecurringState.PAUSED:
        raise Refused(Reason.WRONG_STATE, what=RecurringSend.collection, state=send.state)
    return await steer(ports, caller, send, "recurring_resumed", resumed(send, await ports.store.now()))
