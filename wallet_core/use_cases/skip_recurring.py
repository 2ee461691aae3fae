"""Leave out the next run of a send that comes again."""

from __future__ import annotations

from datetime import datetime

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.recurring_send import RecurringSend, RecurringState, skipped
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.recurring import recurring_of, steer


@use_case(Access.ENROLLED)
async def skip_recurring(ports: Ports, caller: Caller, recurring_id: str, due: datetime) -> RecurringSend:
    """The run that the caller was shown, due at ``due``, and no other: pressing twice skips one.

    Raises ``Refused``: NOT_FOUND, NOT_YOURS, WRONG_STATE unless it runs, CHANGED_MEANWHILE when another one is next.
    """
    send = await recurring_of(ports, caller, recurring_id)
    if send.state is not RecurringState.RUNNING:
        raise Refused(Reason.WRONG_STATE, what=RecurringSend.collection, state=send.state)
    if send.next_at != due:
        raise Refused(Reason.CHANGED_MEANWHILE, what="next_at")
    return await steer(ports, caller, send, "recurring_skipped", skipped(send))
