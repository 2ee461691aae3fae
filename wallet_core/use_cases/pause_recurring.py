"""Pause a send that comes again."""

from __future__ import annotations

from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.recurring_send import RecurringSend, RecurringState, switched
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.recurring import recurring_of, steer


@use_case(Access.ENROLLED)
async def pause_recurring(ports: Ports, caller: Caller, recurring_id: str) -> RecurringSend:
    """Nothing is sent until it is resumed. Takes no code: it stops something.

    Raises ``AlreadyDone`` when it is paused, and ``Refused``: NOT_FOUND, NOT_YOURS, WRONG_STATE, or CHANGED_MEANWHILE
    when a run is made in the same moment.
    """
    send = await recurring_of(ports, caller, recurring_id)
    if send.state is RecurringState.PAUSED:
        raise AlreadyDone(send)
    if send.state is not RecurringState.RUNNING:
        raise Refused(Reason.WRONG_STATE, what=RecurringSend.collection, state=send.state)
    return await steer(ports, caller, send, "recurring_paused", switched(send, RecurringState.PAUSED))
