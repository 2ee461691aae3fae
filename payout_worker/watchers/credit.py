"""Posts credits: what is final, at its rate, within the day's limit; what is above that is the person's and waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.case import Case, closed
from wallet_core.domain.crediting import Crediting
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import TakeLimit
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.record import Change
from wallet_core.use_cases.cases import ended
from wallet_core.use_cases.limits import surplus_limits

log = structlog.get_logger(__name__)

_LIMITS: Final = (Reason.LIMIT_COUNT, Reason.LIMIT_AMOUNT)


async def post_credit(
    ports: WorkerPorts, tenure: Tenure, credited: Crediting, *more: Change, over: Sequence[Case] = ()
) -> None:
    """Books it once, by its key; ``more`` changes with it, and the cases in ``over`` end with it.

    Raises ``Refused`` when something changed in between.
    """
    credited, limits = await _within_limits(ports, credited)
    person = credited.invoice.person
    guards = await ports.store.get(Guards, person) or Guards(id=person)
    told = await ended(ports.core, (*credited.cases, *over))
    more = (*more, *(closed(case) for case in over))
    try:
        await ports.ledger.post(_posting(tenure, credited, guards, *limits, more=more, told=told))
    except Refused as refused:
        if refused.reason not in _LIMITS:
            raise
        credited = credited.with_surplus_held()
        await ports.ledger.post(_posting(tenure, credited, guards, more=more, told=told))
    after = credited.invoice_after
    log.info(
        "credited",
        invoice=after.id,
        key=credited.key,
        coin_minor=credited.coin_minor,
        credited_minor=after.credited_minor,
        held_minor=after.held_minor,
    )


async def _within_limits(ports: WorkerPorts, credited: Crediting) -> tuple[Crediting, tuple[TakeLimit, ...]]:
    """While nobody vouches for the table of limits, what the order took none for is held, as if it were above one."""
    try:
        return credited, await surplus_limits(ports.core, credited)
    except Refused as refused:
        log.warning("surplus_held", invoice=credited.invoice.id, reason=refused.reason)
        return credited.with_surplus_held(), ()


async def spot_minor(ports: WorkerPorts, invoice: str) -> int:
    """ITD minor units that a whole coin is bought for now; 0 while there is no rate: then a late payment waits."""
    try:
        return (await ports.rates.rate(ports.asset)).purchase_minor
    except Refused as refused:
        log.warning("late_payment_waits", invoice=invoice, reason=refused.reason)
        return 0


def _posting(
    tenure: Tenure,
    credited: Crediting,
    guards: Guards,
    *limits: TakeLimit,
    more: tuple[Change, ...],
    told: tuple[Message, ...],
) -> Posting:
    return tenure.posting_once(
        "purchase_credited",
        credited.key,
        *credited.changes(guards, *limits),
        *more,
        entries=credited.entries(guards),
        messages=(credited.message(), *told),
        people=(credited.invoice.person,),
        facts=credited.facts(),
    )
