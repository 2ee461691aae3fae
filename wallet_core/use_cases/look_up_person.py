"""Look at a person: everything that the desk must know to help them, or to stop them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wallet_core.domain.case import UNDECIDED, Case, CaseState
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.people import Access, Caller, Person, Role
from wallet_core.domain.purchase import Invoice
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import role_of
from wallet_core.use_cases.found_people import found_people
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.looks import record_look
from wallet_core.use_cases.show_balance import BalanceSheet, show_balance
from wallet_core.use_cases.show_limits import LimitSheet, show_limits

#: So many of the newest withdrawals and purchases are shown.
NEWEST: Final = 5


@dataclass(frozen=True, slots=True)
class PersonSheet:
    """Somebody as they are at ``now``. Balance and limits are those that they see themselves, None before enrolment."""

    now: datetime
    person: int
    profile: Person | None
    guards: Guards
    #: The sealed role, which may be another than the guards say.
    role: Role | None
    balance: BalanceSheet | None
    limits: LimitSheet | None
    withdrawals: list[Withdrawal]
    purchases: list[Invoice]
    cases: list[Case]


@use_case(Access.SUPPORT)
async def look_up_person(ports: Ports, caller: Caller, text: str) -> PersonSheet | list[Person]:
    """The one who is found by an id, @name, transaction or number; where it is several, who they are.

    Every look is recorded. Raises ``Refused(NOBODY)``.
    """
    found = await found_people(ports, text)
    if not found:
        raise Refused(Reason.NOBODY)
    if len(found) > 1:
        return await ports.store.find(Person, {"_id": tuple(found)})
    await record_look(ports, caller, found[0], "card")
    return await _sheet(ports, found[0])


async def _sheet(ports: Ports, person: int) -> PersonSheet:
    guards = await ports.store.get(Guards, person) or Guards(id=person)
    themselves, theirs = Caller(person), {"person": person}
    open_cases = {**theirs, "state": (*UNDECIDED, CaseState.PAYING)}
    return PersonSheet(
        await ports.store.now(),
        person,
        profile=await ports.store.get(Person, person),
        guards=guards,
        role=await role_of(ports, guards),
        balance=await show_balance(ports, themselves) if guards.enrolled else None,
        limits=await show_limits(ports, themselves) if guards.enrolled else None,
        withdrawals=await ports.store.find(Withdrawal, theirs, order_by=("-created_at",), limit=NEWEST),
        purchases=await ports.store.find(Invoice, theirs, order_by=("-created_at",), limit=NEWEST),
        cases=await ports.store.find(Case, open_cases, order_by=("opened_at",), limit=NEWEST),
    )
