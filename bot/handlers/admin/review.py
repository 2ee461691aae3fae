"""Approve or refuse a withdrawal that waits for review."""

from __future__ import annotations

from bot.actions import Question
from bot.context import Turn
from bot.views import desk as views
from wallet_core.domain.errors import AlreadyDone
from wallet_core.domain.payout import Withdrawal
from wallet_core.use_cases.review_withdrawal import review_withdrawal

_APPROVE, _REFUSE = "approve", "refuse"


async def approve(turn: Turn) -> None:
    """Asks for the admin's code to approve."""
    await _ask(turn, _APPROVE)


async def refuse(turn: Turn) -> None:
    """Asks for the admin's code to refuse."""
    await _ask(turn, _REFUSE)


async def code(turn: Turn) -> None:
    """Decides."""
    wanted, withdrawal_id = turn.argument.split()
    try:
        await review_withdrawal(turn.ports, turn.caller, withdrawal_id, wanted == _APPROVE, turn.text)
    except AlreadyDone as done:
        if not isinstance(done.result, Withdrawal):
            raise
        await turn.show(views.decided_before(turn.words, done.result.state))
    else:
        await turn.show(views.done(turn.words))


async def _ask(turn: Turn, wanted: str) -> None:
    purpose = views.review_purpose(turn.words, approve=wanted == _APPROVE, reference=turn.argument)
    await turn.ask_code(Question.REVIEW_CODE, purpose, f"{wanted} {turn.argument}")
