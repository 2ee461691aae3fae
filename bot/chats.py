"""Sending, editing and deleting messages: every card that leaves the bot goes through here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    KeyboardButton,
    KeyboardButtonRequestUsers,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot import taps
from bot.views.card import Card, File, Picker, Picture
from bot.views.offers import Suggestion
from bot.views.qr import qr_png
from wallet_core.domain.chat import SentMessage
from wallet_core.domain.errors import Unavailable
from wallet_core.ports import Store

T = TypeVar("T")
Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove

_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
_LONGEST_WAIT_SECONDS: Final = 60.0
_TRIES: Final = 3
#: Comes back with who was chosen. There is one such question, so one number.
_REQUEST: Final = 1


class Chats:
    """One bot's messages. ``patient``: waits when Telegram asks to, instead of raising ``RetryAfter``."""

    def __init__(self, bot: Bot, store: Store, *, patient: bool = True) -> None:
        self.bot = bot
        self._store = store
        self._patient = patient

    async def show(self, card: Card, *, person: int, chat: int, message_id: int | None = None) -> int:
        """Shows the card in its thread's message, in the given one, or in a new one; returns the message's id."""
        shown = await self._store.get(SentMessage, card.thread) if card.thread else None
        if shown and shown.chat != chat:
            # The account moved to another Telegram id: what the former chat shows is left as it is.
            shown = None
        digest = card.digest()
        if shown and shown.digest == digest:
            return shown.message_id
        if card.picture:
            await self._picture(card, chat)
        markup = _below_input(card) or await taps.keyboard(self._store, card, person=person, chat=chat)
        at = await self._edited_or_sent(card, markup, chat, shown.message_id if shown else message_id)
        if card.thread:
            await self._store.put(SentMessage(id=card.thread, chat=chat, message_id=at, digest=digest))
        return at

    async def overwrite(self, thread: str) -> None:
        """A thread's message is about to say something else: what is shown of the thread next is shown in any case."""
        shown = await self._store.get(SentMessage, thread)
        if shown:
            await self._store.put(shown.model_copy(update={"digest": ""}))

    async def delete(self, chat: int, message_id: int | None) -> None:
        """Deletes a message, if Telegram lets us: it may be gone or too old, and in a group we may not."""
        if message_id is None:
            return
        await self._quietly(lambda: self.bot.delete_message(chat, message_id))

    async def disarm(self, chat: int, message_id: int | None) -> None:
        """Takes a message's buttons away and leaves its text."""
        if message_id is None:
            return
        await self._quietly(lambda: self.bot.edit_message_reply_markup(chat, message_id, reply_markup=None))

    async def download(self, file_id: str, limit_bytes: int) -> bytes:
        """A file that somebody sent. Raises ``Unavailable`` when Telegram does not give it, or gives more."""
        try:
            file = await self._call(lambda: self.bot.get_file(file_id))
            if (file.file_size or 0) > limit_bytes:
                raise Unavailable(f"a file of {file.file_size} bytes")
            content = bytes(await self._call(file.download_as_bytearray))
        except TelegramError as error:
            raise Unavailable(f"the file was not given: {error}") from error
        if len(content) > limit_bytes:
            raise Unavailable(f"a file of {len(content)} bytes")
        return content

    async def delete_thread(self, thread: str) -> None:
        """Deletes the message that shows a thread."""
        shown = await self._store.get(SentMessage, thread)
        if shown:
            await self.delete(shown.chat, shown.message_id)
            await self._store.remove(SentMessage, thread)

    async def answer(self, query_id: str, toast: str, *, alert: bool = False, opens: str = "") -> None:
        """Answers a pressed button; nobody is helped by an error for an answer that came too late."""
        await self._quietly(
            lambda: self.bot.answer_callback_query(query_id, toast[:200], show_alert=alert, url=opens or None)
        )

    async def offer_people(self, picker: Picker, chat: int) -> int:
        """A key below the input field that opens Telegram's own list of people; it goes with its message."""
        asked = KeyboardButtonRequestUsers(
            _REQUEST, user_is_bot=False, max_quantity=1, request_name=True, request_username=True
        )
        keys = [[KeyboardButton(picker.label, request_users=asked)]]
        keyboard = ReplyKeyboardMarkup(keys, resize_keyboard=True, one_time_keyboard=True)
        message = await self._call(
            lambda: self.bot.send_message(chat, picker.text, parse_mode=ParseMode.HTML, reply_markup=keyboard)
        )
        return message.message_id

    async def suggest(
        self,
        query_id: str,
        suggestion: Suggestion | None = None,
        button_data: str = "",
        *,
        opens: tuple[str, str] | None = None,
    ) -> None:
        """Answers an inline query. ``opens``: what a button above the results says, and what it starts the bot with.

        Nothing of it is kept for others or for later: an amount that was covered may not be so any more.
        """
        results = [_article(suggestion, button_data)] if suggestion else []
        button = InlineQueryResultsButton(opens[0], start_parameter=opens[1]) if opens else None
        await self._quietly(
            lambda: self.bot.answer_inline_query(query_id, results, cache_time=0, is_personal=True, button=button)
        )

    async def show_inline(self, inline_message_id: str, text: str, label: str = "", data: str = "") -> None:
        """Changes a message that was posted by inline mode. Raises ``BadRequest`` when it is not there any more."""
        try:
            await self._call(
                lambda: self.bot.edit_message_text(
                    text,
                    inline_message_id=inline_message_id,
                    parse_mode=ParseMode.HTML,
                    link_preview_options=_NO_PREVIEW,
                    reply_markup=_one_button(label, data),
                )
            )
        except BadRequest as error:
            if "not modified" not in error.message.lower():
                raise

    async def _edited_or_sent(self, card: Card, markup: Markup | None, chat: int, message_id: int | None) -> int:
        if card.file:
            return await self._file(card, card.file, markup, chat)
        # Only what stands below a message can be edited with it.
        if (
            message_id is not None
            and not isinstance(markup, ReplyKeyboardMarkup | ReplyKeyboardRemove)
            and await self._edited(card, markup, chat, message_id)
        ):
            return message_id
        message = await self._call(
            lambda: self.bot.send_message(
                chat,
                card.text,
                parse_mode=ParseMode.HTML,
                link_preview_options=_NO_PREVIEW,
                reply_markup=markup,
                protect_content=card.protected,
            )
        )
        return message.message_id

    async def _file(self, card: Card, file: File, markup: Markup | None, chat: int) -> int:
        send = self.bot.send_photo if file.is_picture else self.bot.send_document
        message = await self._call(
            lambda: send(
                chat,
                file.content,
                card.text,
                parse_mode=ParseMode.HTML,
                reply_markup=markup,
                filename=file.name,
                protect_content=card.protected,
            )
        )
        return message.message_id

    async def _edited(self, card: Card, markup: InlineKeyboardMarkup | None, chat: int, message_id: int) -> bool:
        try:
            await self._call(
                lambda: self.bot.edit_message_text(
                    card.text,
                    chat,
                    message_id,
                    parse_mode=ParseMode.HTML,
                    link_preview_options=_NO_PREVIEW,
                    reply_markup=markup,
                )
            )
        except BadRequest as error:
            return _is_as_wanted(error)
        return True

    async def _picture(self, card: Card, chat: int) -> None:
        """Sends the card's picture, unless its thread shows it already; another one of its thread goes away."""
        if card.picture is None:
            return
        thread, digest = picture_thread(card.thread) if card.thread else None, card.picture.digest()
        sent = await self._store.get(SentMessage, thread) if thread else None
        if sent and (sent.chat, sent.digest) == (chat, digest):
            return
        if thread and sent and sent.chat == chat:
            await self.delete_thread(thread)
        message_id = await self._photo(card.picture, chat)
        if thread:
            await self._store.put(SentMessage(id=thread, chat=chat, message_id=message_id, digest=digest))

    async def _photo(self, picture: Picture, chat: int) -> int:
        png = await qr_png(picture.content)
        caption = picture.caption
        message = await self._call(lambda: self.bot.send_photo(chat, png, caption, parse_mode=ParseMode.HTML))
        return message.message_id

    async def _quietly(self, call: Callable[[], Awaitable[object]]) -> None:
        try:
            await self._call(call)
        except RetryAfter:
            raise
        except TelegramError:
            return

    async def _call(self, call: Callable[[], Awaitable[T]]) -> T:
        for _ in range(_TRIES - 1 if self._patient else 0):
            try:
                return await call()
            except RetryAfter as error:
                await asyncio.sleep(min(retry_after_seconds(error), _LONGEST_WAIT_SECONDS))
        return await call()


def _article(suggestion: Suggestion, button_data: str) -> InlineQueryResultArticle:
    content = InputTextMessageContent(suggestion.text, ParseMode.HTML, link_preview_options=_NO_PREVIEW)
    markup = _one_button(suggestion.button, button_data)
    return InlineQueryResultArticle(
        suggestion.id, suggestion.title, content, description=suggestion.detail, reply_markup=markup
    )


def _one_button(label: str, data: str) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=data)]]) if data else None


def _below_input(card: Card) -> ReplyKeyboardMarkup | ReplyKeyboardRemove | None:
    """What a card puts below the input field, or takes away from there."""
    if card.shares_contact:
        button = KeyboardButton(card.shares_contact, request_contact=True)
        return ReplyKeyboardMarkup([[button]], resize_keyboard=True, one_time_keyboard=True)
    return ReplyKeyboardRemove() if card.ends_sharing else None


def picture_thread(thread: str) -> str:
    """The thread of the picture that goes with a thread's text."""
    return f"picture:{thread}"


def retry_after_seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def is_unreachable(error: TelegramError) -> bool:
    """Whether the person cannot be written to at all: they blocked the bot, or never wrote to it."""
    return isinstance(error, Forbidden) or (isinstance(error, BadRequest) and "chat not found" in error.message.lower())


def _is_as_wanted(error: BadRequest) -> bool:
    """True when the message says already what it should; False when it cannot be edited and a new one must be sent."""
    reason = error.message.lower()
    if "not modified" in reason:
        return True
    if any(word in reason for word in ("to edit not found", "can't be edited", "no text in the message", "id_invalid")):
        return False
    raise error
