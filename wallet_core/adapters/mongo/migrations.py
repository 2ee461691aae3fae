"""Collections with their validators and indexes, made and changed by numbered migrations.

A migration is a function; each runs once per database, in order, and may run twice after a crash.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from wallet_core.adapters.mongo.chat_layout import SEEN_INDEXES, SEEN_VALIDATORS
from wallet_core.adapters.mongo.codec import encode, to_decimal
from wallet_core.adapters.mongo.documents import BUCKET
from wallet_core.adapters.mongo.layout import (
    ACCESS_INDEXES,
    ACCESS_KINDS,
    ADDRESS_ONCE,
    CARD_INDEXES,
    CARD_VALIDATORS,
    CLAIM_INDEXES,
    CLAIM_VALIDATORS,
    DEBTORS,
    DESK_INDEXES,
    ENROLLED,
    FREEZES_DUE,
    GRIDFS_INDEXES,
    INDEXES,
    KINDS,
    KYC_INDEXES,
    KYC_VALIDATORS,
    LINE_ONCE,
    MASS_INDEXES,
    MASS_VALIDATORS,
    OF_FILE,
    OF_MASS_SEND,
    OWN_WITHDRAWALS,
    PAYMENT_INDEXES,
    PAYMENT_VALIDATORS,
    POLICY_INDEXES,
    REFUSED_INTENTS,
    SENT_INTENTS,
    VALIDATORS,
    WITHDRAWALS_BY_TIME,
    WORKERS_INDEXES,
    schema,
)
from wallet_core.domain.alert import Alert, AlertNote
from wallet_core.domain.guards import Guards
from wallet_core.domain.health import Pulse, Verification
from wallet_core.domain.history import AUDITED
from wallet_core.domain.intent import Intent
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.judged import JudgedRequest
from wallet_core.domain.key_register import KeyRegister
from wallet_core.domain.mass_row import MassRow
from wallet_core.domain.mass_send import MassSend
from wallet_core.domain.mode import Switchboard
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment
from wallet_core.domain.payout import Attempt, Batch, Withdrawal
from wallet_core.domain.people import Person
from wallet_core.domain.policies.policy_set import PolicyDraft, PolicySet
from wallet_core.domain.purchase import Invoice, Rail, RailState
from wallet_core.domain.record import Document, Record
from wallet_core.domain.screening import ScreenedAddress

Database = AsyncDatabase[Document]
Migration = Callable[[Database], Awaitable[None]]


async def _lay_out(database: Database) -> None:
    """Every collection of the first day with its validator and its indexes."""
    await _make(database, KINDS, VALIDATORS, INDEXES)


async def _lay_out_payments(database: Database) -> None:
    """The collections of payments and of cases, and what is counted of invoices since: decisions insist on it."""
    await _make(database, tuple(PAYMENT_VALIDATORS), PAYMENT_VALIDATORS, PAYMENT_INDEXES)
    none = to_decimal(0)
    for name, value in {"aside_minor": none, "booked_fee_minor": none, "swept_minor": none, "generation": 0}.items():
        change = {"$set": {name: value}, "$inc": {"version": 1}}
        await database[Invoice.collection].update_many({name: {"$exists": False}}, change)


async def _make_room_for_sweeps(database: Database) -> None:
    """A batch may pay nobody; and the largest coins that no sweep has yet are found at once."""
    await _make(database, (Batch,), {Batch: schema(state={"bsonType": "string"}, payouts={"bsonType": "array"})}, {})
    order = [
        *((name, ASCENDING) for name in ("asset", "state", "sweep")),
        ("coin_minor", DESCENDING),
        ("_id", ASCENDING),
    ]
    await database[Payment.collection].create_indexes([IndexModel(order)])


async def _lay_out_cards(database: Database) -> None:
    """The collections of purchases by card, and what they ask of those that were there."""
    await _make(database, tuple(CARD_VALIDATORS), CARD_VALIDATORS, CARD_INDEXES)
    await database[Guards.collection].create_indexes([DEBTORS])
    invoices = database[Invoice.collection]
    await invoices.create_indexes([ADDRESS_ONCE])
    if "address_1" in await invoices.index_information():
        await invoices.drop_index("address_1")


async def _lay_out_policies(database: Database) -> None:
    """The collections of policy sets, of the screening list and of judged requests, and what finds requests by time."""
    await _make(database, (PolicySet, PolicyDraft, ScreenedAddress, JudgedRequest), {}, POLICY_INDEXES)
    await database[Withdrawal.collection].create_indexes(list(WITHDRAWALS_BY_TIME))
    await database[Intent.collection].create_indexes([REFUSED_INTENTS])


async def _lay_out_mass_sends(database: Database) -> None:
    """The collections of mass sends and of approvals."""
    await _make(database, tuple(MASS_VALIDATORS), MASS_VALIDATORS, MASS_INDEXES)
    await database[Withdrawal.collection].create_indexes([OF_MASS_SEND])


async def _lay_out_desk(database: Database) -> None:
    """The collections of the admins' desk, what its figures are counted by, and the switchboard as rails stand now."""
    await _make(database, (Switchboard, Alert, AlertNote, Pulse, Verification), {}, DESK_INDEXES)
    await database[Intent.collection].create_indexes([SENT_INTENTS])
    await database[Person.collection].create_indexes([IndexModel("seen_at")])
    await database[Guards.collection].create_indexes([ENROLLED])
    closed = [Asset(rail["_id"]) async for rail in database[Rail.collection].find({"state": RailState.CLOSED})]
    board = {**encode(Switchboard(shut=tuple(sorted(closed))).document()), "version": 1}
    await database[Switchboard.collection].update_one({"_id": board["_id"]}, {"$setOnInsert": board}, upsert=True)


async def _lay_out_kyc(database: Database) -> None:
    """The collections of applications for a level, and of the files that belong to them."""
    await _make(database, tuple(KYC_VALIDATORS), KYC_VALIDATORS, KYC_INDEXES)
    there = set(await database.list_collection_names())
    for name, index in GRIDFS_INDEXES.items():
        collection = f"{BUCKET}.{name}"
        if collection not in there:
            await database.create_collection(collection)
        await database[collection].create_indexes([index])


async def _make(
    database: Database,
    kinds: tuple[type[Record], ...],
    validators: dict[type[Record], Document],
    indexes: dict[type[Record], list[IndexModel]],
) -> None:
    there = set(await database.list_collection_names())
    for kind in kinds:
        if kind.collection not in there:
            await database.create_collection(kind.collection)
        await database.command("collMod", kind.collection, validator=validators.get(kind, {}))
        if kind in indexes:
            await database[kind.collection].create_indexes(indexes[kind])


async def _open_rails(database: Database) -> None:
    """One rail a chain; there is nothing to pay out on a chain that has none."""
    for asset in (Asset.ETH,):
        rail = {**encode(Rail(id=asset).document()), "version": 1}
        await database[Rail.collection].update_one({"_id": asset}, {"$setOnInsert": rail}, upsert=True)


async def _index_for_the_worker(database: Database) -> None:
    """What the worker sorts and selects by in every pass, however many invoices and batches there are."""
    for kind, indexes in WORKERS_INDEXES.items():
        await database[kind.collection].create_indexes(indexes)


async def _lay_out_what_others_see(database: Database) -> None:
    """The messages that show offers, and those that go away in groups."""
    await _make(database, tuple(SEEN_VALIDATORS), SEEN_VALIDATORS, SEEN_INDEXES)


async def _lay_out_claims(database: Database) -> None:
    """The collection of money that waits to be claimed."""
    await _make(database, tuple(CLAIM_VALIDATORS), CLAIM_VALIDATORS, CLAIM_INDEXES)


async def _index_the_queue(database: Database) -> None:
    """Its pages are read in their order, and what waits is counted, however many wait."""
    withdrawals = database[Withdrawal.collection]
    orders = (("asset", "state", "created_at", "_id"), ("asset", "state", "not_before"))
    await withdrawals.create_indexes([IndexModel([(name, ASCENDING) for name in order]) for order in orders])
    # The first of them does its work.
    if "asset_1_state_1_created_at_1" in await withdrawals.index_information():
        await withdrawals.drop_index("asset_1_state_1_created_at_1")


async def _lay_out_access(database: Database) -> None:
    """The collections of resets, moves, Telegram ids and tallies, and what finds freezes whose end has come."""
    await _make(database, ACCESS_KINDS, {}, ACCESS_INDEXES)
    await database[Guards.collection].create_indexes([FREEZES_DUE])


async def _bound_what_is_counted(database: Database) -> None:
    """What policies count of a person stays small however much they paid in mass; a mass send's lines are unique."""
    await _replace_index(database, Withdrawal, "person_1_created_at_1", OWN_WITHDRAWALS)
    await _replace_index(database, MassRow, "mass_send_1_line_1", LINE_ONCE)
    await database[MassSend.collection].create_indexes([OF_FILE])


async def _replace_index(database: Database, kind: type[Record], old: str, new: IndexModel) -> None:
    collection = database[kind.collection]
    # Of two with the same fields the database wants the old one gone first.
    if old in await collection.index_information():
        await collection.drop_index(old)
    await collection.create_indexes([new])


async def _index_for_the_desk(database: Database) -> None:
    """Who is looked for by a transaction, and what admins did, however much there is; and the register of keys."""
    await _make(database, (KeyRegister,), {}, {})
    by_transaction = IndexModel("txid", name="txid", partialFilterExpression={"txid": {"$gt": ""}})
    for kind in (Payment, Withdrawal, Attempt):
        await database[kind.collection].create_indexes([by_transaction])
    of_person = IndexModel([("person", ASCENDING), ("created_at", DESCENDING)], name="of_person")
    await database[Invoice.collection].create_indexes([of_person])
    audited = {"kind": {"$in": list(AUDITED)}}
    by_kind = IndexModel([("kind", ASCENDING), ("place", DESCENDING)], name="audited", partialFilterExpression=audited)
    await database[JournalRecord.collection].create_indexes([by_kind])


async def _index_attempts_by_chain(database: Database) -> None:
    """Whoever takes a lease over learns from its chain's attempts, and need not read all of the others' bytes."""
    await database[Attempt.collection].create_indexes([IndexModel("asset")])


MIGRATIONS: Final[tuple[tuple[int, Migration], ...]] = (
    (1, _lay_out),
    (2, _open_rails),
    (3, _index_for_the_worker),
    (4, _lay_out_payments),
    (5, _make_room_for_sweeps),
    (6, _lay_out_cards),
    (7, _lay_out_policies),
    (8, _lay_out_mass_sends),
    (9, _index_the_queue),
    (10, _bound_what_is_counted),
    (11, _lay_out_kyc),
    (12, _index_for_the_desk),
    (13, _lay_out_access),
    (14, _lay_out_desk),
    (15, _lay_out_claims),
    (16, _lay_out_what_others_see),
    (17, _index_attempts_by_chain),
)


async def migrate(database: Database) -> list[int]:
    """Runs the migrations that this database has not had, and returns their numbers. May be repeated after a crash."""
    done = {document["_id"] async for document in database["migrations"].find()}
    ran = [(number, migration) for number, migration in MIGRATIONS if number not in done]
    for number, migration in ran:
        await migration(database)
        # Two processes may migrate at once: each migration can run twice, and the mark is the same.
        mark = {"$setOnInsert": {"at": datetime.now(UTC)}}
        await database["migrations"].update_one({"_id": number}, mark, upsert=True)
    return [number for number, _ in ran]


async def pending(database: Database) -> list[int]:
    """The numbers of the migrations that this database still needs."""
    done = {document["_id"] async for document in database["migrations"].find()}
    return [number for number, _ in MIGRATIONS if number not in done]
