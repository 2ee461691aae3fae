"""Sends that others see: the message in a group, or the one that inline mode posted, follows what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from telegram.error import BadRequest, ChatMigrated, TelegramError

from bot import offer_messages
from bot.chats import Chats
from bot.start_links import here_link
from bot.views import public
from bot.views.offers import claim_label
from bot.views.words import Words
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.claimable import WAITING
from wallet_core.ports import Ports

#: The template of the messages of ``domain.claimable.public_message``.
PUBLIC: Final = "public_send"


async def show_publicly(ports: Ports, chats: Chats, words: Words, message: OutboxMessage) -> None:
    """Shows the send as it is now. Where Telegram never named the message, nobody has pressed it either."""
    facts = message.facts
    if facts["group"] is not None:
        card = public.send(words, facts, here_link(chats.bot.username))
        await chats.show(replace(card, thread=message.thread), person=message.person, chat=facts["group"])
        return
    shown = await offer_messages.of_offer(ports.store, facts["id"])
    if shown and shown.inline_message_id:
        label = claim_label(words) if facts["state"] in WAITING else ""
        text = public.send_text(words, facts)
        await chats.show_inline(shown.inline_message_id, text, label, shown.id if label else "")


def is_gone(error: TelegramError) -> bool:
    """Whether there is no such message or group any more: it was deleted, or the group has become another one."""
    return isinstance(error, BadRequest | ChatMigrated)
