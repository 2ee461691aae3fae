"""Delivers what the ledger's postings left to be told: every message until Telegram took it, or never will.

A message is claimed for a while before it is sent, so that several bots can share the work; a bot that is killed
leaves a claim that ends by itself. A kill between Telegram's yes and our mark makes a message come twice, never not
at all.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog
from telegram.error import ChatMigrated, RetryAfter, TelegramError

from bot.attachments import attachment
from bot.chats import Chats, is_unreachable, picture_thread, retry_after_seconds
from bot.commands import follow_move, follow_role
from bot.errors import alarm
from bot.metrics import OUTBOX_SENT, OUTBOX_WAITING
from bot.public_sends import PUBLIC, is_gone, show_publicly
from bot.start_links import CLAIM, REQUEST, start_link
from bot.views.card import Card
from bot.views.receipts import receipt
from bot.views.words import Words, words_for
from wallet_core.domain.chat import OutboxMessage, OutboxState
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.payment_request import RequestState
from wallet_core.domain.people import Person
from wallet_core.ports import Before, Ports
from wallet_core.use_cases.codes import outbox_bound_to
from wallet_core.use_cases.fall_back import fall_back
from wallet_core.use_cases.identities import telegram_of
from wallet_core.use_cases.tell_alerts import FOR_THE_CHAT

_LOG: Final = structlog.get_logger("bot.outbox")

POLL_SECONDS: Final = 0.5
#: Longer than one request may take, and short enough that a killed bot delays nobody by much.
_CLAIM: Final = timedelta(seconds=10)
#: After an error that may pass, and after one that will not pass by itself.
_SOON_SECONDS, _LATER_SECONDS = 5.0, 60.0
_PAGE: Final = 200
_PAGES: Final = 50
#: How many of one person's messages a round takes, so that a burst of theirs delays nobody else's.
_PER_PERSON: Final = 10
#: Telegram takes about 30 messages a second from a bot; the rest is for answers.
_GAP_SECONDS: Final = 1 / 25


class Outbox:
    """Runs until it is cancelled. One person's messages go in order, different people's in parallel."""

    def __init__(self, ports: Ports, chats: Chats) -> None:
        self._ports = ports
        self._chats = chats
        self._woken = asyncio.Event()
        self._busy: dict[int, asyncio.Task[None]] = {}
        #: Until when Telegram asked to leave somebody's chat alone, by the monotonic clock.
        self._resting: dict[int, float] = {}
        self._next_send = 0.0

    def wake(self) -> None:
        """Looks for messages now instead of at the next poll."""
        self._woken.set()

    async def run(self) -> None:
        """Delivers for ever; waits while the database is away."""
        try:
            while True:
                self._woken.clear()
                await self._round()
                await self._pause()
        finally:
            await _end(self._busy.values())

    async def _pause(self) -> None:
        # Not wait_for: before Python 3.12 it loses a cancellation that comes together with the wake-up.
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._woken.wait()

    async def _round(self) -> None:
        try:
            lines = await self._due()
        except Unavailable as error:
            _LOG.warning("outbox_waits", error=str(error))
            return
        except Exception as error:
            alarm(error)
            return
        for person, messages in lines.items():
            self._busy[person] = asyncio.create_task(self._deliver_line(person, messages))

    async def _due(self) -> dict[int, list[OutboxMessage]]:
        """What may be sent now, oldest first, by person; without those who are being written to or left alone."""
        now, lines, waiting = await self._ports.store.now(), dict[int, list[OutboxMessage]](), 0
        for page in range(_PAGES):
            found = await self._ports.store.find(
                OutboxMessage,
                {"state": OutboxState.WAITING, "claimed_until": Before(now, inclusive=True)},
                order_by=("at", "order"),
                limit=_PAGE,
                skip=page * _PAGE,
            )
            waiting += len(found)
            for message in found:
                self._line_up(lines, message)
            if len(found) < _PAGE:
                break
        OUTBOX_WAITING.set(waiting)
        return lines

    def _line_up(self, lines: dict[int, list[OutboxMessage]], message: OutboxMessage) -> None:
        person = message.person
        if person in self._busy or time.monotonic() < self._resting.get(person, 0.0):
            return
        self._resting.pop(person, None)
        line = lines.setdefault(person, [])
        if len(line) < _PER_PERSON:
            line.append(message)

    async def _deliver_line(self, person: int, messages: list[OutboxMessage]) -> None:
        try:
            for message in messages:
                if time.monotonic() < self._resting.get(person, 0.0):
                    return
                await self._deliver(message)
        except Unavailable as error:
            _LOG.warning("outbox_waits", error=str(error))
        except Exception as error:
            alarm(error)
        finally:
            self._busy.pop(person, None)
            if len(messages) >= _PER_PERSON:
                self.wake()

    async def _deliver(self, message: OutboxMessage) -> None:
        # Before the claim: a message that waits for its turn must not outlive its claim.
        await self._keep_pace()
        if not await self._is_next(message) or not await self._claim(message):
            return
        try:
            await self._show(message)
        except RetryAfter as error:
            seconds = retry_after_seconds(error)
            self._resting[message.person] = time.monotonic() + seconds
            await self._put_back(message, seconds, "paused")
        except TelegramError as error:
            await self._not_sent(message, error)
        except Unavailable:
            raise
        except Exception as error:
            alarm(error)
            await self._put_back(message, _LATER_SECONDS, "failed")
        else:
            await self._mark(message, OutboxState.SENT)

    async def _is_next(self, message: OutboxMessage) -> bool:
        """Whether no earlier message of the same thread still waits, perhaps in another process's hands."""
        if message.thread is None:
            return True
        where = {"state": OutboxState.WAITING, "thread": message.thread}
        first = await self._ports.store.find(OutboxMessage, where, order_by=("at", "order"), limit=1)
        return bool(first) and first[0].id == message.id

    async def _claim(self, message: OutboxMessage) -> bool:
        until = await self._ports.store.now() + _CLAIM
        where = {"state": OutboxState.WAITING, "claimed_until": message.claimed_until}
        return await self._ports.store.swap(OutboxMessage, message.id, where, {"claimed_until": until})

    async def _show(self, message: OutboxMessage) -> None:
        if self._is_told_elsewhere(message):
            return
        words = await self._words(message)
        if message.template == PUBLIC:
            await show_publicly(self._ports, self._chats, words, message)
            return
        card = self._card(words, message)
        if card.thread and card.anew:
            await self._chats.delete_thread(card.thread)
        # What is paid must not be scanned once more.
        if card.thread and (card.anew or card.picture is None):
            await self._chats.delete_thread(picture_thread(card.thread))
        chat = await telegram_of(self._ports, message.person)
        await self._chats.show(card, person=message.person, chat=chat)
        await follow_role(self._chats.bot, words, message, chat)
        await follow_move(self._chats.bot, self._ports, words, message, chat)
        file = await attachment(self._ports, words, message)
        if file:
            await self._chats.show(file, person=message.person, chat=chat)

    def _is_told_elsewhere(self, message: OutboxMessage) -> bool:
        """Whether the chat of alerts is told of this alarm, in a message of its own for each kind."""
        return message.template == "alarm" and bool(self._ports.settings.alert_chat_id)

    async def _words(self, message: OutboxMessage) -> Words:
        person = await self._ports.store.get(Person, message.person)
        return words_for(person.language if person else None)

    def _card(self, words: Words, message: OutboxMessage) -> Card:
        secret = ""
        if message.sealed is not None:
            secret = self._ports.vault.open(message.sealed, bound_to=outbox_bound_to(message.person)).decode()
        card = receipt(words, message, self._linked(message, secret), self._ports.settings.networks)
        # Nobody's buttons: whoever is in that chat could press them, and none of them is meant for it.
        return replace(card, rows=(), picture=None) if self._is_public(message) else card

    def _is_public(self, message: OutboxMessage) -> bool:
        """Whether it is written for the chat of alerts, which may be somebody's private chat as well."""
        return message.person == self._ports.settings.alert_chat_id != 0 and message.template in FOR_THE_CHAT

    def _linked(self, message: OutboxMessage, secret: str) -> str:
        """What a message is about, as a link where it has one; the worker, which may have written it, knows no bot."""
        name = self._chats.bot.username
        if message.template == "claimable_sent" and secret:
            return start_link(name, CLAIM, secret)
        if message.template == "payment_request" and message.facts["state"] == RequestState.OPEN:
            return start_link(name, REQUEST, str(message.facts["id"]))
        return secret

    async def _keep_pace(self) -> None:
        now = time.monotonic()
        wait = max(0.0, self._next_send - now)
        self._next_send = max(now, self._next_send) + _GAP_SECONDS
        await asyncio.sleep(wait)

    async def _not_sent(self, message: OutboxMessage, error: TelegramError) -> None:
        is_over = message.template == PUBLIC and is_gone(error)
        if is_unreachable(error) or is_over or (self._is_public(message) and isinstance(error, ChatMigrated)):
            if self._is_public(message):
                _LOG.error("alert_chat_unreachable", error=str(error))
                await fall_back(self._ports, message)
            await self._mark(message, OutboxState.UNDELIVERABLE)
            return
        _LOG.warning("not_sent", message=message.id, template=message.template, error=str(error))
        await self._put_back(message, _SOON_SECONDS, "failed")

    async def _put_back(self, message: OutboxMessage, seconds: float, outcome: str) -> None:
        OUTBOX_SENT.labels(outcome).inc()
        until = await self._ports.store.now() + timedelta(seconds=seconds)
        where = {"state": OutboxState.WAITING}
        await self._ports.store.swap(OutboxMessage, message.id, where, {"claimed_until": until})

    async def _mark(self, message: OutboxMessage, state: OutboxState) -> None:
        """The message is done with; a secret in it is erased."""
        OUTBOX_SENT.labels(state.value).inc()
        fields = {"state": state, "claimed_until": None, "sealed": None}
        await self._ports.store.swap(OutboxMessage, message.id, {"state": OutboxState.WAITING}, fields)


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Lets deliveries that are under way finish: one that is cut off would be sent again."""
    running = list(tasks)
    if running:
        await asyncio.wait(running, timeout=10)
