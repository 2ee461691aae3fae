"""Groups and channels: the wallet answers in private only, and a code that is typed there is deleted and spent."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final

from telegram import Message, Update

from bot.chats import Chats
from bot.codes import code_among, has_code
from bot.passing import let_pass
from bot.views import messages
from bot.views.card import Card
from bot.views.public import how_to_tip
from bot.views.reasons import reason_text
from bot.views.words import Words, plain_text, words_for
from wallet_core.domain.errors import Reason, WalletError
from wallet_core.ports import Ports
from wallet_core.use_cases.identities import caller_of
from wallet_core.use_cases.spend_seen_code import spend_seen_code

_TIP: Final = re.compile(r"/tip(@\w+)?", re.ASCII | re.IGNORECASE)


async def answer(ports: Ports, chats: Chats, update: Update) -> None:
    """Answers whoever addresses the bot where others read along. Nothing is done, but that a code there is spent.

    Question and answer go away after a while.
    """
    user, chat, message = update.effective_user, update.effective_chat, update.message
    if user is None or user.is_bot:
        return
    words = words_for(user.language_code)
    if update.callback_query:
        await chats.answer(update.callback_query.id, plain_text(_private_only(words)), alert=True)
    elif chat is not None and message is not None:
        told = await _told(chats, words, message)
        if has_code(message.text or ""):
            await _spend(ports, user.id, message.text or "")
        if told:
            answered = await chats.show(Card(told), person=user.id, chat=chat.id)
            await let_pass(ports, chat.id, message.message_id, answered)


async def _spend(ports: Ports, telegram: int, text: str) -> None:
    """Deleting may have failed, and somebody may have been quicker than it."""
    code = code_among(text)
    if code:
        with suppress(WalletError):
            await spend_seen_code(ports, await caller_of(ports, telegram), code)


async def _told(chats: Chats, words: Words, message: Message) -> str:
    """What is answered to a message; nothing to talk that does not address the bot."""
    text = message.text or ""
    command = text.split(maxsplit=1)[0] if text.strip() else ""
    if has_code(text):
        await chats.delete(message.chat_id, message.message_id)
        return messages.code_in_public(words)
    if _TIP.fullmatch(command):
        return how_to_tip(words)
    return _private_only(words) if command.startswith("/") else ""


def _private_only(words: Words) -> str:
    return reason_text(words, Reason.PRIVATE_CHAT_ONLY, {})
