"""What people do: arrive, write, press, block; each reaches the bot as an update."""

import re
import time
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram import utf16
from bot.sandbox.telegram.errors import ApiError, bad_request
from bot.sandbox.telegram.formatted import TEXT_LIMIT, format_text
from bot.sandbox.telegram.media import stored_upload
from bot.sandbox.telegram.outgoing import reply_target
from bot.sandbox.telegram.parameters import Upload
from bot.sandbox.telegram.reply_keyboard import chosen_people
from bot.sandbox.telegram.service import Telegram
from bot.sandbox.telegram.state import Chat, Json

PRESS_WAIT_SECONDS = 10.0
_LINK = re.compile(
    r"(?:https?://)?(?:t|telegram)\.me/(?P<bot>\w+)(?:\?start=(?P<start>[A-Za-z0-9_-]{1,64}))?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True)
class Draft:
    """What a person is about to send."""

    text: str = ""
    contact: Json | None = None
    users_shared: Json | None = None
    reply_to: int | None = None
    upload: Upload | None = None
    as_document: bool = False


def add_person(telegram: Telegram, first_name: str, username: str | None, language_code: str) -> Json:
    """A new person and the private chat with the same id; answers the `User`."""
    taken = {str(person.get("username", "")).lower() for person in telegram.state.people.values()}
    if username and username.lower() in {*taken, telegram.bot["username"].lower()}:
        raise bad_request("this username is taken")
    person_id = telegram.state.next_person_id
    telegram.state.next_person_id += 1
    named: Json = {"first_name": first_name, **({"username": username} if username else {})}
    telegram.state.people[person_id] = {"id": person_id, "is_bot": False, **named, "language_code": language_code}
    telegram.state.chats[person_id] = Chat({"id": person_id, "type": "private", **named}, [person_id])
    telegram.changed()
    return telegram.state.people[person_id]


def add_group(telegram: Telegram, title: str, members: list[int]) -> Json:
    """A new group with the bot in it; answers the `Chat`."""
    for person_id in members:
        person_of(telegram, person_id)
    group_id = telegram.state.next_group_id
    telegram.state.next_group_id -= 1
    info: Json = {"id": group_id, "type": "group", "title": title}
    telegram.state.chats[group_id] = Chat(info, members, started=True)
    _tell_membership(telegram, telegram.state.chats[group_id], members[0], "left", "member")
    telegram.changed()
    return info


def person_of(telegram: Telegram, person_id: int) -> Json:
    """A person by id."""
    person = telegram.state.people.get(person_id)
    if not person:
        raise ApiError(404, "there is no such person")
    return person


def chat_with(telegram: Telegram, chat_id: int, person_id: int | None = None) -> Chat:
    """A chat by id, which the person must be in."""
    chat = telegram.state.chats.get(chat_id)
    if not chat:
        raise ApiError(404, "there is no such chat")
    if person_id is not None and person_id not in chat.members:
        raise ApiError(403, "this person is not in the chat")
    return chat


async def write(telegram: Telegram, chat: Chat, person_id: int, draft: Draft) -> Json:
    """Sends a person's message and tells the bot; answers the message."""
    content: Json = {"from": person_of(telegram, person_id), **await _content(telegram, draft)}
    wanted = {"message_id": draft.reply_to} if draft.reply_to else None
    reply = reply_target(chat, wanted)
    if reply:
        content["reply_to_message"] = reply
    if chat.is_private:
        chat.started = True
        set_blocked(telegram, chat, False)
    if draft.users_shared:
        content["users_shared"] = chosen_people(chat, draft.users_shared)
    message = telegram.add_message(chat, content)
    if chat.is_private or _concerns_bot(telegram, message):
        telegram.push("message", message)
    return message


async def _content(telegram: Telegram, draft: Draft) -> Json:
    formatted = format_text(draft.text, None)
    if utf16.length(formatted.text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    if draft.contact:
        return {"contact": draft.contact}
    if draft.users_shared:
        return {"users_shared": draft.users_shared}
    if draft.upload:
        is_picture = draft.upload.mime_type in {"image/png", "image/jpeg", "image/webp"}
        kind = "photo" if is_picture and not draft.as_document else "document"
        return {**await stored_upload(telegram, kind, draft.upload), **formatted.fields("caption")}
    if not formatted.text:
        raise bad_request("message text is empty")
    return formatted.fields("text")


def _concerns_bot(telegram: Telegram, message: Json) -> bool:
    """In a group a bot sees commands, replies to itself and what came by it (Bot API, "Privacy mode")."""
    text = str(message.get("text") or message.get("caption") or "")
    replied = message.get("reply_to_message", {}).get("from", {}).get("id")
    return text.startswith("/") or telegram.bot["id"] in {replied, message.get("via_bot", {}).get("id")}


async def press(telegram: Telegram, chat: Chat, person_id: int, message_id: int, data: str) -> Json:
    """Presses an inline button and waits for the bot's answer, which is empty when the bot is late.

    The data need not stand on the message: "a bad client can send arbitrary data" (Bot API, CallbackQuery).
    """
    stored = chat.messages.get(message_id)
    if not stored:
        raise ApiError(404, "there is no such message")
    query_id = telegram.queries.ask()
    where: Json = {"message": stored.message}
    if stored.deleted:
        where = {"message": {"chat": chat.info, "message_id": message_id, "date": 0}}
    elif "via_bot" in stored.message:
        where = {"inline_message_id": inline_message_id(stored.message)}
    who = person_of(telegram, person_id)
    instance = str(chat.info["id"])
    telegram.push("callback_query", {"id": query_id, "from": who, **where, "chat_instance": instance, "data": data})
    answer = await telegram.queries.answered(query_id, PRESS_WAIT_SECONDS)
    return {"toast": "", "alert": False, **answer}


def start_parameter_of(telegram: Telegram, address: str) -> str | None:
    """What a link to this bot starts it with, empty for a bare one; None for any other link, or a too long one."""
    match = _LINK.fullmatch(address)
    if match is None or match["bot"].lower() != telegram.bot["username"].lower():
        return None
    return match["start"] or ""


async def follow(telegram: Telegram, person_id: int, address: str) -> Json:
    """The person opens a link to the bot and presses Start; answers the message that this sends."""
    parameter = start_parameter_of(telegram, address)
    if parameter is None:
        raise ApiError(400, "that is no link to this bot with at most 64 letters, digits, _ and -")
    return await write(telegram, chat_with(telegram, person_id), person_id, Draft(f"/start {parameter}".strip()))


def inline_message_id(message: Json) -> str:
    """The id by which the bot may edit a message that was sent by inline mode."""
    return f"inline_{message['chat']['id']}_{message['message_id']}"


def set_blocked(telegram: Telegram, chat: Chat, blocked: bool) -> None:
    """The person of a private chat stops or restarts the bot."""
    if chat.blocked == blocked:
        return
    chat.blocked = blocked
    words = ("member", "kicked") if blocked else ("kicked", "member")
    _tell_membership(telegram, chat, chat.members[0], *words)
    telegram.changed()


def _tell_membership(telegram: Telegram, chat: Chat, person_id: int, old: str, new: str) -> None:
    def member(status: str) -> Json:
        until: dict[str, Any] = {"until_date": 0} if status == "kicked" else {}
        return {"status": status, "user": telegram.bot, **until}

    who = person_of(telegram, person_id)
    change: Json = {"chat": chat.info, "from": who, "date": int(time.time())}
    telegram.push("my_chat_member", {**change, "old_chat_member": member(old), "new_chat_member": member(new)})
