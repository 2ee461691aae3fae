"""The review queue: withdrawals one by one with what the rules found; approve, or refuse with a reason."""

from __future__ import annotations

from bot.actions import Question
from bot.context import Turn
from bot.views import desk as desk_views
from bot.views import reviews as views
from wallet_core.domain.approval import Approval, ApprovalState
from wallet_core.domain.errors import AlreadyDone
from wallet_core.domain.payout import Withdrawal
from wallet_core.use_cases.review_withdrawal import review_withdrawal
from wallet_core.use_cases.show_reviews import show_reviews

_APPROVE, _REFUSE = "approve", "refuse"
_LONGEST_REASON = 200


async def reviews(turn: Turn) -> None:
    """Shows one of the withdrawals that wait."""
    await turn.show(views.review(turn.words, await show_reviews(turn.ports, turn.caller, turn.page)))


async def approve(turn: Turn) -> None:
    """Asks for the admin's code to approve."""
    await _ask(turn, _APPROVE, turn.argument)


async def refuse(turn: Turn) -> None:
    """Asks for the reason first."""
    await turn.ask(Question.REVIEW_WHY, views.why_question(turn.words, turn.argument), turn.argument)
    turn.keeps_tap = True


async def why(turn: Turn) -> None:
    """Takes the reason and asks for the admin's code."""
    said = " ".join(turn.text.split()).replace("|", "/")[:_LONGEST_REASON]
    await _ask(turn, _REFUSE, turn.argument, said)


async def code(turn: Turn) -> None:
    """Decides."""
    wanted, withdrawal_id, said = [*turn.argument.split(" ", 2), ""][:3]
    try:
        asked = await review_withdrawal(turn.ports, turn.caller, withdrawal_id, wanted == _APPROVE, turn.text, why=said)
    except AlreadyDone as done:
        await _told_before(turn, done)
    else:
        first = asked is not None and asked.state is ApprovalState.ASKED
        await turn.show(views.one_of_two(turn.words) if first else desk_views.done(turn.words))


async def _told_before(turn: Turn, done: AlreadyDone) -> None:
    if isinstance(done.result, Withdrawal):
        await turn.show(desk_views.decided_before(turn.words, done.result.state))
    elif isinstance(done.result, Approval):
        await turn.show(views.has_asked(turn.words))
    else:
        raise done


async def _ask(turn: Turn, wanted: str, withdrawal_id: str, said: str = "") -> None:
    purpose = desk_views.review_purpose(turn.words, approve=wanted == _APPROVE, reference=withdrawal_id)
    await turn.ask_code(Question.REVIEW_CODE, purpose, f"{wanted} {withdrawal_id} {said}".strip())
