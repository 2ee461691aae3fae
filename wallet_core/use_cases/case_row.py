"""What an admin has to know of a case before deciding about it, as it is now."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.case import CHOICES, UNDECIDED, Case, CaseChoice
from wallet_core.domain.errors import Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment
from wallet_core.domain.people import Person
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.quote import itd_for
from wallet_core.ports import Ports
from wallet_core.use_cases.held_back import is_held, lay_aside
from wallet_core.use_cases.refunds import withheld_minor


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case with whose it is and what it is about. ITD and coins in minor units.

    ``worth_minor`` is None while there is no rate; ``refund_minor`` are the coins that would go back, None where
    nothing worth sending is left of them.
    """

    case: Case
    name: str | None
    invoice: Invoice | None
    payments: list[Payment]
    worth_minor: int | None
    refund_minor: int | None
    decider: str | None

    @property
    def choices(self) -> tuple[CaseChoice, ...]:
        """What may be decided about it now."""
        if self.case.state not in UNDECIDED:
            return ()
        without: set[CaseChoice] = set() if self.worth_minor is not None else {CaseChoice.CREDIT, CaseChoice.ASK_REST}
        without |= set() if self.refund_minor is not None else {CaseChoice.REFUND}
        return tuple(choice for choice in CHOICES[self.case.kind] if choice not in without)


async def case_row(ports: Ports, case: Case) -> CaseRow:
    """The case as it is now, with today's rate."""
    payments = await ports.store.find(Payment, {"_id": case.payments}) if case.payments else []
    invoice = await ports.store.get(Invoice, case.invoice)
    return CaseRow(
        case,
        await _name_of(ports, case.person),
        invoice,
        payments,
        await _worth_minor(ports, case),
        await _refund_minor(ports, case, invoice),
        await _name_of(ports, case.decided_by),
    )


async def _name_of(ports: Ports, person: int | None) -> str | None:
    known = await ports.store.get(Person, person) if person is not None else None
    return known.display_name if known else None


async def _worth_minor(ports: Ports, case: Case) -> int | None:
    if case.asset is Asset.ITD or not case.coin_minor:
        return 0
    try:
        return itd_for(case.coin_minor, (await ports.rates.rate(case.asset)).purchase_minor, case.asset)
    except Refused:
        return None


async def _refund_minor(ports: Ports, case: Case, invoice: Invoice | None) -> int | None:
    if CaseChoice.REFUND not in CHOICES[case.kind] or invoice is None:
        return None
    try:
        about = (await lay_aside(ports, case, invoice)).case if is_held(case) else case
        return about.coin_minor - await withheld_minor(ports, about)
    except Refused:
        return None
