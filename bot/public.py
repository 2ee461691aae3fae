"""Groups and channels: the wallet answers in private only, and a code that is typed there is deleted."""

from __future__ import annotations

from telegram import Message, Update

from bot.chats import Chats
from bot.codes import has_code
from bot.views import messages
from bot.views.card import Card
from bot.views.reasons import reason_text
from bot.views.words import Words, plain_text, words_for
from wallet_core.domain.errors import Reason


async def answer(chats: Chats, update: Update) -> None:
    """Answers whoever addresses the bot where others read along. Nothing is looked up and nothing is done."""
    user, chat, message = update.effective_user, update.effective_chat, update.message
    if user is None or user.is_bot:
        return
    words = words_for(user.language_code)
    if update.callback_query:
        await chats.answer(update.callback_query.id, plain_text(_private_only(words)), alert=True)
    elif chat is not None and message is not None:
        told = await _told(chats, words, message)
        if told:
            await chats.show(Card(told), person=user.id, chat=chat.id)


async def _told(chats: Chats, words: Words, message: Message) -> str:
    """What is answered to a message; nothing to talk that does not address the bot."""
    text = message.text or ""
    if has_code(text):
        await chats.delete(message.chat_id, message.message_id)
        return messages.code_in_public(words)
    return _private_only(words) if text.startswith("/") else ""


def _private_only(words: Words) -> str:
    return reason_text(words, Reason.PRIVATE_CHAT_ONLY, {})
