"""The methods that put a new message of the bot into a chat."""

from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.formatted import read_caption, read_text
from bot.sandbox.telegram.media import media_field
from bot.sandbox.telegram.outgoing import post
from bot.sandbox.telegram.parameters import Parameters
from bot.sandbox.telegram.service import Telegram
from bot.sandbox.telegram.state import Json

COPIED_FIELDS = ("text", "entities", "photo", "document", "contact", "caption", "caption_entities")
ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


async def send_message(telegram: Telegram, call: Parameters) -> Json:
    """sendMessage."""
    chat = telegram.open_chat_of(call)
    return post(telegram, chat, call, read_text(call).fields("text"))


async def send_photo(telegram: Telegram, call: Parameters) -> Json:
    """sendPhoto."""
    return await _send_file(telegram, call, "photo")


async def send_document(telegram: Telegram, call: Parameters) -> Json:
    """sendDocument."""
    return await _send_file(telegram, call, "document")


async def _send_file(telegram: Telegram, call: Parameters, kind: str) -> Json:
    chat = telegram.open_chat_of(call)
    caption = read_caption(call).fields("caption")
    return post(telegram, chat, call, {**await media_field(telegram, kind, call, kind), **caption})


async def copy_message(telegram: Telegram, call: Parameters) -> Json:
    """copyMessage: the content without its author."""
    chat = telegram.open_chat_of(call)
    source = telegram.chat_of(Parameters({"chat_id": call.text("from_chat_id")}))
    stored = source.messages.get(call.integer("message_id") or 0)
    if not stored or stored.deleted:
        raise bad_request("message to copy not found")
    if stored.message.get("has_protected_content"):
        raise bad_request("message can't be copied")
    content = {key: stored.message[key] for key in COPIED_FIELDS if key in stored.message}
    if "caption" in call and "text" not in content:
        content |= {"caption": "", "caption_entities": []} | read_caption(call).fields("caption")
    return {"message_id": post(telegram, chat, call, content)["message_id"]}


async def send_chat_action(telegram: Telegram, call: Parameters) -> bool:
    """sendChatAction."""
    chat = telegram.open_chat_of(call)
    if call.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    telegram.show_action(chat, call.required_text("action"))
    return True
