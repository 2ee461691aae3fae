"""The methods that change or remove a message."""

import time
from typing import Any

from bot.sandbox.telegram.errors import NOT_MODIFIED, bad_request
from bot.sandbox.telegram.formatted import read_caption, read_text
from bot.sandbox.telegram.keyboards import inline_part, read_markup
from bot.sandbox.telegram.media import input_media
from bot.sandbox.telegram.parameters import Parameters
from bot.sandbox.telegram.reply_keyboard import forget_reply_keyboard
from bot.sandbox.telegram.service import Telegram
from bot.sandbox.telegram.state import Chat, Json, Stored

TEXT_FIELDS = ("text", "entities")
CAPTION_FIELDS = ("caption", "caption_entities")
MEDIA_FIELDS = ("photo", "document", "contact", *CAPTION_FIELDS)
#: Bot API, deleteMessages: 1 to 100 identifiers.
DELETE_LIMIT = 100


async def edit_message_text(telegram: Telegram, call: Parameters) -> Json | bool:
    """editMessageText."""
    stored = _to_edit(telegram, call)
    if "text" not in stored.message:
        raise bad_request("there is no text in the message to edit")
    return _change(telegram, call, stored, TEXT_FIELDS, read_text(call).fields("text"))


async def edit_message_caption(telegram: Telegram, call: Parameters) -> Json | bool:
    """editMessageCaption."""
    stored = _to_edit(telegram, call)
    if "text" in stored.message:
        raise bad_request("there is no caption in the message to edit")
    return _change(telegram, call, stored, CAPTION_FIELDS, read_caption(call).fields("caption"))


async def edit_message_reply_markup(telegram: Telegram, call: Parameters) -> Json | bool:
    """editMessageReplyMarkup."""
    return _change(telegram, call, _to_edit(telegram, call), (), {})


async def edit_message_media(telegram: Telegram, call: Parameters) -> Json | bool:
    """editMessageMedia: photo or document, also in the place of the other."""
    stored = _to_edit(telegram, call)
    if "text" in stored.message:
        raise bad_request("there is no media in the message to edit")
    return _change(telegram, call, stored, MEDIA_FIELDS, await input_media(telegram, call))


def _to_edit(telegram: Telegram, call: Parameters) -> Stored:
    inline_id = call.text("inline_message_id")
    if inline_id:
        stored = _inline_message(telegram, inline_id)
    else:
        stored = telegram.open_chat_of(call).messages.get(_message_id(call))
    if not stored or stored.deleted:
        raise bad_request("MESSAGE_ID_INVALID" if inline_id else "message to edit not found")
    by_bot = (stored.message.get("via_bot") or stored.message["from"])["id"] == telegram.bot["id"]
    if not by_bot:
        raise bad_request("message can't be edited")
    return stored


def _inline_message(telegram: Telegram, inline_id: str) -> Stored | None:
    """An inline message's id names its chat and message, since the bot is not told them otherwise."""
    chat_id, _, message_id = inline_id.removeprefix("inline_").rpartition("_")
    if not chat_id.removeprefix("-").isdigit() or not message_id.isdigit():
        return None
    chat = telegram.state.chats.get(int(chat_id))
    return chat.messages.get(int(message_id)) if chat else None


def _message_id(call: Parameters) -> int:
    message_id = call.integer("message_id")
    if message_id is None:
        raise bad_request("message identifier is not specified")
    return message_id


def _change(telegram: Telegram, call: Parameters, stored: Stored, replaced: tuple[str, ...], new: Json) -> Json | bool:
    markup = inline_part(read_markup(call))
    dropped = {*replaced, "reply_markup"}
    kept = {key: value for key, value in stored.message.items() if key not in dropped}
    message: Json = {**kept, **new, **({"reply_markup": markup} if markup else {})}
    if _comparable(message) == _comparable(stored.message):
        raise bad_request(NOT_MODIFIED)
    if replaced:
        message["edit_date"] = int(time.time())
        stored.edited = True
    stored.message = message
    telegram.touch(stored)
    return True if call.text("inline_message_id") else message


def _comparable(value: Any) -> Any:
    """A message without the ids of single uploads: the same bytes sent again are no change."""
    if isinstance(value, dict):
        return {key: _comparable(item) for key, item in value.items() if key not in {"file_id", "edit_date"}}
    return [_comparable(item) for item in value] if isinstance(value, list) else value


async def delete_message(telegram: Telegram, call: Parameters) -> bool:
    """deleteMessage: the bot's own, and those of people in private chats and in groups where it may."""
    chat = telegram.open_chat_of(call)
    if not _delete(telegram, chat, _message_id(call)):
        raise bad_request("message to delete not found")
    return True


async def delete_messages(telegram: Telegram, call: Parameters) -> bool:
    """deleteMessages: those that cannot be found are passed over."""
    chat = telegram.open_chat_of(call)
    wanted = call.structure("message_ids")
    if not isinstance(wanted, list) or not 0 < len(wanted) <= DELETE_LIMIT:
        raise bad_request("message identifiers are not specified")
    for message_id in wanted:
        _delete(telegram, chat, int(message_id))
    return True


def _delete(telegram: Telegram, chat: Chat, message_id: int) -> bool:
    stored = chat.messages.get(message_id)
    if not stored or stored.deleted:
        return False
    stored.deleted = True
    chat.pinned = [pinned for pinned in chat.pinned if pinned != message_id]
    forget_reply_keyboard(chat, message_id)
    telegram.touch(stored)
    return True
