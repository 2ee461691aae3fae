"""Show one record of a person's history with everything that is known of it."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.accounts import Account, available, held
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.history import KINDS, Topic
from wallet_core.domain.intent import Intent
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Batch, Withdrawal
from wallet_core.domain.people import Access, Caller, Person
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.statement import after_minor, change_minor
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.show_history import HistoryRow, row_of

Matter = Withdrawal | Invoice | Intent


@dataclass(frozen=True, slots=True)
class RecordDetail:
    """A record, the balances that it left and its fee in ITD minor units, who else was in it, and what it was about.

    ``coin_minor`` is in minor units of ``asset``.
    """

    row: HistoryRow
    available_after_minor: int | None
    held_after_minor: int | None
    fee_minor: int
    other_id: int | None
    other_name: str | None
    asset: Asset | None = None
    coin_minor: int = 0
    address: str | None = None
    txid: str | None = None
    invoice: str | None = None


@use_case(Access.ENROLLED)
async def show_record(ports: Ports, caller: Caller, key: str) -> RecordDetail:
    """The record of this key. Raises ``Refused`` NOT_FOUND, and NOT_YOURS where the caller had no part in it."""
    record = await ports.store.get(JournalRecord, key)
    if record is None:
        raise Refused(Reason.NOT_FOUND, what=JournalRecord.collection)
    if caller.person not in record.people:
        raise Refused(Reason.NOT_YOURS)
    matter = await _matter(ports, caller, record)
    other = _other(record, caller.person)
    known = await ports.store.get(Person, other) if other else None
    return RecordDetail(
        row_of(record, caller.person),
        after_minor(record, available(caller.person)),
        after_minor(record, held(caller.person)),
        _fee_minor(record, caller.person, matter),
        other,
        known.display_name if known else None,
        matter.asset if matter else None,
        record.facts.get("coin_minor") or (matter.coin_minor if matter else 0),
        matter.address if matter else None,
        record.facts.get("txid") or (matter.txid if isinstance(matter, Withdrawal | Invoice) else None),
        matter.id if isinstance(matter, Invoice) else None,
    )


async def _matter(ports: Ports, caller: Caller, record: JournalRecord) -> Matter | None:
    """The caller's purchase or withdrawal that the record is about."""
    facts, topic = record.facts, KINDS.get(record.kind)
    name = facts.get("payout") or facts.get("invoice") or facts.get("intent")
    found: Matter | None = None
    if topic is Topic.PURCHASES:
        found = await ports.store.get(Invoice, name)
    elif topic is Topic.WITHDRAWALS:
        found = await ports.store.get(Withdrawal, name) if name else await _paid_by(ports, caller, facts.get("batch"))
        # What a policy refused never became a withdrawal.
        found = found or await ports.store.get(Intent, name)
    return found if found and found.person == caller.person else None


async def _paid_by(ports: Ports, caller: Caller, batch_id: str | None) -> Withdrawal | None:
    batch = await ports.store.get(Batch, batch_id)
    payouts = await ports.store.find(Withdrawal, {"_id": batch.payouts, "person": caller.person}) if batch else []
    return payouts[0] if payouts else None


def _other(record: JournalRecord, person: int) -> int | None:
    sides = {record.facts.get("sender"), record.facts.get("recipient")} - {None}
    return next(iter(sides - {person}), None) if person in sides else None


def _fee_minor(record: JournalRecord, person: int, matter: Matter | None) -> int:
    """What the record itself booked; where it moved nothing to the house, what was agreed. A recipient pays none."""
    if record.facts.get("recipient") == person:
        return 0
    return change_minor(record, Account(Asset.ITD, "income:fees")) or (matter.fee_minor if matter else 0)
