"""A second admin approves, or refuses, what another one asked for."""

from __future__ import annotations

from bot.actions import Question
from bot.context import Turn
from bot.views import approvals as views
from wallet_core.domain.approval import Approval
from wallet_core.domain.errors import AlreadyDone
from wallet_core.use_cases.approve import approve as approve_it
from wallet_core.use_cases.refuse_approval import refuse_approval

_APPROVE, _REFUSE = "approve", "refuse"


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
        if not isinstance(done.result, Approval):
            raise
        await turn.show(views.decided_before(turn.words, done.result))
    else:
        await turn.show(views.decided(turn.words, found))


async def _ask(turn: Turn, wanted: str) -> None:
    purpose = views.purpose(turn.words, approve=wanted == _APPROVE)
    await turn.ask_code(Question.APPROVAL_CODE, purpose, f"{wanted} {turn.argument}")
