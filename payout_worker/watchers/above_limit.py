"""Cases about money above a day's limit: admins see it while it is held, and may send it back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.case import Case, CaseChoice, CaseKind, CaseState, case_about
from wallet_core.domain.changes import Require
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.purchase import Invoice
from wallet_core.use_cases.cases import of_held_money, opening

log = structlog.get_logger(__name__)


async def show_held(ports: WorkerPorts, tenure: Tenure, held: Sequence[Invoice]) -> None:
    """Opens a case for each purchase with held money of which the desk does not know."""
    known = defaultdict[str, list[Case]](list)
    for case in await of_held_money(ports.core, [invoice.id for invoice in held]):
        known[case.invoice].append(case)
    for invoice in held:
        cases = known[invoice.id]
        if not cases or _is_news(cases[-1], invoice):
            await _open(ports, tenure, invoice, len(cases))


def _is_news(last: Case, invoice: Invoice) -> bool:
    """Whether it is over, and an admin who chose to let the money wait has not seen this much of it."""
    left_waiting = last.choice is CaseChoice.CLOSE and invoice.held_minor <= last.facts["held_minor"]
    return last.state is CaseState.CLOSED and not left_waiting


async def _open(ports: WorkerPorts, tenure: Tenure, invoice: Invoice, number: int) -> None:
    facts, now = {"held_minor": invoice.held_minor}, await ports.store.now()
    case = case_about(invoice, CaseKind.ABOVE_LIMIT, f"{invoice.id}:{number}", now, facts=facts)
    opened = await opening(ports.core, case)
    try:
        await ports.ledger.post(
            tenure.posting_once(
                "case_opened",
                f"case:{case.id}",
                Require(Invoice, invoice.id, facts),
                *opened.changes,
                messages=opened.messages,
                people=(invoice.person,),
                facts={"case": case.id, "invoice": invoice.id, **facts},
            )
        )
    except Refused as refused:
        if refused.reason is Reason.LEASE_LOST:
            raise
        # It was released or taken back in between.
        log.info("held_money_changed", invoice=invoice.id, reason=refused.reason)


async def held_no_more(ports: WorkerPorts, before: Invoice, held_minor: int) -> tuple[Case, ...]:
    """The cases that end by themselves when so much is left of what was held: none unless that is nothing."""
    if not before.held_minor or held_minor:
        return ()
    cases = await of_held_money(ports.core, [before.id])
    return tuple(case for case in cases if case.state is CaseState.OPEN and not case.coin_minor)
