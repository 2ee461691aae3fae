"""End a send that comes again, for good."""

from __future__ import annotations

from wallet_core.domain.errors import AlreadyDone
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.recurring_send import RecurringSend, RecurringState, switched
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.recurring import recurring_of, steer


@use_case(Access.ENROLLED)
async def end_recurring(ports: Ports, caller: Caller, recurring_id: str) -> RecurringSend:
    """Nothing is sent any more; also turns down one that was only proposed.

    Raises ``AlreadyDone`` when it has ended, and ``Refused`` NOT_FOUND, NOT_YOURS, or CHANGED_MEANWHILE when a run is
    made in the same moment.
    """
    send = await recurring_of(ports, caller, recurring_id)
    if send.state is RecurringState.ENDED:
        raise AlreadyDone(send)
    return await steer(ports, caller, send, "recurring_ended", switched(send, RecurringState.ENDED))
