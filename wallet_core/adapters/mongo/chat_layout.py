"""What came with messages that others see: their validators and indexes."""

from __future__ import annotations

from typing import Final

from pymongo import IndexModel

from wallet_core.adapters.mongo.layout import schema
from wallet_core.domain.chat import OfferMessage, PassingMessage
from wallet_core.domain.record import Document, Record

_WHOLE: Final = {"bsonType": ["int", "long"]}

SEEN_VALIDATORS: Final[dict[type[Record], Document]] = {
    OfferMessage: schema(offer={"bsonType": "string"}),
    PassingMessage: schema(chat=_WHOLE, message_id=_WHOLE),
}
SEEN_INDEXES: Final[dict[type[Record], list[IndexModel]]] = {
    OfferMessage: [
        IndexModel("offer"),
        IndexModel("inline_message_id"),
        IndexModel("expires_at", expireAfterSeconds=86_400),
    ],
    PassingMessage: [IndexModel("until")],
}
