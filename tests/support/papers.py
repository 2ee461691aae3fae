"""Applications for a level in tests: small files of each kind, and the way from nothing to a reviewer's hands."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable
from typing import Any, Final

import pytest

from tests.support.wallet import Wallet
from wallet_core.adapters.mongo.documents import BUCKET
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.kyc_application import PARTS, KycApplication
from wallet_core.domain.kyc_document import Part
from wallet_core.domain.people import Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.apply_for_level import apply_for_level
from wallet_core.use_cases.claim_application import claim_application
from wallet_core.use_cases.finish_part import finish_part
from wallet_core.use_cases.hand_in_application import hand_in_application
from wallet_core.use_cases.look_at_document import look_at_document
from wallet_core.use_cases.send_kyc_file import send_kyc_file
from wallet_core.use_cases.send_kyc_text import send_kyc_text
from wallet_core.use_cases.share_contact import share_contact

#: What must never be read anywhere but in a reviewer's chat.
CANARY: Final = "CANARY-7f3a91"
JPEG: Final = b"\xff\xd8\xff\xe0" + CANARY.encode() + b"\xff\xd9"
PNG: Final = b"\x89PNG\r\n\x1a\n" + CANARY.encode()
PDF: Final = b"%PDF-1.7\n" + CANARY.encode() + b"\n%%EOF"
TELEPHONE: Final = "+15550100731"
_messages = itertools.count(1)


def next_message() -> int:
    """The number of a chat message that nobody has sent yet."""
    return next(_messages)


async def send_part(ports: Ports, caller: Caller, application: KycApplication, part: Part) -> KycApplication:
    """Answers one part."""
    sent: KycApplication
    if part is Part.CONTACT:
        return await share_contact(
            ports, caller, application.id, caller.person, telephone=TELEPHONE, message_id=next_message()
        )
    if part is Part.SELFIE:
        return await send_kyc_file(
            ports, caller, application.id, part, JPEG, message_id=next_message(), is_picture=True
        )
    if part is Part.FUNDS:
        sent = await send_kyc_text(ports, caller, application.id, part, f"Wages {CANARY}", message_id=next_message())
    else:
        sent = await send_kyc_file(ports, caller, application.id, part, PDF, message_id=next_message())
    return await finish_part(ports, caller, sent.id, part)


async def complete(ports: Ports, caller: Caller) -> KycApplication:
    """An application with everything that is wanted, not handed in."""
    application = await apply_for_level(ports, caller)
    for part in PARTS[application.level]:
        application = await send_part(ports, caller, application, part)
    return application


async def handed_in(ports: Ports, caller: Caller) -> KycApplication:
    """An application that waits for a reviewer."""
    return await hand_in_application(ports, caller, (await complete(ports, caller)).id)


async def taken(wallet: Wallet, reviewer: Caller, application: KycApplication) -> KycApplication:
    """In the reviewer's hands."""
    return await claim_application(wallet.ports, reviewer, application.id, await wallet.code(reviewer))


async def looked_through(wallet: Wallet, reviewer: Caller, application: KycApplication) -> KycApplication:
    """In the reviewer's hands, every document looked at."""
    claimed = await taken(wallet, reviewer, application)
    for document in claimed.current:
        await look_at_document(wallet.ports, reviewer, application.id, document.id)
    return claimed


async def refused(call: Awaitable[object]) -> Reason:
    with pytest.raises(Refused) as caught:
        await call
    return caught.value.reason


async def level_of(wallet: Wallet, caller: Caller) -> int:
    guards = await wallet.ports.store.get(Guards, caller.person)
    assert guards is not None
    return guards.level


async def found(wallet: Wallet, application: KycApplication) -> KycApplication:
    kept = await wallet.ports.store.get(KycApplication, application.id)
    assert kept is not None
    return kept


async def changed(wallet: Wallet, application: KycApplication, **fields: Any) -> None:
    """As if time had passed, or somebody had written there."""
    await wallet.database[KycApplication.collection].update_one(
        {"_id": application.id}, {"$set": fields, "$inc": {"version": 1}}
    )


async def files_of(wallet: Wallet) -> tuple[int, int]:
    """How many files there are, and how many pieces of files."""
    files = await wallet.database[f"{BUCKET}.files"].count_documents({})
    return files, await wallet.database[f"{BUCKET}.chunks"].count_documents({})


async def dump_of(wallet: Wallet) -> bytes:
    """Everything that the database has, as bytes and as text."""
    dump = b""
    for name in await wallet.database.list_collection_names():
        async for document in wallet.database[name].find():
            dump += repr(document).encode() + b"".join(v for v in document.values() if isinstance(v, bytes))
    return dump


async def looks(wallet: Wallet) -> list[tuple[str, str]]:
    """Who looked at what, as the journal has it."""
    records = await wallet.ports.store.find(JournalRecord, {"kind": "kyc_document_seen"}, order_by=("place",))
    return [(record.by, str(record.facts["document"])) for record in records]
