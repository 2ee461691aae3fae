"""What waits for a second admin; approving it, refusing it, taking it back."""

from __future__ import annotations

from dataclasses import replace

from bot.actions import Question
from bot.context import Turn
from bot.views import approvals as views
from wallet_core.domain.approval import Approval
from wallet_core.domain.errors import AlreadyDone
from wallet_core.use_cases.approve import approve as approve_it
from wallet_core.use_cases.refuse_approval import refuse_approval
from wallet_core.use_cases.show_approval import show_approval
from wallet_core.use_cases.show_approvals import show_approvals
from wallet_core.use_cases.take_back_approval import take_back_approval

_APPROVE, _REFUSE = "approve", "refuse"


async def waiting(turn: Turn) -> None:
    """Shows all that waits."""
    await turn.show(views.waiting(turn.words, await show_approvals(turn.ports, turn.caller)))


async def one(turn: Turn) -> None:
    """Shows one below everything; its older message goes away."""
    shown = await show_approval(turn.ports, turn.caller, turn.argument)
    card = replace(views.approval(turn.words, shown.facts), thread=shown.thread)
    if card.thread:
        await turn.chats.delete_thread(card.thread)
    await turn.show(card, fresh=True)


async def approve(turn: Turn) -> None:
    """Asks for the admin's code to approve."""
    await _ask(turn, _APPROVE)


async def refuse(turn: Turn) -> None:
    """Asks for the admin's code to refuse."""
    await _ask(turn, _REFUSE)


async def code(turn: Turn) -> None:
    """Decides, once; the cards of all admins tell."""
    wanted, approval_id = turn.argument.split()
    decide = approve_it if wanted == _APPROVE else refuse_approval
    try:
        found = await decide(turn.ports, turn.caller, approval_id, turn.text)
    except AlreadyDone as done:
        await _told_before(turn, done)
    else:
        await turn.show(views.decided(turn.words, found))


async def take_back(turn: Turn) -> None:
    """Nothing comes of what one asked for."""
    try:
        found = await take_back_approval(turn.ports, turn.caller, turn.argument)
    except AlreadyDone as done:
        await _told_before(turn, done)
    else:
        await turn.show(views.decided(turn.words, found), fresh=True)


async def _told_before(turn: Turn, done: AlreadyDone) -> None:
    if not isinstance(done.result, Approval):
        raise done
    await turn.show(views.decided_before(turn.words, done.result), fresh=True)


async def _ask(turn: Turn, wanted: str) -> None:
    approves = wanted == _APPROVE
    shown = await show_approval(turn.ports, turn.caller, turn.argument, approves=approves)
    purpose = views.purpose(turn.words, shown.facts, approve=approves)
    await turn.ask_code(Question.APPROVAL_CODE, purpose, f"{wanted} {turn.argument}")
