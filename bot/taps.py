"""Buttons: each carries an opaque id of a ``Tap`` in the database, bound to person, chat, card and expiry."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from typing import Any, Final

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from bot.views.card import Button, Card
from wallet_core.domain.chat import Tap
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.ports import Store

#: How long buttons without a promise behind them work.
MENU_LIFETIME: Final = timedelta(days=30)


def tap_id() -> str:
    """An id that nobody can guess: 96 bits in 16 characters, far below Telegram's 64 bytes."""
    return secrets.token_urlsafe(12)


async def keyboard(store: Store, card: Card, *, person: int, chat: int) -> InlineKeyboardMarkup | None:
    """The card's buttons for one person in one chat, recorded before they are shown."""
    if not card.rows:
        return None
    group = tap_id()
    expires_at = card.expires_at or await store.now() + MENU_LIFETIME
    bound = {"card": group, "person": person, "chat": chat, "thread": card.thread, "expires_at": expires_at}
    buttons = {button: _tap(button, bound) for row in card.rows for button in row if button.action}
    await asyncio.gather(*(store.put(tap) for tap in buttons.values()))
    return InlineKeyboardMarkup([[_shown(button, buttons.get(button)) for button in row] for row in card.rows])


def _tap(button: Button, bound: dict[str, Any]) -> Tap:
    return Tap(id=tap_id(), action=button.action or "", argument=button.argument, **bound)


def _shown(button: Button, tap: Tap | None) -> InlineKeyboardButton:
    if button.url is not None:
        return InlineKeyboardButton(button.label, url=button.url)
    if tap is None:
        return InlineKeyboardButton(button.label, copy_text=CopyTextButton(button.copies or ""))
    return InlineKeyboardButton(button.label, callback_data=tap.id)


async def resolve(store: Store, data: str | None, *, person: int, chat: int | None) -> Tap:
    """The tap behind a pressed button.

    Raises ``Refused`` NOT_FOUND, NOT_YOURS or EXPIRED, and ``AlreadyDone`` for one that was used.
    """
    tap = await store.get(Tap, data) if data and len(data) <= 64 else None
    if tap is None:
        raise Refused(Reason.NOT_FOUND, what=Tap.collection)
    if (tap.person, tap.chat) != (person, chat):
        raise Refused(Reason.NOT_YOURS)
    if tap.used_at is not None:
        raise AlreadyDone(None)
    if await store.now() > tap.expires_at:
        raise Refused(Reason.EXPIRED, expired_at=tap.expires_at)
    return tap


async def use_up(store: Store, card: str) -> None:
    """Ends every button of a card; called once what one of them does is done."""
    now = await store.now()
    taps = await store.find(Tap, {"card": card, "used_at": None})
    await asyncio.gather(*(store.swap(Tap, tap.id, {"used_at": None}, {"used_at": now}) for tap in taps))
