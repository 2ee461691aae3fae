"""Chats, members, files, pins and the answers to people's queries."""

from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.inline import Answer
from bot.sandbox.telegram.inline_results import checked_button, checked_results
from bot.sandbox.telegram.parameters import Parameters
from bot.sandbox.telegram.people import start_parameter_of
from bot.sandbox.telegram.service import Telegram
from bot.sandbox.telegram.state import Chat, Json

#: Bot API, answerCallbackQuery: 0 to 200 characters.
TOAST_LIMIT = 200


async def get_chat(telegram: Telegram, call: Parameters) -> Json:
    """getChat: a `ChatFullInfo`."""
    chat = telegram.chat_of(call)
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    full: Json = {
        **chat.info,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }
    pinned = [chat.messages[message_id] for message_id in chat.pinned if message_id in chat.messages]
    return {**full, "pinned_message": pinned[-1].message} if pinned else full


async def get_chat_member(telegram: Telegram, call: Parameters) -> Json:
    """getChatMember."""
    return _member(telegram, telegram.chat_of(call), call.integer("user_id") or 0)


async def get_chat_administrators(telegram: Telegram, call: Parameters) -> list[Json]:
    """getChatAdministrators: the first member is the one who made the group."""
    chat = telegram.chat_of(call)
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    return [_member(telegram, chat, chat.members[0])]


async def get_chat_member_count(telegram: Telegram, call: Parameters) -> int:
    """getChatMemberCount, with the bot."""
    return len(telegram.chat_of(call).members) + 1


def _member(telegram: Telegram, chat: Chat, user_id: int) -> Json:
    if user_id == telegram.bot["id"]:
        return {"status": "member", "user": telegram.bot}
    if user_id not in chat.members:
        raise bad_request("member not found")
    user = telegram.state.people[user_id]
    if not chat.is_private and user_id == chat.members[0]:
        return {"status": "creator", "user": user, "is_anonymous": False}
    return {"status": "member", "user": user}


async def get_file(telegram: Telegram, call: Parameters) -> Json:
    """getFile."""
    file_id = call.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    return telegram.files.download(file_id)


async def pin_chat_message(telegram: Telegram, call: Parameters) -> bool:
    """pinChatMessage."""
    chat, message_id = telegram.open_chat_of(call), call.integer("message_id") or 0
    stored = chat.messages.get(message_id)
    if not stored or stored.deleted:
        raise bad_request("message to pin not found")
    chat.pinned = [*(pinned for pinned in chat.pinned if pinned != message_id), message_id]
    telegram.changed()
    return True


async def unpin_chat_message(telegram: Telegram, call: Parameters) -> bool:
    """unpinChatMessage: the named one, or the newest pin."""
    chat, message_id = telegram.open_chat_of(call), call.integer("message_id")
    if message_id is not None and message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    gone = message_id if message_id is not None else (chat.pinned or [0])[-1]
    chat.pinned = [pinned for pinned in chat.pinned if pinned != gone]
    telegram.changed()
    return True


async def unpin_all_chat_messages(telegram: Telegram, call: Parameters) -> bool:
    """unpinAllChatMessages."""
    telegram.open_chat_of(call).pinned = []
    telegram.changed()
    return True


async def answer_callback_query(telegram: Telegram, call: Parameters) -> bool:
    """answerCallbackQuery: a toast, an alert or an address to open."""
    text = call.text("text") or ""
    if len(text) > TOAST_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    answer: Json = {"toast": text, "alert": call.flag("show_alert")}
    if "url" in call:
        answer["url"] = _own_link(telegram, call.required_text("url"))
    telegram.queries.answer(call.text("callback_query_id") or "", answer)
    return True


def _own_link(telegram: Telegram, address: str) -> str:
    """answerCallbackQuery: "you may use links like t.me/your_bot?start=XXXX that open your bot with a parameter"."""
    if start_parameter_of(telegram, address) is None:
        raise bad_request("URL_INVALID")
    return address


async def answer_inline_query(telegram: Telegram, call: Parameters) -> bool:
    """answerInlineQuery."""
    results, button = checked_results(call.structure("results")), checked_button(call.structure("button"))
    telegram.inline.answer(call.text("inline_query_id") or "", Answer(results, button))
    return True
