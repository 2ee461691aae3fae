"""/start: the enrolment for somebody new, the menu for everybody else. /recover: the way back after a lost device."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot import links
from bot.actions import Question
from bot.chats import picture_thread
from bot.context import Turn
from bot.handlers.claims import show_what_waits
from bot.handlers.home import home
from bot.views import messages
from wallet_core.domain.errors import Reason, Refused
from wallet_core.use_cases.begin_enrolment import Enrolment, begin_enrolment
from wallet_core.use_cases.confirm_enrolment import confirm_enrolment
from wallet_core.use_cases.recover_access import recover_access

#: The pending secret does not expire, and neither does the way to confirm it, for as long as a draft is kept.
_ENROLMENT_LIFETIME: Final = timedelta(days=30)


async def start(turn: Turn) -> None:
    """Opens the link by which the person came, or home; who has not enrolled does that first, whatever the link."""
    if turn.guards.enrolled:
        await (links.follow(turn, turn.text) if turn.text else home(turn))
        return
    if turn.text:
        await links.remember(turn, turn.text)
    await _show_enrolment(turn, await begin_enrolment(turn.ports, turn.caller))


async def first_code(turn: Turn) -> None:
    """Confirms the enrolment; then picture and key are deleted, and recovery codes come by the outbox."""
    await confirm_enrolment(turn.ports, turn.caller, turn.text)
    await _delete_enrolment(turn)
    await turn.show(messages.enrolled(turn.words))
    await show_what_waits(turn)
    await links.follow_remembered(turn)


async def recover(turn: Turn) -> None:
    """Asks for a recovery code. Raises ``Refused(ENROL_FIRST)`` where there is nothing to recover."""
    if not turn.guards.recovery_hashes:
        raise Refused(Reason.ENROL_FIRST)
    await turn.ask(Question.RECOVERY_CODE, messages.recovery_question(turn.words))


async def recovery_code(turn: Turn) -> None:
    """Ends the old device and shows the enrolment of a new one."""
    enrolment = await recover_access(turn.ports, turn.caller, turn.text)
    await _show_enrolment(turn, enrolment)


async def _show_enrolment(turn: Turn, enrolment: Enrolment) -> None:
    await _delete_enrolment(turn)
    await turn.show(messages.enrolment(turn.words, enrolment, _thread(turn)))
    await turn.wait_for(Question.ENROL_CODE, lifetime=_ENROLMENT_LIFETIME)


async def _delete_enrolment(turn: Turn) -> None:
    thread = _thread(turn)
    await turn.chats.delete_thread(picture_thread(thread))
    await turn.chats.delete_thread(thread)


def _thread(turn: Turn) -> str:
    return f"enrolment:{turn.caller.person}"
