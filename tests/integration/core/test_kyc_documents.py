"""Documents for a level on the real MongoDB: sealed, every look recorded, removed for good, also after a kill."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from tests.support.papers import (
    CANARY,
    JPEG,
    PDF,
    PNG,
    TELEPHONE,
    changed,
    complete,
    dump_of,
    files_of,
    found,
    handed_in,
    looked_through,
    looks,
    next_message,
    refused,
    send_part,
    taken,
)
from tests.support.wallet import Wallet
from wallet_core.adapters.mongo.documents import BUCKET, MongoDocuments
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason, Refused
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.kyc_application import KycApplication
from wallet_core.domain.kyc_document import MAX_DOCUMENT_BYTES, LooseFile, Part
from wallet_core.domain.ledger import Posting, Receipt
from wallet_core.domain.people import Role
from wallet_core.use_cases import kyc_applications
from wallet_core.use_cases.apply_for_level import apply_for_level
from wallet_core.use_cases.approve_application import approve_application
from wallet_core.use_cases.cancel_application import cancel_application
from wallet_core.use_cases.look_at_document import look_at_document
from wallet_core.use_cases.remove_documents import remove_documents
from wallet_core.use_cases.remove_loose_files import remove_loose_files
from wallet_core.use_cases.send_kyc_file import send_kyc_file

Patch = pytest.MonkeyPatch


async def test_pictures_of_an_album_that_come_at_once_are_all_kept(wallet: Wallet) -> None:
    ports, ana = wallet.ports, await wallet.person()
    application = await send_part(ports, ana, await apply_for_level(ports, ana), Part.CONTACT)
    sends = (
        send_kyc_file(ports, ana, application.id, Part.IDENTITY, content, message_id=next_message())
        for content in (JPEG, PNG, PDF)
    )
    await asyncio.gather(*sends)
    assert len((await found(wallet, application)).of_part(Part.IDENTITY)) == 3
    assert await ports.store.count(LooseFile, {}) == 0


async def test_a_message_that_comes_twice_is_taken_once(wallet: Wallet) -> None:
    ports, ana = wallet.ports, await wallet.person()
    application = await send_part(ports, ana, await apply_for_level(ports, ana), Part.CONTACT)
    message = next_message()
    await send_kyc_file(ports, ana, application.id, Part.IDENTITY, JPEG, message_id=message)
    with pytest.raises(AlreadyDone):
        await send_kyc_file(ports, ana, application.id, Part.IDENTITY, JPEG, message_id=message)
    assert (await files_of(wallet))[0] == 2


async def test_a_dump_of_the_database_shows_no_document(wallet: Wallet) -> None:
    ports, ana, rita = wallet.ports, await wallet.person(), await wallet.person(role=Role.FINANCE)
    await handed_in(ports, ana)
    level_three = await wallet.person(level=2)
    application = await handed_in(ports, level_three)
    await looked_through(wallet, rita, application)
    dump = await dump_of(wallet)
    assert len(dump) > 10_000 and b"kyc_document_seen" in dump
    for secret in (CANARY.encode(), TELEPHONE.encode(), JPEG, PDF):
        assert secret not in dump
    messages = await ports.store.find(OutboxMessage, {})
    assert messages and not [
        m for m in messages for d in application.documents if d.id in repr(m) or d.digest in repr(m)
    ]


async def test_every_look_stands_in_the_journal_before_anything_is_shown(wallet: Wallet) -> None:
    ports, ana, rita = wallet.ports, await wallet.person(), await wallet.person(role=Role.FINANCE)
    application = await handed_in(ports, ana)
    identity = application.of_part(Part.IDENTITY)[0]
    assert await refused(look_at_document(ports, rita, application.id, identity.id)) is Reason.NOT_CLAIMED
    await taken(wallet, rita, application)
    opened = await look_at_document(ports, rita, application.id, identity.id)
    assert (opened.content, opened.document.id, opened.number) == (PDF, identity.id, 1)
    await ports.documents.remove(identity.id)
    assert await refused(look_at_document(ports, rita, application.id, identity.id)) is Reason.DOCUMENTS_GONE
    assert await looks(wallet) == [(rita.name, identity.id)] * 2, "also a look that showed nothing"


async def test_a_look_that_is_not_recorded_is_seen(wallet: Wallet, monkeypatch: Patch) -> None:
    """Planted: the reviewer's posting says something else."""
    ports, ana, rita = wallet.ports, await wallet.person(), await wallet.person(role=Role.FINANCE)
    application = await handed_in(ports, ana)
    await taken(wallet, rita, application)
    recorded = kyc_applications.changing
    monkeypatch.setattr(
        "wallet_core.use_cases.look_at_document.changing",
        lambda caller, _kind, *changed, **more: recorded(caller, "kyc_claimed", *changed, **more),
    )
    await look_at_document(ports, rita, application.id, application.current[0].id)
    assert await looks(wallet) == []


async def test_what_is_over_is_removed_after_its_time_and_nothing_opens_it(wallet: Wallet) -> None:
    ports, ana, rita = wallet.ports, await wallet.person(), await wallet.person(role=Role.FINANCE)
    application = await handed_in(ports, ana)
    await looked_through(wallet, rita, application)
    await approve_application(ports, rita, application.id, await wallet.code(rita))
    key = (await found(wallet, application)).key
    assert await remove_documents(ports) == 0 and key is not None
    days = ports.settings.kyc_retention_days
    await changed(wallet, application, ended_at=await ports.store.now() - timedelta(days=days, seconds=1))
    kept = [file async for file in wallet.database[f"{BUCKET}.chunks"].find()]
    assert await remove_documents(ports) == 1 and await remove_documents(ports) == 0
    assert await files_of(wallet) == (0, 0) and await ports.store.count(LooseFile, {}) == 0
    removed = await found(wallet, application)
    assert removed.key is None and removed.removed_at is not None
    assert await ports.store.count(JournalRecord, {"kind": "kyc_documents_removed"}) == 1
    # A backup of the files alone brings nothing back.
    await wallet.database[f"{BUCKET}.chunks"].insert_many(kept)
    document = application.current[0]
    with pytest.raises(Refused) as gone:
        kyc_applications.opening(ports, removed, document.id)
    assert gone.value.reason is Reason.DOCUMENTS_GONE and key not in await dump_of(wallet)


async def test_a_key_that_stays_after_the_removal_is_seen(wallet: Wallet, monkeypatch: Patch) -> None:
    """Planted: the files go, and the key does not."""
    ports, ana = wallet.ports, await wallet.person()
    application = await cancel_application(ports, ana, (await complete(ports, ana)).id)
    monkeypatch.setattr(KycApplication, "removed", lambda self: self)
    await remove_documents(ports)
    assert (await found(wallet, application)).key is not None
    assert kyc_applications.opening(ports, await found(wallet, application), "any")


async def test_a_removal_that_is_killed_between_key_and_files_is_finished(wallet: Wallet, monkeypatch: Patch) -> None:
    ports, ana = wallet.ports, await wallet.person()
    await cancel_application(ports, ana, (await complete(ports, ana)).id)

    async def killed(document_id: str) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(ports.documents, "remove", killed)
        with pytest.raises(asyncio.CancelledError):
            await remove_documents(ports)
    assert (await files_of(wallet))[0] == 3 and await remove_documents(ports) == 0
    await soon(wallet)
    assert await remove_loose_files(ports) == 3
    assert await files_of(wallet) == (0, 0)


async def soon(wallet: Wallet) -> None:
    """Some time later: every note is due."""
    now = await wallet.ports.store.now()
    for note in await wallet.ports.store.find(LooseFile, {}):
        await wallet.ports.store.put(note.model_copy(update={"until": now}))


async def test_another_bot_that_sweeps_within_a_removal_takes_no_note_away(wallet: Wallet) -> None:
    """A kill after it would leave files for ever that nobody can read and nothing names."""
    ports, ana = wallet.ports, await wallet.person()
    await cancel_application(ports, ana, (await complete(ports, ana)).id)
    post = ports.ledger.post

    class Sweeping:
        async def post(self, posting: Posting) -> Receipt:
            assert await remove_loose_files(ports) == 0
            await post(posting)
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await remove_documents(dataclasses.replace(ports, ledger=Sweeping()))  # type: ignore[arg-type]  # posts one
    await soon(wallet)
    assert await remove_loose_files(ports) == 3 and await files_of(wallet) == (0, 0)


async def test_a_document_that_is_removed_while_somebody_reads_it_is_gone_and_no_alarm(wallet: Wallet) -> None:
    ports, ana = wallet.ports, await wallet.person()
    application = await send_part(ports, ana, await apply_for_level(ports, ana), Part.CONTACT)
    await send_kyc_file(ports, ana, application.id, Part.IDENTITY, b"%PDF-" + bytes(700_000), message_id=next_message())
    kept = await found(wallet, application)
    (identity,) = kept.of_part(Part.IDENTITY)
    documents = ports.documents
    assert isinstance(documents, MongoDocuments)
    opened = documents._bucket.open_download_stream

    async def removed_meanwhile(document_id: str) -> Any:
        stream = await opened(document_id)
        await documents.remove(document_id)
        return stream

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents._bucket, "open_download_stream", removed_meanwhile)
        gone = documents.read(identity.id, **kyc_applications.opening(ports, kept, identity.id))
        assert await refused(gone) is Reason.DOCUMENTS_GONE


async def test_a_document_that_somebody_made_longer_than_any_is_not_read_into_memory(wallet: Wallet) -> None:
    ports, ana = wallet.ports, await wallet.person()
    application = await send_part(ports, ana, await apply_for_level(ports, ana), Part.CONTACT)
    kept = await found(wallet, application)
    document = kept.documents[0].id
    opening = kyc_applications.opening(ports, kept, document)
    await ports.documents.keep("largest", bytes(MAX_DOCUMENT_BYTES), **opening)
    assert len(await ports.documents.read("largest", **opening)) == MAX_DOCUMENT_BYTES
    files = wallet.database[f"{BUCKET}.files"]
    await files.update_one({"_id": document}, {"$set": {"length": 2**40}})
    with pytest.raises(InvariantViolated, match="longer than any"):
        await ports.documents.read(document, **opening)


async def test_what_a_kill_leaves_of_an_upload_is_swept_and_what_is_in_use_stays(
    wallet: Wallet, monkeypatch: Patch
) -> None:
    ports, ana = wallet.ports, await wallet.person()
    application = await send_part(ports, ana, await apply_for_level(ports, ana), Part.CONTACT)

    async def killed(*_: Any, **__: Any) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(kyc_applications, "change_own", killed)
        with pytest.raises(asyncio.CancelledError):
            await send_kyc_file(ports, ana, application.id, Part.IDENTITY, JPEG, message_id=next_message())
    assert (await files_of(wallet))[0] == 2 and await remove_loose_files(ports) == 0, "it may be on its way"
    (loose,) = await ports.store.find(LooseFile, {})
    # Half a file, as a kill within the upload leaves it, and a note about one that is in use.
    await wallet.database[f"{BUCKET}.files"].delete_one({"_id": loose.id})
    now = await ports.store.now()
    await ports.store.put(LooseFile(id=loose.id, until=now))
    await ports.store.put(LooseFile(id=application.documents[0].id, until=now))
    assert await remove_loose_files(ports) == 1
    assert await files_of(wallet) == (1, 1) and await ports.store.count(LooseFile, {}) == 0


@pytest.mark.parametrize("harm", ["swapped", "cut", "gone", "another's"])
async def test_a_document_that_somebody_changed_in_the_database_is_not_shown(wallet: Wallet, harm: str) -> None:
    ports, ana = wallet.ports, await wallet.person()
    application = await send_part(ports, ana, await apply_for_level(ports, ana), Part.CONTACT)
    large = b"%PDF-" + bytes(700_000)
    for content in (large, large):
        await send_kyc_file(ports, ana, application.id, Part.IDENTITY, content, message_id=next_message())
    first, second = (await found(wallet, application)).of_part(Part.IDENTITY)
    chunks = wallet.database[f"{BUCKET}.chunks"]
    pieces = {(c["files_id"], c["n"]): c async for c in chunks.find({"files_id": {"$in": [first.id, second.id]}})}

    async def put(number: int, data: bytes) -> None:
        await chunks.update_one({"files_id": first.id, "n": number}, {"$set": {"data": data}})

    if harm == "swapped":
        await put(0, pieces[first.id, 1]["data"])
        await put(1, pieces[first.id, 0]["data"])
    elif harm == "cut":
        last = pieces[first.id, 2]["data"]
        await put(2, last[:-1000])
        await wallet.database[f"{BUCKET}.files"].update_one({"_id": first.id}, {"$inc": {"length": -1000}})
    elif harm == "gone":
        await chunks.delete_one({"files_id": first.id, "n": 1})
    else:
        for number in range(3):
            await put(number, pieces[second.id, number]["data"])
    kept = await found(wallet, application)
    with pytest.raises(InvariantViolated):
        await ports.documents.read(first.id, **kyc_applications.opening(ports, kept, first.id))
    assert await ports.documents.read(second.id, **kyc_applications.opening(ports, kept, second.id)) == large
