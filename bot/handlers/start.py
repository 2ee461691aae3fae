"""/start: the enrolment for somebody new, the menu for everybody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot import links
from bot.actions import Question
from bot.context import Turn
from bot.handlers.claims import show_what_waits
from bot.handlers.home import home
from bot.handlers.pairing import delete_pairing, pairing_thread, show_pairing
from bot.views import messages
from wallet_core.use_cases.begin_enrolment import Enrolment, begin_enrolment
from wallet_core.use_cases.confirm_enrolment import confirm_enrolment

#: The pending secret does not expire, and neither does the way to confirm it, for as long as a draft is kept.
_ENROLMENT_LIFETIME: Final = timedelta(days=30)


async def start(turn: Turn) -> None:
    """Opens the link by which the person came, or home; who has not enrolled does that first, whatever the link."""
    if turn.guards.enrolled:
        await (links.follow(turn, turn.text) if turn.text else home(turn))
        return
    if turn.text:
        await links.remember(turn, turn.text)
    await show_enrolment(turn, await begin_enrolment(turn.ports, turn.caller))


async def first_code(turn: Turn) -> None:
    """Confirms the enrolment; then picture and key are deleted, and recovery codes come by the outbox."""
    await confirm_enrolment(turn.ports, turn.caller, turn.text)
    await delete_pairing(turn)
    await turn.show(messages.enrolled(turn.words))
    await show_what_waits(turn)
    await links.follow_remembered(turn)


async def show_enrolment(turn: Turn, enrolment: Enrolment) -> None:
    """Shows the two steps of pairing, and waits for the first code."""
    card = messages.enrolment(turn.words, enrolment, pairing_thread(turn))
    await show_pairing(turn, card, Question.ENROL_CODE, _ENROLMENT_LIFETIME)
