"""Pictures and files inside messages, from an upload or from an id that the server gave before."""

from typing import Any

from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.formatted import checked_caption
from bot.sandbox.telegram.parameters import Parameters, Upload
from bot.sandbox.telegram.service import Telegram
from bot.sandbox.telegram.state import Json


async def media_field(telegram: Telegram, kind: str, call: Parameters, name: str) -> Json:
    """The message field `photo` or `document` for a call's file parameter."""
    upload = call.upload(name)
    if upload:
        return await stored_upload(telegram, kind, upload)
    return _known_file(telegram, kind, call.text(name))


async def stored_upload(telegram: Telegram, kind: str, upload: Upload) -> Json:
    """Keeps a file and answers its message field."""
    if kind == "photo":
        return {"photo": await telegram.files.photo(upload)}
    return {"document": await telegram.files.document(upload)}


def _known_file(telegram: Telegram, kind: str, file_id: str | None) -> Json:
    if not file_id:
        raise bad_request(f"there is no {kind} in the request")
    if file_id.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    field = _field_in_messages(telegram, kind, file_id)
    telegram.files.facts(file_id)
    if not field:
        raise bad_request(f"can't use file of type other than {kind.capitalize()} as {kind.capitalize()}")
    return field


def _field_in_messages(telegram: Telegram, kind: str, file_id: str) -> Json | None:
    for chat in telegram.state.chats.values():
        for stored in chat.messages.values():
            value = stored.message.get(kind)
            sizes = value if isinstance(value, list) else [value] if value else []
            if any(size["file_id"] == file_id for size in sizes):
                return {kind: value}
    return None


async def input_media(telegram: Telegram, call: Parameters) -> Json:
    """The content that editMessageMedia puts in: file and caption."""
    media: Any = call.structure("media")
    if not isinstance(media, dict) or media.get("type") not in {"photo", "document"}:
        raise bad_request("can't parse InputMedia: wrong type")
    name = str(media.get("media") or "")
    upload = call.upload(name.removeprefix("attach://"))
    kind = str(media["type"])
    field = await stored_upload(telegram, kind, upload) if upload else _known_file(telegram, kind, name)
    caption = checked_caption(media.get("caption"), media.get("parse_mode"), media.get("caption_entities"))
    return {**field, **caption.fields("caption")}
