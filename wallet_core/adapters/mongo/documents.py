"""``ports.Documents`` in GridFS: sealed before they get there, so neither the database nor a backup can read them."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Final

from gridfs import AsyncGridFSBucket
from gridfs.errors import CorruptGridFile, NoFile
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from wallet_core.adapters.sealed_file import open_file, seal_file, sealed_bytes
from wallet_core.domain.errors import InvariantViolated, Reason, Refused, Unavailable
from wallet_core.domain.kyc_document import MAX_DOCUMENT_BYTES
from wallet_core.domain.record import Document

BUCKET: Final = "kyc_files"
#: Nothing longer was ever stored: what somebody made longer in the database must not fill the memory of a bot.
_MOST_BYTES: Final = sealed_bytes(MAX_DOCUMENT_BYTES)


class MongoDocuments:
    """One bucket for everybody; each file's id is the document's, and its name says nothing."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._bucket = AsyncGridFSBucket(database, BUCKET)
        self._files = database[f"{BUCKET}.files"]

    async def keep(self, document_id: str, content: bytes, *, key: bytes, bound_to: str) -> str:
        """See ``ports.Documents.keep``."""
        sealed = await asyncio.to_thread(seal_file, content, key=key, bound_to=bound_to)
        try:
            await self._bucket.upload_from_stream_with_id(document_id, "sealed", sealed)
        except PyMongoError as error:
            raise Unavailable(f"the document was not stored: {type(error).__name__}") from error
        return hashlib.sha256(sealed).hexdigest()

    async def read(self, document_id: str, *, key: bytes, bound_to: str) -> bytes:
        """See ``ports.Documents.read``."""
        try:
            stored = await self._whole(document_id)
        except NoFile as error:
            raise Refused(Reason.DOCUMENTS_GONE) from error
        except PyMongoError as error:
            raise Unavailable(f"the document was not read: {type(error).__name__}") from error
        return await asyncio.to_thread(open_file, stored, key=key, bound_to=bound_to)

    async def _whole(self, document_id: str) -> bytes:
        """What is stored. Raises ``NoFile`` also for one that is removed while it is read."""
        stream = await self._bucket.open_download_stream(document_id)
        if stream.length > _MOST_BYTES:
            raise InvariantViolated("a stored document is longer than any that was kept")
        try:
            return await stream.read()
        except CorruptGridFile as error:
            if await self._files.find_one({"_id": document_id}, {"_id": 1}) is None:
                raise NoFile(document_id) from error
            raise InvariantViolated("a stored document lacks a part, or has one that is not its own") from error

    async def remove(self, document_id: str) -> None:
        """See ``ports.Documents.remove``."""
        try:
            await self._bucket.delete(document_id)
        except NoFile:
            # What an upload left that was cut off is removed all the same.
            return
        except PyMongoError as error:
            raise Unavailable(f"the document was not removed: {type(error).__name__}") from error
