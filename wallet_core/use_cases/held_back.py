"""Money above a day's limit that is sent back: its coins are laid aside for the case's refund, and held again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wallet_core.domain.case import Case, CaseKind
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.held_coins import PARTS, HeldCoins, held_coins, laid_aside_for
from wallet_core.domain.ledger import Entry
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.purchase import Invoice
from wallet_core.ports import Ports
from wallet_core.use_cases.cases import seal

_MOST_PAYMENTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class HeldMove:
    """The case and the invoice after it, sealed, and what the posting has for it."""

    case: Case
    invoice: Invoice
    change: Move
    entries: tuple[Entry, ...]


def is_held(case: Case) -> bool:
    """Whether its money is the person's and held: sending it back begins with laying its coins aside."""
    return case.kind is CaseKind.ABOVE_LIMIT and not case.coin_minor


async def lay_aside(ports: Ports, case: Case, invoice: Invoice) -> HeldMove:
    """What is held of the case's purchase becomes coins that lie aside for it.

    Raises ``Refused(WRONG_STATE)`` when nothing is held any more.
    """
    payments = await _payments(ports, invoice)
    found = held_coins(invoice, payments)
    if not found.coin_minor:
        raise Refused(Reason.WRONG_STATE, what=Invoice.collection, state=invoice.state)
    about = tuple(payment.id for payment in payments[: len(found.parts)])
    after = {"coin_minor": found.coin_minor, "payments": about, "facts": {**case.facts, **found.facts}}
    return _moved(ports, case.model_copy(update=after), found, found.laid_aside(), found.laying_aside())


def hold_again(ports: Ports, case: Case, invoice: Invoice) -> HeldMove:
    """The coins that lie aside for it are the person's held money as before."""
    found = laid_aside_for(case, invoice)
    facts = {name: value for name, value in case.facts.items() if name != PARTS}
    after = {"coin_minor": 0, "payments": (), "facts": facts}
    return _moved(ports, case.model_copy(update=after), found, found.held_again(), found.holding_again())


def _moved(ports: Ports, case: Case, found: HeldCoins, change: Move, entries: tuple[Entry, ...]) -> HeldMove:
    return HeldMove(seal(ports, case), found.invoice.model_copy(update=change.fields), change, entries)


async def _payments(ports: Ports, invoice: Invoice) -> Sequence[Payment]:
    """The credited ones, the last first; on Ethereum they only tell what the balance was made of."""
    if invoice.asset is Asset.ETH:
        return []
    where = {"invoice": invoice.id, "state": PaymentState.CREDITED}
    return await ports.store.find(Payment, where, order_by=("-seen_at", "_id"), limit=_MOST_PAYMENTS)
