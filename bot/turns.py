"""From an update to the turn of the person whom it is of."""

from __future__ import annotations

from telegram import Message, Update
from telegram.constants import ChatType

from bot.abroad import Tip, inline_of
from bot.chats import Chats
from bot.contents import file_of, shared_by, text_of
from bot.context import Turn
from bot.views.words import words_for
from wallet_core.domain.guards import Guards
from wallet_core.domain.people import Caller
from wallet_core.ports import Ports


def turn_of(ports: Ports, chats: Chats, update: Update, tip: Tip | None = None) -> Turn | None:
    """The turn of a person in their private chat, where inline mode and tips are answered too; None elsewhere."""
    user, chat, message = update.effective_user, update.effective_chat, update.effective_message
    inline = inline_of(update)
    if user is None or user.is_bot:
        return None
    if inline is None and tip is None and (chat is None or chat.type != ChatType.PRIVATE):
        return None
    shared = shared_by(update.message)
    return Turn(
        ports=ports,
        chats=chats,
        caller=Caller(user.id),
        words=words_for(user.language_code),
        guards=Guards(id=user.id),
        chat=user.id,
        message_id=message.message_id if message and tip is None else None,
        text=text_of(update),
        contact=shared.person if shared else None,
        contact_name=shared.name if shared else "",
        telephone=shared.telephone if shared else "",
        chose=bool(shared and shared.chosen),
        inline=inline,
        tip=tip,
        file=file_of(message) if isinstance(message, Message) and update.message else None,
    )
