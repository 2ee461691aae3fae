"""/resets: who asks for a reset of the second factor, and whether they are who they say."""

from __future__ import annotations

from bot.actions import Question
from bot.context import Turn
from bot.views import approvals
from bot.views import resets as views
from wallet_core.use_cases.check_reset import check_reset
from wallet_core.use_cases.show_resets import show_resets


async def resets(turn: Turn) -> None:
    """Shows what waits for a check, a card for each."""
    found = await show_resets(turn.ports, turn.caller)
    if not found:
        await turn.show(views.none_waiting(turn.words))
    for reset in found:
        facts = {"id": reset.id, "person": reset.person, "level": reset.level, "balance_minor": reset.balance_minor}
        await turn.show(views.to_check(turn.words, facts), fresh=True)


async def check(turn: Turn) -> None:
    """Asks for the admin's code."""
    _, how = turn.argument.split(" ", 1)
    await turn.ask_code(Question.RESET_CHECK_CODE, views.to_answer(turn.words, how), turn.argument)


async def check_code(turn: Turn) -> None:
    """Asks the other admins, or refuses."""
    reset_id, _, how = turn.argument.partition(" ")
    wanted = "" if how == views.NOBODY else how
    await check_reset(turn.ports, turn.caller, reset_id, wanted, turn.text)
    await turn.show(approvals.asked(turn.words) if wanted else views.reset_refused(turn.words))
