"""One update of one person, as a handler sees it: who, what was typed or pressed, and the ways to answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.abroad import Inline, Tip
from bot.actions import Action, Question
from bot.chats import Chats
from bot.views import keyboards
from bot.views.card import Button, Card, Picker, Row
from bot.views.confirmations import cancelled
from bot.views.messages import code_question
from bot.views.questions import toast_cancelled
from bot.views.words import Words
from wallet_core.domain.chat import Draft, Tap
from wallet_core.domain.guards import Guards
from wallet_core.domain.people import Caller, Person
from wallet_core.ports import Ports
from wallet_core.use_cases.remember_person import DEFAULT_ZONE, remember_person

#: How long the bot waits for an answer, unless the question says otherwise.
QUESTION_LIFETIME: Final = timedelta(minutes=10)
#: Parts what a question is about from the card that led to it. Neither holds it.
_CARD_MARK: Final = "|"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A document or picture that a person sent, as Telegram tells of it before anybody fetches it."""

    id: str
    name: str
    size_bytes: int
    is_picture: bool = False


@dataclass(slots=True)
class Turn:
    """What a handler gets. Handlers call use cases with ``ports`` and ``caller``, and answer with cards."""

    ports: Ports
    chats: Chats
    caller: Caller
    words: Words
    #: What decides about the person, once the gate let them in.
    guards: Guards
    chat: int
    #: The person's message, or the card whose button was pressed.
    message_id: int | None
    #: What was typed: after the command, or as the answer to a question.
    text: str = ""
    person: Person | None = None
    tap: Tap | None = None
    draft: Draft | None = None
    #: The account of the person whose contact was shared, and what they are called in the sender's address book.
    contact: int | None = None
    contact_name: str = ""
    #: The number of a shared contact, which may be of somebody whom Telegram does not know.
    telephone: str = ""
    #: Whether the person was chosen from Telegram's own list, which tells no number.
    chose: bool = False
    file: SentFile | None = None
    #: What came of inline mode, or the tip in a group that is answered in private.
    inline: Inline | None = None
    tip: Tip | None = None
    #: What the pressed button answers; plain text. ``alert``: to be read and closed. ``opens``: a link to go to.
    toast: str = ""
    alert: bool = False
    opens: str = ""
    #: Whether the pressed button may be pressed again although its handler succeeded.
    keeps_tap: bool = False
    #: Whether a new question replaced the answered one.
    asked: bool = False

    @property
    def argument(self) -> str:
        """What the pressed button or the answered question is about."""
        if self.tap:
            return self.tap.argument or ""
        return (self.draft.argument or "").partition(_CARD_MARK)[0] if self.draft else ""

    @property
    def zone(self) -> str:
        """The time zone that the person lives by."""
        return self.person.zone if self.person else DEFAULT_ZONE

    @property
    def page(self) -> int:
        """The page that the pressed button leads to; the first for anything that is no number."""
        return int(self.argument) if self.argument.isdecimal() and len(self.argument) < 7 else 1

    async def show(self, card: Card, *, fresh: bool = False) -> None:
        """Shows a card in place of the one whose button was pressed, else below; ``fresh``: always below."""
        in_place = self.message_id if self.tap and not fresh else None
        if in_place and self.tap and self.tap.thread not in (None, card.thread):
            await self.chats.overwrite(self.tap.thread)
        await self.chats.show(card, person=self.caller.person, chat=self.chat, message_id=in_place)

    async def say(self, text: str) -> None:
        """Sends a text without buttons."""
        await self.chats.show(Card(text), person=self.caller.person, chat=self.chat)

    async def ask(
        self,
        question: Question,
        text: str,
        argument: str | None = None,
        *,
        cancel: Button | None = None,
        more: Row = (),
        lifetime: timedelta = QUESTION_LIFETIME,
        picker: Picker | None = None,
    ) -> None:
        """Sends a question and waits for its answer, also through a restart; it replaces any other question.

        ``more`` are other ways on than an answer.
        """
        expires_at = await self.ports.store.now() + lifetime
        button = cancel or keyboards.cancel(self.words, Action.QUESTION_CANCEL)
        card = Card(text, (*((one,) for one in more), (button,)), expires_at=expires_at)
        # First, so that a bot that dies in between leaves no question to whose answer nobody listens.
        await self.wait_for(question, argument, lifetime=lifetime)
        message_id = await self.chats.show(card, person=self.caller.person, chat=self.chat)
        picker_id = await self.chats.offer_people(picker, self.chat) if picker else None
        await self.wait_for(question, argument, message_id=message_id, picker_id=picker_id, lifetime=lifetime)

    async def ask_code(
        self, question: Question, what: str, argument: str = "", *, cancel: Action | None = None
    ) -> None:
        """Asks for the 6-digit code of what a button stands for; the button stays good until the code was right."""
        button = keyboards.cancel(self.words, cancel, argument) if cancel else None
        about = f"{argument}{_CARD_MARK}{self.tap.card}" if self.tap else argument
        await self.ask(question, code_question(self.words, what), about, cancel=button)
        self.keeps_tap = True

    async def wait_for(
        self,
        question: Question,
        argument: str | None = None,
        *,
        message_id: int | None = None,
        picker_id: int | None = None,
        lifetime: timedelta = QUESTION_LIFETIME,
    ) -> None:
        """Remembers what the next message will answer."""
        expires_at = await self.ports.store.now() + lifetime
        replaced = await self.ports.store.get(Draft, self.caller.person)
        if replaced:
            await self.chats.delete(self.chat, replaced.picker_id)
        await self.ports.store.put(
            Draft(
                id=self.caller.person,
                action=question,
                argument=argument,
                message_id=message_id,
                picker_id=picker_id,
                expires_at=expires_at,
            )
        )
        self.asked = True

    async def forget_question(self) -> None:
        """Waits for nothing any more, and takes the question away."""
        draft = self.draft or await self.ports.store.get(Draft, self.caller.person)
        if draft:
            await self.ports.store.remove(Draft, self.caller.person)
            await self.chats.delete(self.chat, draft.message_id)
            await self.chats.delete(self.chat, draft.picker_id)

    async def cancelled(self, thread: str) -> None:
        """An offer was turned down: its question goes away, and its card says so."""
        await self.forget_question()
        self.toast = toast_cancelled(self.words)
        await self.chats.show(cancelled(self.words, thread), person=self.caller.person, chat=self.chat)

    async def speak(self, language: str) -> None:
        """Remembers the language that the person chose."""
        if self.person:
            await remember_person(
                self.ports,
                self.caller,
                display_name=self.person.display_name,
                username=self.person.username,
                language=language,
            )


def card_of_draft(draft: Draft) -> str:
    """The card whose button led to the question, so that it is used up once the question was answered."""
    return (draft.argument or "").partition(_CARD_MARK)[2]
