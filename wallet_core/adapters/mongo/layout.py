"""What the collections are made with: their validators, which bound every amount, and their indexes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, IndexModel

from wallet_core.adapters.mongo.codec import to_decimal
from wallet_core.domain.access_reset import AccessReset
from wallet_core.domain.account_move import AccountMove, TelegramIdentity
from wallet_core.domain.approval import Approval
from wallet_core.domain.card import CardCursor, CardEvent
from wallet_core.domain.card_reversal import CardReversal
from wallet_core.domain.case import Case
from wallet_core.domain.chat import Draft, Invitation, OutboxMessage, SentMessage, Tap
from wallet_core.domain.claimable import Claimable
from wallet_core.domain.guards import Guards
from wallet_core.domain.health import Pulse
from wallet_core.domain.hold import Hold
from wallet_core.domain.inline_offer import InlineOffer
from wallet_core.domain.intent import Intent
from wallet_core.domain.journal import GroupRecord, JournalRecord
from wallet_core.domain.judged import JudgedRequest
from wallet_core.domain.kyc_application import KycApplication
from wallet_core.domain.kyc_document import LooseFile
from wallet_core.domain.kyc_messages import ShownDocument
from wallet_core.domain.lease import Heartbeat, Lease
from wallet_core.domain.ledger import Balance
from wallet_core.domain.mass_claim import MassClaim
from wallet_core.domain.mass_row import MassRow
from wallet_core.domain.mass_send import MassSend
from wallet_core.domain.money import MAX_MINOR
from wallet_core.domain.pace import Tally
from wallet_core.domain.payment import Payment
from wallet_core.domain.payment_request import PaymentRequest
from wallet_core.domain.payout import Attempt, Batch, Withdrawal
from wallet_core.domain.people import Person
from wallet_core.domain.purchase import Invoice, Rail
from wallet_core.domain.record import Document, Record
from wallet_core.domain.recurring_send import RecurringSend
from wallet_core.domain.reservation import Reservation
from wallet_core.domain.seal import WAITING, Seal

KINDS: Final[tuple[type[Record], ...]] = (
    Attempt, Balance, Batch, Draft, GroupRecord, Guards, Heartbeat, Hold, Intent, Invoice, JournalRecord, Lease,
    OutboxMessage, Person, Rail, Reservation, Seal, SentMessage, Tap, Withdrawal,
)  # fmt: skip

#: An amount: an exact decimal, bounded on both sides.
_AMOUNT: Final = {"bsonType": "decimal", "minimum": to_decimal(-MAX_MINOR), "maximum": to_decimal(MAX_MINOR)}
_POSITIVE: Final = {**_AMOUNT, "minimum": to_decimal(1)}
_NOT_NEGATIVE: Final = {**_AMOUNT, "minimum": to_decimal(0)}


def schema(**properties: Any) -> Document:
    """A validator by which a document must have these properties, each of such a kind."""
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
VALIDATORS: Final[dict[type[Record], Document]] = {
    Balance: {"$and": [schema(account={"bsonType": "string"}, balance_minor=_AMOUNT), _PERSONS_NOT_NEGATIVE]},
    JournalRecord: schema(
        kind={"bsonType": "string"},
        by={"bsonType": "string"},
        at={"bsonType": "date"},
        group={"bsonType": "string"},
        place={"bsonType": ["int", "long"]},
        digest={"bsonType": "string"},
        entries={"bsonType": "array", "items": _ENTRY},
    ),
    Hold: schema(amount_minor=_POSITIVE, left_minor=_NOT_NEGATIVE),
    Intent: schema(amount_minor=_POSITIVE, fee_minor=_NOT_NEGATIVE, coin_minor=_NOT_NEGATIVE),
    Invoice: schema(amount_minor=_POSITIVE, coin_minor=_POSITIVE, received_minor=_NOT_NEGATIVE),
    Seal: schema(
        at={"bsonType": "date"},
        previous={"bsonType": "string"},
        groups={"bsonType": "array", "minItems": 1, "items": {"bsonType": "string"}},
        records={"bsonType": ["int", "long"]},
        mac={"bsonType": "string"},
    ),
    Withdrawal: schema(
        amount_minor=_POSITIVE, fee_minor=_NOT_NEGATIVE, coin_minor=_POSITIVE, mac={"bsonType": "string"}
    ),
    Batch: schema(state={"bsonType": "string"}, payouts={"bsonType": "array", "minItems": 1}),
    Attempt: schema(raw={"bsonType": "binData"}, txid={"bsonType": "string"}),
}
INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
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

WORKERS_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
    Invoice: [
        IndexModel([("asset", ASCENDING), ("held_minor", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("asset", ASCENDING), ("pending_minor", DESCENDING)]),
        IndexModel([("asset", ASCENDING), ("index", DESCENDING)]),
        IndexModel([(name, ASCENDING) for name in ("asset", "state", "fulfilled", "limit_returned", "expires_at")]),
    ],
    Batch: [IndexModel([("asset", ASCENDING), ("height", ASCENDING)])],
}

#: What came with payments that are records of their own, and with cases about them.
PAYMENT_VALIDATORS: Final[dict[type[Record], Document]] = {
    Payment: schema(coin_minor=_POSITIVE, credited_minor=_NOT_NEGATIVE, held_minor=_NOT_NEGATIVE),
    Case: schema(coin_minor=_NOT_NEGATIVE, mac={"bsonType": "string"}),
}
PAYMENT_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
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
CARD_VALIDATORS: Final[dict[type[Record], Document]] = {
    CardReversal: schema(coin_minor=_NOT_NEGATIVE, itd_minor=_NOT_NEGATIVE, held_minor=_NOT_NEGATIVE),
    CardEvent: schema(kind={"bsonType": "string"}, at={"bsonType": "date"}),
    CardCursor: schema(read_to={"bsonType": "date"}),
}
#: Stripe forgets an event after 30 days.
_EVENTS_KEPT_SECONDS: Final = 60 * 86_400
CARD_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
    CardReversal: [IndexModel([("state", ASCENDING), ("opened_at", ASCENDING)])],
    CardEvent: [
        IndexModel([("handled_at", ASCENDING), ("at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel("at", expireAfterSeconds=_EVENTS_KEPT_SECONDS),
    ],
}
#: What came with sets of policies.
POLICY_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
    JudgedRequest: [IndexModel([("at", ASCENDING), ("_id", ASCENDING)])],
}
WITHDRAWALS_BY_TIME: Final = (
    IndexModel([("person", ASCENDING), ("created_at", ASCENDING)]),
    IndexModel([("created_at", ASCENDING)]),
)
#: What was refused: a handful of all intents.
REFUSED_INTENTS: Final = IndexModel(
    [("state", ASCENDING), ("created_at", ASCENDING)], name="refused", partialFilterExpression={"state": "refused"}
)
#: What came with mass sends, and with what takes two admins.
MASS_VALIDATORS: Final[dict[type[Record], Document]] = {
    Approval: schema(amount_minor=_NOT_NEGATIVE, digest={"bsonType": "string"}, mac={"bsonType": "string"}),
    MassClaim: schema(mass_send={"bsonType": "string"}),
    MassRow: schema(amount_minor=_POSITIVE, itd_minor=_NOT_NEGATIVE, mac={"bsonType": "string"}),
    MassSend: schema(total_minor=_NOT_NEGATIVE, paid_minor=_NOT_NEGATIVE, mac={"bsonType": "string"}),
}
MASS_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
    Approval: [IndexModel([("state", ASCENDING), ("created_at", ASCENDING)])],
    MassRow: [
        IndexModel([("mass_send", ASCENDING), ("line", ASCENDING)]),
        IndexModel([("mass_send", ASCENDING), ("state", ASCENDING), ("line", ASCENDING)]),
    ],
    MassSend: [IndexModel([("state", ASCENDING), ("created_at", ASCENDING)]), IndexModel([("created_at", DESCENDING)])],
}
#: What came with money that waits to be claimed, requests for money, and sends that come again.
CLAIM_VALIDATORS: Final[dict[type[Record], Document]] = {
    Claimable: schema(amount_minor=_POSITIVE, fee_minor=_NOT_NEGATIVE, state={"bsonType": "string"}),
    InlineOffer: schema(amount_minor=_POSITIVE, fee_minor=_NOT_NEGATIVE),
    Invitation: schema(parameter={"bsonType": "string"}),
    PaymentRequest: schema(amount_minor=_NOT_NEGATIVE, paid_minor=_NOT_NEGATIVE),
    RecurringSend: schema(amount_minor=_POSITIVE, next_at={"bsonType": "date"}, mac={"bsonType": "string"}),
}
CLAIM_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
    Claimable: [
        IndexModel([("state", ASCENDING), ("expires_at", ASCENDING)]),
        IndexModel([("person", ASCENDING), ("state", ASCENDING), ("opened_at", DESCENDING)]),
        IndexModel([("recipient", ASCENDING), ("state", ASCENDING), ("opened_at", DESCENDING)]),
    ],
    InlineOffer: [IndexModel("expires_at", expireAfterSeconds=86_400)],
    Invitation: [IndexModel("expires_at", expireAfterSeconds=86_400)],
    PaymentRequest: [IndexModel([("person", ASCENDING), ("created_at", DESCENDING)])],
    RecurringSend: [
        IndexModel([("state", ASCENDING), ("next_at", ASCENDING)]),
        IndexModel([("person", ASCENDING), ("created_at", DESCENDING)]),
    ],
}
#: What came with applications for a level.
KYC_VALIDATORS: Final[dict[type[Record], Document]] = {
    KycApplication: schema(
        person={"bsonType": ["int", "long"]},
        state={"bsonType": "string"},
        steps={"bsonType": ["int", "long"]},
        key={"bsonType": ["binData", "null"]},
    ),
    LooseFile: schema(until={"bsonType": "date"}),
    ShownDocument: schema(until={"bsonType": "date"}),
}
KYC_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
    KycApplication: [
        IndexModel([("person", ASCENDING), ("opened_at", DESCENDING)]),
        IndexModel([("state", ASCENDING), ("handed_in_at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("state", ASCENDING), ("removed_at", ASCENDING), ("ended_at", ASCENDING)]),
        IndexModel("documents.id"),
    ],
    LooseFile: [IndexModel("until")],
    ShownDocument: [IndexModel("until"), IndexModel("application")],
}
#: What GridFS itself would make for the first file.
GRIDFS_INDEXES: Final = {
    "files": IndexModel([("filename", ASCENDING), ("uploadDate", ASCENDING)]),
    "chunks": IndexModel([("files_id", ASCENDING), ("n", ASCENDING)], unique=True),
}
#: The payouts of a mass send that have come to an end; other payouts are of none.
OF_MASS_SEND: Final = IndexModel(
    [("mass_send", ASCENDING), ("state", ASCENDING)],
    name="of_mass_send",
    partialFilterExpression={"mass_send": {"$gt": ""}},
)
#: What came with freezes that end by themselves, resets, moves to other Telegram ids, and the pace of messages.
_EVER: Final = datetime(1969, 1, 1, tzinfo=UTC)


def _due(field: str) -> IndexModel:
    """By a time that few records have."""
    return IndexModel(field, name=f"{field}_due", partialFilterExpression={field: {"$gt": _EVER}})


ACCESS_KINDS: Final[tuple[type[Record], ...]] = (AccessReset, AccountMove, TelegramIdentity, Tally)
ACCESS_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
    AccessReset: [_due("tell_at"), IndexModel([("state", ASCENDING), ("created_at", ASCENDING)])],
    AccountMove: [_due("tell_at"), IndexModel([("asker", ASCENDING), ("state", ASCENDING)])],
    TelegramIdentity: [IndexModel("person")],
    Tally: [IndexModel("ends_at", expireAfterSeconds=60)],
}
FREEZES_DUE: Final = _due("frozen_until")
#: Whatever the policies count of a person's own withdrawals is read from here, and nothing beside it: those of mass
#: sends, by the thousand, are none of them, and what was taken back does not stand between.
OWN_WITHDRAWALS: Final = IndexModel(
    [(name, ASCENDING) for name in ("person", "mass_send", "state", "created_at")], name="own_withdrawals"
)
#: No line stands twice in a mass send, and one of the same file is found at once.
LINE_ONCE: Final = IndexModel([("mass_send", ASCENDING), ("line", ASCENDING)], name="line_once", unique=True)
OF_FILE: Final = IndexModel([("file_digest", ASCENDING), ("started_at", DESCENDING)], name="of_file")
#: No two invoices share an address, and a card's has none before its page is opened.
ADDRESS_ONCE: Final = IndexModel(
    "address", name="address_once", unique=True, partialFilterExpression={"address": {"$gt": ""}}
)
#: Who owes: a handful of all people.
DEBTORS: Final = IndexModel(
    "debt_minor", name="debtors", partialFilterExpression={"debt_minor": {"$gt": to_decimal(0)}}
)
#: What came with the admins' desk.
DESK_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
    Pulse: [IndexModel("at", expireAfterSeconds=7 * 86_400)],
}
#: What was sent, by time: nothing else of intents is counted.
SENT_INTENTS: Final = IndexModel(
    "created_at", name="sent", partialFilterExpression={"kind": "send", "state": "confirmed"}
)
#: Who has a second factor, to be counted.
ENROLLED: Final = IndexModel("secret", name="enrolled", partialFilterExpression={"secret": {"$gt": b""}})
