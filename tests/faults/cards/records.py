"""What the card company and the journal have, in the words of the verdict; nothing of the card rail's code is used."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from tests.support.card_company import Company
from wallet_core.domain.accounts import Side
from wallet_core.domain.journal import EntryRecord, JournalRecord
from wallet_core.domain.money import Asset

Json = dict[str, Any]
_ITD: Final = 10**6
#: What an order of the wallet's is called on the page: the one place where the card company has its size.
_UNIT: Final = " ITD"


@dataclass(frozen=True)
class Sale:
    """A session of ours as the card company has it, in US cents, and the ITD that was ordered on it."""

    session: Json
    itd_minor: int

    @property
    def person(self) -> int:
        """Who ordered."""
        return int(self.session["metadata"]["person"])

    @property
    def intent(self) -> str | None:
        """The payment; None where nobody ever tried."""
        intent: str | None = self.session["payment_intent"]
        return intent

    @property
    def is_paid(self) -> bool:
        """Whether the money is ours."""
        return bool(self.session["payment_status"] == "paid")

    @property
    def paid_minor(self) -> int:
        """What the page took, in US cents."""
        return int(self.session["amount_total"])


@dataclass(frozen=True)
class Claim:
    """A refund or a dispute of a sale as the card company has it; ``names`` are those that the books may give it."""

    sale: Sale
    names: tuple[str, ...]
    amount_minor: int
    is_lost: bool
    is_open: bool
    is_dispute: bool = False


@dataclass(frozen=True)
class Theirs:
    """All that the card company has of this wallet."""

    company: Company
    sales: list[Sale]
    claims: list[Claim]

    def lost_minor(self, sale: Sale) -> int:
        """What refunds and disputes took of a sale, in US cents; it may be more than was paid."""
        return sum(claim.amount_minor for claim in self.claims if claim.sale is sale and claim.is_lost)

    def owed_minor(self) -> int:
        """What the company owes us, in US cents, its own fees apart; what is only claimed is not lost yet."""
        ours = {sale.intent for sale in self.sales if sale.intent}
        sources = {
            one["id"]
            for table in ("charge", "refund", "dispute")
            for one in self.company.table(table)
            if one["payment_intent"] in ours
        }
        booked: list[int] = [
            one["amount"] for one in self.company.table("balance_transaction") if one["source"] in sources
        ]
        return sum(booked) + sum(claim.amount_minor for claim in self.claims if claim.is_open)


@dataclass
class Books:
    """The journal, sorted by what the verdict asks."""

    records: Sequence[JournalRecord]
    credits: dict[str, list[JournalRecord]] = field(default_factory=lambda: defaultdict(list))
    #: By reversal: money that was taken back, and money that was given again after that.
    taken: Counter[str] = field(default_factory=Counter)
    given_again: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)
    asked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for record in self.records:
            self._sort(record)

    def _sort(self, record: JournalRecord) -> None:
        facts = record.facts
        # A claim that is raised again is followed under its id with a number behind it.
        reversal = str(facts.get("reversal", "")).partition(":")[0]
        if record.kind == "purchase_credited" and facts.get("asset") == Asset.USD:
            self.credits[facts["txid"]].append(record)
        elif record.kind == "card_money_reversed":
            self.taken[reversal] += 1
        elif record.kind == "card_claim_returned":
            self.closed[reversal] += 1
            self.given_again[reversal] += any(e.account == f"{Asset.USD}:clearing" for e in record.entries)
        elif record.kind == "card_refund_asked":
            self.asked.add(reversal)

    def total(self, account: str) -> int:
        """Debits less credits of an account."""
        return sum(signed(entry) for record in self.records for entry in record.entries if entry.account == account)


def theirs_of(company: Company, books: Books) -> Theirs:
    """The sessions that were opened by this wallet, with their claims; others use the same account as well."""
    sales = _sales(company)
    return Theirs(company, sales, [claim for sale in sales if sale.intent for claim in _claims(company, sale, books)])


def _sales(company: Company) -> list[Sale]:
    details = company.company.state.table("checkout.session.details")
    ours = [one for one in company.table("checkout.session") if one["metadata"].get("invoice")]
    return [Sale(one, _ordered_minor(details[one["id"]]["line_items"])) for one in ours]


def _ordered_minor(items: list[Json]) -> int:
    (item,) = items
    return int(Decimal(item["description"].removesuffix(_UNIT)) * _ITD)


def _claims(company: Company, sale: Sale, books: Books) -> list[Claim]:
    def of_sale(table: str) -> list[Json]:
        return [one for one in company.table(table) if one["payment_intent"] == sale.intent]

    refunds = [
        Claim(sale, _names(one, books), one["amount"], one["status"] == "succeeded", one["status"] == "pending")
        for one in of_sale("refund")
    ]
    disputes = [
        Claim(sale, (one["id"],), one["amount"], one["status"] == "lost", one["status"] not in ("won", "lost"), True)
        for one in of_sale("dispute")
    ]
    return [*refunds, *disputes]


def _names(refund: Json, books: Books) -> tuple[str, ...]:
    """Its own id; that of an admin's wish may be written on it, which is believed of one refund only."""
    wish = refund["metadata"].get("reversal")
    return (wish, refund["id"]) if wish in books.asked else (refund["id"],)


def signed(entry: EntryRecord) -> int:
    """An entry's amount, below zero for a credit."""
    return entry.amount_minor if entry.side is Side.DEBIT else -entry.amount_minor
