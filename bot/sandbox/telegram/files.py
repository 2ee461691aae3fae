"""Files that people and the bot sent, kept on disk under the ids that the Bot API gives them."""

import asyncio
import hashlib
import io
import mimetypes
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.parameters import Upload
from bot.sandbox.telegram.state import Json, State

#: Bot API, "Sending files": 10 MB for photos, 50 MB for other files; getFile only up to 20 MB.
PHOTO_LIMIT_BYTES = 10 * 1024 * 1024
FILE_LIMIT_BYTES = 50 * 1024 * 1024
DOWNLOAD_LIMIT_BYTES = 20 * 1024 * 1024
PHOTO_SIDES_LIMIT = 10_000
#: The longer side of Telegram's smaller copies: its sizes "s", "m" and "x" (core.telegram.org/api/files).
COPY_SIDES = (100, 320, 800)


@dataclass
class Files:
    """The store; the bytes lie in a folder, their facts in the state."""

    state: State
    folder: Path

    async def photo(self, upload: Upload) -> list[Json]:
        """Keeps a picture and answers the message's `photo` sizes: smaller copies first, as Telegram makes them."""
        if len(upload.content) > PHOTO_LIMIT_BYTES:
            raise bad_request("file is too big")
        width, height, mime_type = await asyncio.to_thread(_picture_facts, upload.content)
        if width + height > PHOTO_SIDES_LIMIT:
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        facts = await self._keep(replace(upload, mime_type=mime_type), "photos")
        copies = [await self._copy(upload, side) for side in COPY_SIDES if side < max(width, height)]
        return [*copies, {**_public(facts), "width": width, "height": height}]

    async def _copy(self, upload: Upload, side: int) -> Json:
        content, width, height = await asyncio.to_thread(_scaled, upload.content, side)
        facts = await self._keep(Upload("copy.jpg", "image/jpeg", content), "photos")
        return {**_public(facts), "width": width, "height": height}

    async def document(self, upload: Upload) -> Json:
        """Keeps a file and answers the message's `document`."""
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > FILE_LIMIT_BYTES:
            raise bad_request("file is too big")
        facts = await self._keep(upload, "documents")
        return {**_public(facts), "file_name": upload.name, "mime_type": upload.mime_type}

    def facts(self, file_id: str) -> Json:
        """What is known of a file; 400 for an unknown id."""
        facts = self.state.files.get(file_id)
        if not facts:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return facts

    def download(self, file_id: str) -> Json:
        """The `File` object of getFile."""
        facts = self.facts(file_id)
        if facts["file_size"] > DOWNLOAD_LIMIT_BYTES:
            raise bad_request("file is too big")
        return {**_public(facts), "file_path": facts["file_path"]}

    def by_path(self, file_path: str) -> Json | None:
        """The facts of the file that getFile named so."""
        return next((facts for facts in self.state.files.values() if facts["file_path"] == file_path), None)

    def location(self, facts: Json) -> Path:
        """Where the bytes lie."""
        return self.folder / str(facts["file_id"])

    async def _keep(self, upload: Upload, kind: str) -> Json:
        file_id = "AgAC" + secrets.token_urlsafe(24)
        digest = hashlib.sha256(upload.content).hexdigest()[:16]
        extension = Path(upload.name).suffix or mimetypes.guess_extension(upload.mime_type) or ""
        facts: Json = {
            "file_id": file_id,
            "file_unique_id": f"AQAD{digest}",
            "file_size": len(upload.content),
            "file_path": f"{kind}/file_{len(self.state.files)}{extension[:10]}",
            "mime_type": upload.mime_type,
            "name": upload.name,
        }
        await asyncio.to_thread(self._write, file_id, upload.content)
        self.state.files[file_id] = facts
        return facts

    def _write(self, file_id: str, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / file_id).write_bytes(content)


def _public(facts: Json) -> Json:
    return {key: facts[key] for key in ("file_id", "file_unique_id", "file_size")}


def _picture_facts(content: bytes) -> tuple[int, int, str]:
    """Width, height and type as the bytes say, since callers name pictures as they like."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return *picture.size, Image.MIME.get(picture.format or "", "application/octet-stream")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        raise bad_request("IMAGE_PROCESS_FAILED") from None


def _scaled(content: bytes, side: int) -> tuple[bytes, int, int]:
    """A copy whose longer side is this long, as JPEG."""
    target = io.BytesIO()
    try:
        with Image.open(io.BytesIO(content)) as picture:
            picture.thumbnail((side, side))
            picture.convert("RGB").save(target, "JPEG")
            return target.getvalue(), *picture.size
    except (OSError, SyntaxError, ValueError):
        # Its head can be read, and nothing behind it.
        raise bad_request("IMAGE_PROCESS_FAILED") from None
