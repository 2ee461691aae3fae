"""What reaches the bot from where it does not talk: inline mode in any chat, and replies in groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from telegram import Message, Update, User
from telegram.constants import ChatType

#: Commands that, as a reply in a group, send to the person who is replied to.
TIPS: Final = frozenset({"tip", "send"})
_GROUPS: Final = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})


@dataclass(frozen=True, slots=True)
class Inline:
    """A query that waits for suggestions, a suggestion that was posted, or a press of the button below it."""

    #: The inline query to answer.
    query: str = ""
    #: The suggestion's id, or what the button carries.
    about: str = ""
    #: Telegram's name for the posted message, which it need not tell.
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Tip:
    """A command in a group that replies to a message, whose writer is ``recipient``; 0 where that is no person."""

    group: int
    message: int
    recipient: int
    name: str


def inline_of(update: Update) -> Inline | None:
    """What inline mode brought, if that is what the update is."""
    if update.inline_query:
        return Inline(query=update.inline_query.id)
    chosen, pressed = update.chosen_inline_result, update.callback_query
    if chosen:
        return Inline(about=chosen.result_id, message=chosen.inline_message_id)
    if pressed and pressed.inline_message_id:
        return Inline(about=pressed.data or "", message=pressed.inline_message_id)
    return None


def tip_of(command: str, update: Update) -> Tip | None:
    """The tip that a command asks for, if it is one."""
    message = update.message
    if message is None or command not in TIPS or message.chat.type not in _GROUPS or not message.reply_to_message:
        return None
    writer = _writer(message.reply_to_message)
    name = writer.full_name if writer else ""
    return Tip(message.chat_id, message.message_id, writer.id if writer else 0, name)


def _writer(message: Message) -> User | None:
    """Who wrote it: neither a bot, nor a group or channel that writes as itself, which Telegram shows as somebody."""
    user = message.from_user
    return user if user and not user.is_bot and message.sender_chat is None else None
