"""Makes the runs of recurring sends that are due, each once, and says so when one cannot be made."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import structlog

from payout_worker.failures import Failures
from payout_worker.ports import UnitPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.lease import HoldLease
from wallet_core.domain.recurring_send import RecurringSend, RecurringState, failed, missed, moved, recurring_message
from wallet_core.ports import Before
from wallet_core.use_cases.recurring import run_posting, sealed

log = structlog.get_logger(__name__)

_MOST_PER_PASS: Final = 200
#: Its person, or another pass, was faster; it is looked at again.
_NOT_NOW: Final = (
    Reason.CHANGED_MEANWHILE, Reason.WRONG_STATE, Reason.RECIPIENT_LIMIT, Reason.RECIPIENT_NOT_ENROLLED,
    Reason.LEVELS_UNSOUND,
)  # fmt: skip
#: What is switched off for everybody is nobody's failure: it is made up for, if that is soon over.
_SWITCHED_OFF: Final = (Reason.WITHDRAW_ONLY, Reason.ALL_PAUSED)


async def run_recurring(ports: UnitPorts, tenure: Tenure, failures: Failures) -> None:
    """The oldest first. Raises ``Unavailable`` and ``LeaseLostError``."""
    due = {"state": RecurringState.RUNNING, "next_at": Before(await ports.store.now(), inclusive=True)}
    for send in await ports.store.find(RecurringSend, due, order_by=("next_at",), limit=_MOST_PER_PASS):
        if failures.has_stopped(send.id):
            continue
        try:
            await _run(ports, tenure, send)
        except Exception as error:
            await failures.after(ports, tenure, send.id, error)
        else:
            failures.went_on(send.id)


async def _run(ports: UnitPorts, tenure: Tenure, send: RecurringSend) -> None:
    if send.is_missed(await ports.store.now()):
        await _leave_out(ports, tenure, send)
        return
    posting = await run_posting(ports.core, send)
    lease = HoldLease(tenure.lease, tenure.epoch)
    try:
        receipt = await ports.ledger.post(replace(posting, changes=(lease, *posting.changes)))
    except Refused as refused:
        if refused.reason is Reason.LEASE_LOST or refused.reason in _NOT_NOW:
            raise
        if refused.reason not in _SWITCHED_OFF:
            await _fail(ports, tenure, send, refused)
    else:
        if receipt.replayed:
            raise InvariantViolated(f"the run of {send.id} that is due was made before")
        log.info("recurring_sent", recurring=send.id)


async def _fail(ports: UnitPorts, tenure: Tenure, send: RecurringSend, refused: Refused) -> None:
    """Told at once, with the reason; tried again at its next time and not before: it would fail all day."""
    move = sealed(ports.core, send, failed(send, await ports.store.now(), refused.reason.value))
    after = moved(send, move)
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
    move = sealed(ports.core, send, missed(send, await ports.store.now()))
    after = moved(send, move)
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
