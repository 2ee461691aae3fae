"""Collections with their validators and indexes, made and changed by numbered migrations.

A migration is a function; each runs once per database, in order, and may run twice after a crash.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from wallet_core.adapters.mongo.codec import encode, to_decimal
from wallet_core.domain.approval import Approval
from wallet_core.domain.card import CardCursor, CardEvent
from wallet_core.domain.card_reversal import CardReversal
from wallet_core.domain.case import Case
from wallet_core.domain.chat import Draft, OutboxMessage, SentMessage, Tap
from wallet_core.domain.guards import Guards
from wallet_core.domain.hold import Hold
from wallet_core.domain.intent import Intent
from wallet_core.domain.journal import GroupRecord, JournalRecord
from wallet_core.domain.judged import JudgedRequest
from wallet_core.domain.lease import Heartbeat, Lease
from wallet_core.domain.ledger import Balance
from wallet_core.domain.mass_row import MassRow
from wallet_core.domain.mass_send import MassClaim, MassSend
from wallet_core.domain.money import MAX_MINOR, Asset
from wallet_core.domain.payment import Payment
from wallet_core.domain.payout import Attempt, Batch, Reservation, Withdrawal
from wallet_core.domain.people import Person
from wallet_core.domain.policies.policy_set import PolicyDraft, PolicySet
from wallet_core.domain.purchase import Invoice, Rail
from wallet_core.domain.record import Document, Record
from wallet_core.domain.screening import ScreenedAddress
from wallet_core.domain.seal import WAITING, Seal

Database = AsyncDatabase[Document]
Migration = Callable[[Database], Awaitable[None]]

_KINDS: Final[tuple[type[Record], ...]] = (
    Attempt, Balance, Batch, Draft, GroupRecord, Guards, Heartbeat, Hold, Intent, Invoice, JournalRecord, Lease,
    OutboxMessage, Person, Rail, Reservation, Seal, SentMessage, Tap, Withdrawal,
)  # fmt: skip

#: An amount: an exact decimal, bounded on both sides.
_AMOUNT: Final = {"bsonType": "decimal", "minimum": to_decimal(-MAX_MINOR), "maximum": to_decimal(MAX_MINOR)}
_POSITIVE: Final = {**_AMOUNT, "minimum": to_decimal(1)}
_NOT_NEGATIVE: Final = {**_AMOUNT, "minimum": to_decimal(0)}


def _schema(**properties: Any) -> Document:
    return {"$jsonSchema": {"bsonType": "object", "required": list(properties), "properties": properties}}


_ENTRY: Final = {
    "bsonType": "object",
    "required": ["account", "side", "amount_minor"],
    "properties": {
        "account": {"bsonType": "string"},
        "side": {"enum": ["debit", "credit"]},
        "amount_minor": _POSITIVE,
    },
}
#: What we owe to a person is never below zero, whoever writes it.
_PERSONS_NOT_NEGATIVE: Final = {
    "$or": [{"account": {"$not": {"$regex": ":person:"}}}, {"balance_minor": {"$gte": to_decimal(0)}}]
}
_VALIDATORS: Final[dict[type[Record], Document]] = {
    Balance: {"$and": [_schema(account={"bsonType": "string"}, balance_minor=_AMOUNT), _PERSONS_NOT_NEGATIVE]},
    JournalRecord: _schema(
        kind={"bsonType": "string"},
        by={"bsonType": "string"},
        at={"bsonType": "date"},
        group={"bsonType": "string"},
        place={"bsonType": ["int", "long"]},
        digest={"bsonType": "string"},
        entries={"bsonType": "array", "items": _ENTRY},
    ),
    Hold: _schema(amount_minor=_POSITIVE, left_minor=_NOT_NEGATIVE),
    Intent: _schema(amount_minor=_POSITIVE, fee_minor=_NOT_NEGATIVE, coin_minor=_NOT_NEGATIVE),
    Invoice: _schema(amount_minor=_POSITIVE, coin_minor=_POSITIVE, received_minor=_NOT_NEGATIVE),
    Seal: _schema(
        at={"bsonType": "date"},
        previous={"bsonType": "string"},
        groups={"bsonType": "array", "minItems": 1, "items": {"bsonType": "string"}},
        records={"bsonType": ["int", "long"]},
        mac={"bsonType": "string"},
    ),
    Withdrawal: _schema(
        amount_minor=_POSITIVE, fee_minor=_NOT_NEGATIVE, coin_minor=_POSITIVE, mac={"bsonType": "string"}
    ),
    Batch: _schema(state={"bsonType": "string"}, payouts={"bsonType": "array", "minItems": 1}),
    Attempt: _schema(raw={"bsonType": "binData"}, txid={"bsonType": "string"}),
}
_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
    Balance: [IndexModel("account")],
    GroupRecord: [
        # What waits for its seal or was refused one: a handful, however long the journal is.
        IndexModel(
            [(name, ASCENDING) for name in ("seal", "at", "writer", "number")],
            partialFilterExpression={"seal": {"$lte": WAITING}},
        ),
    ],
    JournalRecord: [
        IndexModel([("people", ASCENDING), ("place", DESCENDING)]),
        IndexModel([("people", ASCENDING), ("kind", ASCENDING), ("place", DESCENDING)]),
        IndexModel([("entries.account", ASCENDING), ("entries.side", ASCENDING), ("place", DESCENDING)]),
    ],
    Person: [IndexModel("username_key")],
    Hold: [IndexModel([("state", ASCENDING), ("expires_at", ASCENDING)])],
    Invoice: [
        IndexModel("address", unique=True),
        IndexModel([("asset", ASCENDING), ("state", ASCENDING), ("created_at", ASCENDING)]),
    ],
    Withdrawal: [
        IndexModel([("asset", ASCENDING), ("state", ASCENDING), ("created_at", ASCENDING)]),
        IndexModel([("person", ASCENDING), ("asset", ASCENDING), ("address", ASCENDING), ("created_at", ASCENDING)]),
    ],
    Batch: [IndexModel([(name, ASCENDING) for name in ("asset", "state", "created_at", "nonce", "_id")])],
    Attempt: [IndexModel([("batch", ASCENDING), ("number", ASCENDING)], unique=True)],
    OutboxMessage: [IndexModel([("state", ASCENDING), ("at", ASCENDING), ("order", ASCENDING)])],
    Tap: [IndexModel("card"), IndexModel("expires_at", expireAfterSeconds=7 * 86_400)],
    Draft: [IndexModel("expires_at", expireAfterSeconds=86_400)],
    Guards: [IndexModel("role", sparse=True)],
}

_WORKERS_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
    Invoice: [
        IndexModel([("asset", ASCENDING), ("held_minor", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("asset", ASCENDING), ("pending_minor", DESCENDING)]),
        IndexModel([("asset", ASCENDING), ("index", DESCENDING)]),
        IndexModel([(name, ASCENDING) for name in ("asset", "state", "fulfilled", "limit_returned", "expires_at")]),
    ],
    Batch: [IndexModel([("asset", ASCENDING), ("height", ASCENDING)])],
}

#: What came with payments that are records of their own, and with cases about them.
_PAYMENT_VALIDATORS: Final[dict[type[Record], Document]] = {
    Payment: _schema(coin_minor=_POSITIVE, credited_minor=_NOT_NEGATIVE, held_minor=_NOT_NEGATIVE),
    Case: _schema(coin_minor=_NOT_NEGATIVE, mac={"bsonType": "string"}),
}
_PAYMENT_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
    Payment: [
        IndexModel([("invoice", ASCENDING), ("seen_at", ASCENDING)]),
        IndexModel([("person", ASCENDING), ("txid", ASCENDING)]),
        IndexModel([("asset", ASCENDING), ("state", ASCENDING), ("height", ASCENDING)]),
    ],
    Case: [
        IndexModel([("state", ASCENDING), ("opened_at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("invoice", ASCENDING), ("kind", ASCENDING), ("state", ASCENDING)]),
        IndexModel([("person", ASCENDING), ("state", ASCENDING)]),
        IndexModel("payments"),
    ],
}
#: What came with purchases by card.
_CARD_VALIDATORS: Final[dict[type[Record], Document]] = {
    CardReversal: _schema(coin_minor=_NOT_NEGATIVE, itd_minor=_NOT_NEGATIVE, held_minor=_NOT_NEGATIVE),
    CardEvent: _schema(kind={"bsonType": "string"}, at={"bsonType": "date"}),
    CardCursor: _schema(read_to={"bsonType": "date"}),
}
#: Stripe forgets an event after 30 days.
_EVENTS_KEPT_SECONDS: Final = 60 * 86_400
_CARD_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
    CardReversal: [IndexModel([("state", ASCENDING), ("opened_at", ASCENDING)])],
    CardEvent: [
        IndexModel([("handled_at", ASCENDING), ("at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel("at", expireAfterSeconds=_EVENTS_KEPT_SECONDS),
    ],
}
#: What came with sets of policies.
_POLICY_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
    JudgedRequest: [IndexModel([("at", ASCENDING), ("_id", ASCENDING)])],
}
_WITHDRAWALS_BY_TIME: Final = (
    IndexModel([("person", ASCENDING), ("created_at", ASCENDING)]),
    IndexModel([("created_at", ASCENDING)]),
)
#: What was refused: a handful of all intents.
_REFUSED_INTENTS: Final = IndexModel(
    [("state", ASCENDING), ("created_at", ASCENDING)], name="refused", partialFilterExpression={"state": "refused"}
)
#: What came with mass sends, and with what takes two admins.
_MASS_VALIDATORS: Final[dict[type[Record], Document]] = {
    Approval: _schema(amount_minor=_NOT_NEGATIVE, digest={"bsonType": "string"}, mac={"bsonType": "string"}),
    MassClaim: _schema(mass_send={"bsonType": "string"}),
    MassRow: _schema(amount_minor=_POSITIVE, itd_minor=_NOT_NEGATIVE, mac={"bsonType": "string"}),
    MassSend: _schema(total_minor=_NOT_NEGATIVE, paid_minor=_NOT_NEGATIVE, mac={"bsonType": "string"}),
}
_MASS_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
    Approval: [IndexModel([("state", ASCENDING), ("created_at", ASCENDING)])],
    MassRow: [
        IndexModel([("mass_send", ASCENDING), ("line", ASCENDING)]),
        IndexModel([("mass_send", ASCENDING), ("state", ASCENDING), ("line", ASCENDING)]),
    ],
    MassSend: [IndexModel([("state", ASCENDING), ("created_at", ASCENDING)]), IndexModel([("created_at", DESCENDING)])],
}
#: The payouts of a mass send that have come to an end; other payouts are of none.
_OF_MASS_SEND: Final = IndexModel(
    [("mass_send", ASCENDING), ("state", ASCENDING)],
    name="of_mass_send",
    partialFilterExpression={"mass_send": {"$gt": ""}},
)
#: No two invoices share an address, and a card's has none before its page is opened.
_ADDRESS_ONCE: Final = IndexModel(
    "address", name="address_once", unique=True, partialFilterExpression={"address": {"$gt": ""}}
)
#: Who owes: a handful of all people.
_DEBTORS: Final = IndexModel(
    "debt_minor", name="debtors", partialFilterExpression={"debt_minor": {"$gt": to_decimal(0)}}
)


async def _lay_out(database: Database) -> None:
    """Every collection of the first day with its validator and its indexes."""
    await _make(database, _KINDS, _VALIDATORS, _INDEXES)


async def _lay_out_payments(database: Database) -> None:
    """The collections of payments and of cases, and what is counted of invoices since: decisions insist on it."""
    await _make(database, tuple(_PAYMENT_VALIDATORS), _PAYMENT_VALIDATORS, _PAYMENT_INDEXES)
    none = to_decimal(0)
    for name, value in {"aside_minor": none, "booked_fee_minor": none, "swept_minor": none, "generation": 0}.items():
        change = {"$set": {name: value}, "$inc": {"version": 1}}
        await database[Invoice.collection].update_many({name: {"$exists": False}}, change)


async def _make_room_for_sweeps(database: Database) -> None:
    """A batch may pay nobody; and the largest coins that no sweep has yet are found at once."""
    await _make(database, (Batch,), {Batch: _schema(state={"bsonType": "string"}, payouts={"bsonType": "array"})}, {})
    order = [
        *((name, ASCENDING) for name in ("asset", "state", "sweep")),
        ("coin_minor", DESCENDING),
        ("_id", ASCENDING),
    ]
    await database[Payment.collection].create_indexes([IndexModel(order)])


async def _lay_out_cards(database: Database) -> None:
    """The collections of purchases by card, and what they ask of those that were there."""
    await _make(database, tuple(_CARD_VALIDATORS), _CARD_VALIDATORS, _CARD_INDEXES)
    await database[Guards.collection].create_indexes([_DEBTORS])
    invoices = database[Invoice.collection]
    await invoices.create_indexes([_ADDRESS_ONCE])
    if "address_1" in await invoices.index_information():
        await invoices.drop_index("address_1")


async def _lay_out_policies(database: Database) -> None:
    """The collections of policy sets, of the screening list and of judged requests, and what finds requests by time."""
    await _make(database, (PolicySet, PolicyDraft, ScreenedAddress, JudgedRequest), {}, _POLICY_INDEXES)
    await database[Withdrawal.collection].create_indexes(list(_WITHDRAWALS_BY_TIME))
    await database[Intent.collection].create_indexes([_REFUSED_INTENTS])


async def _lay_out_mass_sends(database: Database) -> None:
    """The collections of mass sends and of approvals."""
    await _make(database, tuple(_MASS_VALIDATORS), _MASS_VALIDATORS, _MASS_INDEXES)
    await database[Withdrawal.collection].create_indexes([_OF_MASS_SEND])


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
    for kind, indexes in _WORKERS_INDEXES.items():
        await database[kind.collection].create_indexes(indexes)


async def _index_the_queue(database: Database) -> None:
    """Its pages are read in their order, and what waits is counted, however many wait."""
    withdrawals = database[Withdrawal.collection]
    orders = (("asset", "state", "created_at", "_id"), ("asset", "state", "not_before"))
    await withdrawals.create_indexes([IndexModel([(name, ASCENDING) for name in order]) for order in orders])
    # The first of them does its work.
    if "asset_1_state_1_created_at_1" in await withdrawals.index_information():
        await withdrawals.drop_index("asset_1_state_1_created_at_1")


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
