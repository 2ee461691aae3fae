"""What the desk and the worker share of cases: opening one, telling the admins, and what may be believed of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from wallet_core.domain.case import Case, CaseKind, CaseState
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.ledger import Entry, Message
from wallet_core.domain.movements import payment_set_aside
from wallet_core.domain.people import Access
from wallet_core.domain.record import Change
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import admins_reaching

#: More cases of one invoice than this wait for their rest together in no honest life.
_MOST_TOGETHER = 100
_MOST_OF_HELD = 10_000


@dataclass(frozen=True, slots=True)
class Opening:
    """The parts of a posting ``case_opened`` with the key ``case:<id>``.

    The poster adds what becomes of payments (``PaymentState.CASE``) and of the invoice, whose ``aside_minor`` grows by
    the case's coins, and the invoice's card (``InvoiceStep.CASE``).
    """

    case: Case
    changes: tuple[Change, ...]
    entries: tuple[Entry, ...]
    messages: tuple[Message, ...]


async def opening(ports: Ports, case: Case) -> Opening:
    """Seals a case and sets its coins aside. The finance admins are told of a person's first open one."""
    told = not await ports.store.count(Case, {"person": case.person, "state": CaseState.OPEN})
    sealed = seal(ports, case).model_copy(update={"told": told})
    return Opening(
        sealed,
        (Insert(sealed),),
        payment_set_aside(case.asset, case.coin_minor) if case.coin_minor else (),
        await to_admins(ports, sealed),
    )


async def to_admins(ports: Ports, case: Case) -> tuple[Message, ...]:
    """The notice of a case to everybody who may decide it, each edited in place; none where none was sent at first."""
    if not case.told:
        return ()
    admins = await admins_reaching(ports.store, ports.vault, Access.FINANCE)
    facts = case_facts(case)
    return tuple(Message(admin.id, "case", facts, thread=f"case:{case.id}:{admin.id}") for admin in admins)


async def ended(ports: Ports, cases: Iterable[Case]) -> tuple[Message, ...]:
    """What stands in place of the notices of cases that end by themselves, in the posting that ends them."""
    told: list[Message] = []
    for case in cases:
        told += await to_admins(ports, case.model_copy(update={"state": CaseState.CLOSED}))
    return tuple(told)


def seal(ports: Ports, case: Case) -> Case:
    """The case with the seal of its terms."""
    return case.model_copy(update={"mac": ports.vault.mac(case.terms())})


def case_facts(case: Case) -> dict[str, Any]:
    """What a notice tells of a case, amounts in minor units."""
    shown = case.document()
    names = ("kind", "state", "person", "invoice", "asset", "coin_minor", "payments", "decisions", "choice")
    return {name: shown[name] for name in (*names, "decided_by", "opened_at", "facts")} | {"id": case.id}


async def cases_awaiting_rest(ports: Ports, invoice: str) -> Sequence[Case]:
    """Cases of an invoice whose coins count together with the next payment to it: see ``domain.case.completed``."""
    where = {"invoice": invoice, "kind": CaseKind.TOO_SMALL, "state": (CaseState.OPEN, CaseState.WAITING)}
    found = await ports.store.find(Case, where, order_by=("opened_at",), limit=_MOST_TOGETHER)
    waiting = [case for case in found if case.awaits_rest]
    for case in waiting:
        check_case(ports, case)
    return waiting


async def of_held_money(ports: Ports, invoices: Iterable[str]) -> Sequence[Case]:
    """Cases about what is above the limit in these purchases, oldest first."""
    where = {"invoice": tuple(invoices), "kind": CaseKind.ABOVE_LIMIT}
    return await ports.store.find(Case, where, order_by=("opened_at",), limit=_MOST_OF_HELD) if where["invoice"] else []


async def case_of(ports: Ports, case: str) -> Case:
    """The case. Raises ``Refused(NOT_FOUND)``, and ``InvariantViolated`` for one that somebody changed."""
    found = await ports.store.get(Case, case)
    if found is None:
        raise Refused(Reason.NOT_FOUND, what=Case.collection)
    check_case(ports, found)
    return found


def check_case(ports: Ports, case: Case) -> None:
    """Raises ``InvariantViolated`` when its terms are not those that were sealed when it was opened."""
    if not ports.vault.mac_fits(case.terms(), case.mac):
        raise InvariantViolated(f"the terms of case {case.id} were changed")
