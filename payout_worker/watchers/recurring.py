"""Makes the runs of recurring sends that are due, each once, and says so when one cannot be made."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import structlog

from payout_worker.failures import alone
from payout_worker.ports import UnitPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.lease import HoldLease
from wallet_core.domain.recurring_send import RecurringSend, RecurringState, failed, missed, recurring_message
from wallet_core.ports import Before
from wallet_core.use_cases.recurring import run_posting

log = structlog.get_logger(__name__)

_MOST_PER_PASS: Final = 200
#: Its person, or another pass, was faster; it is looked at again.
_NOT_NOW: Final = (
    *(Reason.CHANGED_MEANWHILE, Reason.WRONG_STATE, Reason.RECIPIENT_LIMIT, Reason.RECIPIENT_NOT_ENROLLED),
    # What is switched off for everybody is nobody's failure: it is made up for, if that is soon over.
    *(Reason.WITHDRAW_ONLY, Reason.ALL_PAUSED, Reason.LEVELS_UNSOUND),
)


async def run_recurring(ports: UnitPorts, tenure: Tenure) -> None:
    """The oldest first. Raises ``Refused`` LEASE_LOST."""
    due = {"state": RecurringState.RUNNING, "next_at": Before(await ports.store.now(), inclusive=True)}
    for send in await ports.store.find(RecurringSend, due, order_by=("next_at",), limit=_MOST_PER_PASS):
        async with alone(ports, "recurring", send.id):
            await _run(ports, tenure, send)


async def _run(ports: UnitPorts, tenure: Tenure, send: RecurringSend) -> None:
    if send.is_missed(await ports.store.now()):
        await _leave_out(ports, tenure, send)
        return
    posting = await run_posting(ports.core, send)
    lease = HoldLease(tenure.lease, tenure.epoch)
    try:
        await ports.ledger.post(replace(posting, changes=(lease, *posting.changes)))
    except Refused as refused:
        if refused.reason is Reason.LEASE_LOST or refused.reason in _NOT_NOW:
            raise
        await _fail(ports, tenure, send, refused)
    else:
        log.info("recurring_sent", recurring=send.id)


async def _fail(ports: UnitPorts, tenure: Tenure, send: RecurringSend, refused: Refused) -> None:
    """Told at once, with the reason; tried again at its next time and not before: it would fail all day."""
    move = failed(send, await ports.store.now(), refused.reason.value)
    after = send.model_copy(update={**move.fields, "state": move.to_state})
    told = recurring_message(after, "recurring_failed", due_at=send.next_at, reason=refused.reason.value)
    posting = tenure.posting(
        "recurring_failed",
        send.id,
        move,
        messages=(told, recurring_message(after)),
        people=(send.person,),
        facts={"recurring": send.id, "reason": refused.reason.value},
    )
    await ports.ledger.post(posting)
    log.info("recurring_failed", recurring=send.id, reason=refused.reason)


async def _leave_out(ports: UnitPorts, tenure: Tenure, send: RecurringSend) -> None:
    move = missed(send, await ports.store.now())
    after = send.model_copy(update={**move.fields, "state": move.to_state})
    posting = tenure.posting(
        "recurring_missed",
        send.id,
        move,
        messages=(recurring_message(after, "recurring_missed", due_at=send.next_at), recurring_message(after)),
        people=(send.person,),
        facts={"recurring": send.id},
    )
    await ports.ledger.post(posting)
    log.info("recurring_missed", recurring=send.id)
