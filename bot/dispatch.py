"""From an update to its route and back: the one way that every command, button, answer, contact and file takes.

Who it is, the gate, the route, the handler, then the answer; errors are told in ``_explain`` and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from telegram import Update
from telegram.error import TelegramError

from bot import public, taps
from bot.abroad import Tip, tip_of
from bot.chats import Chats, is_unreachable
from bot.codes import code_of, has_code
from bot.context import Turn, card_of_draft
from bot.errors import FINAL, alarm, told
from bot.metrics import UPDATE_SECONDS, UPDATES
from bot.paces import pace_of
from bot.routes import (
    ANYTHING,
    CHOSEN,
    CONTACT,
    DOCUMENT,
    PICTURE,
    PRESSED,
    STRAY_CODE,
    TIP,
    TYPED,
    Kind,
    Route,
    Table,
)
from bot.turns import turn_of
from bot.views import keyboards, messages
from bot.views.card import Card
from bot.views.words import plain_text, words_for
from wallet_core.domain.chat import Draft
from wallet_core.domain.errors import AlreadyDone, Reason, Refused, WalletError
from wallet_core.domain.people import Person
from wallet_core.ports import Ports
from wallet_core.use_cases.access_changes import guards_of
from wallet_core.use_cases.gate import admit_to
from wallet_core.use_cases.identities import caller_of
from wallet_core.use_cases.paces import fill_line, keep_pace
from wallet_core.use_cases.remember_person import SEEN_EVERY, remember_person

_LOG: Final = structlog.get_logger("bot")

FindRoute = Callable[[Turn], Awaitable[Route]]


class Dispatcher:
    """Serves updates. ``wake`` is called after each, since its use case may have left messages in the outbox."""

    def __init__(self, ports: Ports, chats: Chats, table: Table, wake: Callable[[], None]) -> None:
        self._ports = ports
        self._chats = chats
        self._table = table
        self._wake = wake

    async def command(self, route: Route, update: Update, _context: Any) -> None:
        """A command; what follows it is the turn's text."""

        async def find(turn: Turn) -> Route:
            turn.text = " ".join(turn.text.split(maxsplit=1)[1:])
            if code_of(turn.text):
                await self._chats.delete(turn.chat, turn.message_id)
            return route

        tip = tip_of(route.name, update)
        if tip:
            await self._serve(update, self._at(Kind.GROUP, TIP, find), tip=tip)
        else:
            await self._serve(update, find)

    async def button(self, update: Update, _context: Any) -> None:
        """A pressed button, also one below what was posted by inline mode."""
        query = update.callback_query
        if query and query.inline_message_id:
            await self._serve(update, self._at(Kind.INLINE, PRESSED))
            return
        data = query.data if query else None

        async def find(turn: Turn) -> Route:
            try:
                turn.tap = await taps.resolve(self._ports.store, data, person=turn.caller.person, chat=turn.chat)
            except WalletError as error:
                return _refusing(error)
            return self._table.of(Kind.BUTTON, turn.tap.action)

        await self._serve(update, find)

    async def typed(self, update: Update, _context: Any) -> None:
        """Somebody types after the bot's name in some chat."""
        await self._serve(update, self._at(Kind.INLINE, TYPED))

    async def chosen(self, update: Update, _context: Any) -> None:
        """Somebody posted what was suggested to them."""
        await self._serve(update, self._at(Kind.INLINE, CHOSEN))

    def _at(self, kind: Kind, name: str, before: FindRoute | None = None) -> FindRoute:
        async def find(turn: Turn) -> Route:
            if before:
                await before(turn)
            return self._table.of(kind, name)

        return find

    async def message(self, update: Update, _context: Any) -> None:
        """Any other message: the answer to a question, a contact, a stray code, or something that is not understood."""
        await self._serve(update, self._route_of_message)

    async def flooded(self, update: Update) -> None:
        """Tells somebody that they are faster than the bot."""
        turn = turn_of(self._ports, self._chats, update)
        if turn:
            await self._quietly(turn, self._slow_down(turn))

    async def _slow_down(self, turn: Turn) -> None:
        if await fill_line(self._ports, turn.caller.person):
            await turn.say(messages.slow_down(turn.words))

    async def _serve(self, update: Update, find: FindRoute, tip: Tip | None = None) -> None:
        turn = turn_of(self._ports, self._chats, update, tip)
        if turn is None:
            await public.answer(self._ports, self._chats, update)
            return
        began, route, outcome = time.monotonic(), _UNKNOWN, "done"
        try:
            await self._identify(turn)
            await self._meet(turn, update)
            route = await find(turn)
            outcome = await self._run_in_time(turn, route, update)
        except Exception as error:
            outcome = type(error).__name__
            await self._quietly(turn, self._explain(turn, route, error))
        await self._quietly(turn, self._answer_button(turn, update))
        self._wake()
        UPDATES.labels(route.name, outcome).inc()
        UPDATE_SECONDS.labels(route.name).observe(time.monotonic() - began)

    async def _run_in_time(self, turn: Turn, route: Route, update: Update) -> str:
        """Counts first: also what the gate refuses is answered, and costs something."""
        turn.guards = await guards_of(self._ports, turn.caller.person)
        too_fast = await keep_pace(self._ports, turn.guards, pace_of(route))
        if too_fast:
            text = messages.too_fast(turn.words, too_fast.until)
            turn.toast = plain_text(text)
            if too_fast.is_first and not update.callback_query:
                await turn.say(text)
            return "too_fast"
        turn.guards = await admit_to(self._ports, turn.caller, route.access, f"{route.kind} {route.name}")
        await self._run(turn, route)
        return "done"

    async def _identify(self, turn: Turn) -> None:
        """An account that moved answers to another Telegram id than that of its number."""
        turn.caller = await caller_of(self._ports, turn.caller.person)
        if turn.contact is not None:
            turn.contact = (await caller_of(self._ports, turn.contact)).person
        if turn.tip:
            recipient = await caller_of(self._ports, turn.tip.recipient)
            turn.tip = replace(turn.tip, recipient=recipient.person)

    async def _meet(self, turn: Turn, update: Update) -> None:
        """Remembers the person, and speaks the language that they chose, or that Telegram tells."""
        user = update.effective_user
        name, username = (user.full_name, user.username) if user else ("", None)
        known = await self._ports.store.get(Person, turn.caller.person)
        # This machine's clock only decides whether to ask the database's.
        is_due = known is not None and datetime.now(UTC) - known.seen_at >= SEEN_EVERY
        if known is None or is_due or (known.display_name, known.username) != (name, username):
            language = known.language if known else turn.words.language
            known = await remember_person(
                self._ports, turn.caller, display_name=name, username=username, language=language
            )
        turn.person, turn.words = known, words_for(known.language)

    async def _route_of_message(self, turn: Turn) -> Route:
        draft = await self._waiting(turn)
        route = self._table.of(Kind.ANSWER, draft.action) if draft else None
        if has_code(turn.text) or (route and route.secret):
            await self._chats.delete(turn.chat, turn.message_id)
        if route and _answers(turn, route):
            turn.draft = draft
            return route
        if turn.telephone or turn.chose:
            return self._table.of(Kind.MESSAGE, CONTACT)
        if turn.file:
            return self._table.of(Kind.MESSAGE, PICTURE if turn.file.is_picture else DOCUMENT)
        return self._table.of(Kind.MESSAGE, STRAY_CODE if has_code(turn.text) else ANYTHING)

    async def _waiting(self, turn: Turn) -> Draft | None:
        draft = await self._ports.store.get(Draft, turn.caller.person)
        if draft is None or draft.expires_at > await self._ports.store.now():
            return draft
        await self._ports.store.remove(Draft, turn.caller.person)
        return None

    async def _run(self, turn: Turn, route: Route) -> None:
        if route.code:
            code = code_of(turn.text)
            if code is None:
                await turn.say(messages.no_code(turn.words))
                return
            turn.text = code
        await route.run(turn)
        await self._finish(turn, route)

    async def _finish(self, turn: Turn, route: Route) -> None:
        """Uses the button up or ends the question, now that what they stood for is done."""
        if turn.tap and route.once and not turn.keeps_tap:
            await taps.use_up(self._ports.store, turn.tap.card)
        if turn.draft:
            await self._end_question(turn, turn.draft, route)

    async def _end_question(self, turn: Turn, draft: Draft, route: Route) -> None:
        card = card_of_draft(draft)
        if card:
            await taps.use_up(self._ports.store, card)
        if not turn.asked:
            await self._ports.store.remove(Draft, draft.id)
        await (self._chats.delete if route.secret else self._chats.disarm)(turn.chat, draft.message_id)
        await self._chats.delete(turn.chat, draft.picker_id)

    async def _explain(self, turn: Turn, route: Route, error: Exception) -> None:
        """Tells the person what did not work, and puts buttons and questions into the state that fits it."""
        if isinstance(error, TelegramError) and is_unreachable(error):
            return
        text = told(turn.words, error)
        turn.toast = plain_text(text)
        if route.kind in (Kind.INLINE, Kind.GROUP):
            return
        if isinstance(error, AlreadyDone):
            await self._finish(turn, route)
            if turn.draft:
                await turn.say(text)
            return
        ends_card = isinstance(error, Refused) and error.reason in FINAL and route.once
        if turn.draft and isinstance(error, Refused) and error.reason not in route.mends:
            await self._end_question(turn, turn.draft, route)
        if turn.tap and ends_card:
            await taps.use_up(self._ports.store, turn.tap.card)
        card = Card(text, (keyboards.home(turn.words),) if turn.guards.enrolled else ())
        await turn.show(card, fresh=not ends_card or _tells_more(turn, error))

    async def _answer_button(self, turn: Turn, update: Update) -> None:
        query = update.callback_query
        if query:
            await self._chats.answer(query.id, turn.toast, alert=turn.alert, opens=turn.opens)

    async def _quietly(self, turn: Turn, answering: Awaitable[None]) -> None:
        """An answer that cannot be given must not undo what was done; the person can ask again."""
        try:
            await answering
        except TelegramError as error:
            _LOG.warning("not_answered", person=turn.caller.person, error=str(error))
        except Exception as error:
            alarm(error)


def _tells_more(turn: Turn, error: Exception) -> bool:
    """Whether the card stays: it follows what it is about, which went on, and says more than that it did."""
    went_on = isinstance(error, Refused) and error.reason is Reason.WRONG_STATE
    return went_on and turn.tap is not None and turn.tap.thread is not None


def _answers(turn: Turn, route: Route) -> bool:
    """Whether what was sent is what the question waits for."""
    contact = (route.takes_contact and turn.telephone) or (route.takes_person and turn.chose)
    return bool(turn.text or contact or (route.takes_file and turn.file))


async def _nothing(turn: Turn) -> None:
    return None


_UNKNOWN: Final = Route(Kind.MESSAGE, "unknown", _nothing)


def _refusing(error: WalletError) -> Route:
    """A route that fails so: the gate speaks before a button's own troubles do."""

    async def fail(turn: Turn) -> None:
        raise error

    return Route(Kind.BUTTON, "refused", fail)
