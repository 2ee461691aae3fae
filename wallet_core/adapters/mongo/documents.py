"""``ports.Documents`` in GridFS: sealed before they get there, so neither the database nor a backup can read them."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Final

from gridfs import AsyncGridFSBucket
from gridfs.errors import CorruptGridFile, NoFile
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from wallet_core.adapters.sealed_file import open_file, seal_file
from wallet_core.domain.errors import InvariantViolated, Reason, Refused, Unavailable
from wallet_core.domain.record import Document

BUCKET: Final = "kyc_files"


class MongoDocuments:
    """One bucket for everybody; each file's id is the document's, and its name says nothing."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._bucket = AsyncGridFSBucket(database, BUCKET)

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
            stored = await (await self._bucket.open_download_stream(document_id)).read()
        except NoFile as error:
            raise Refused(Reason.DOCUMENTS_GONE) from error
        except CorruptGridFile as error:
            raise InvariantViolated("a stored document lacks a part, or has one that is not its own") from error
        except PyMongoError as error:
            raise Unavailable(f"the document was not read: {type(error).__name__}") from error
        return await asyncio.to_thread(open_file, stored, key=key, bound_to=bound_to)

    async def remove(self, document_id: str) -> None:
        """See ``ports.Documents.remove``."""
        try:
            await self._bucket.delete(document_id)
        except NoFile:
            # What an upload left that was cut off is removed all the same.
            return
        except PyMongoError as error:
            raise Unavailable(f"the document was not removed: {type(error).__name__}") from error
