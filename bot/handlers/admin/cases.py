"""The desk's cases: the list, one of them, and the decision about it."""

from __future__ import annotations

from bot.actions import Question
from bot.context import Turn
from bot.views import cases as views
from wallet_core.domain.case import Case, CaseChoice
from wallet_core.domain.errors import AlreadyDone
from wallet_core.use_cases.decide_case import decide_case
from wallet_core.use_cases.show_case import show_case
from wallet_core.use_cases.show_cases import show_cases


async def cases(turn: Turn) -> None:
    """Shows a page of the cases that are not over."""
    await turn.show(views.cases(turn.words, await show_cases(turn.ports, turn.caller, turn.page)))


async def case(turn: Turn) -> None:
    """Shows one with everything that is known of it, and its buttons."""
    await turn.show(views.case(turn.words, await show_case(turn.ports, turn.caller, turn.argument)))


async def decide(turn: Turn) -> None:
    """Asks for the admin's code; what the button's card showed goes with the question."""
    choice, case_id, _seen = turn.argument.split()
    await turn.ask_code(Question.CASE_CODE, views.purpose(turn.words, CaseChoice(choice), case_id), turn.argument)


async def code(turn: Turn) -> None:
    """Decides, or tells how it went on meanwhile."""
    choice, case_id, seen = turn.argument.split()
    try:
        made = await decide_case(turn.ports, turn.caller, case_id, CaseChoice(choice), seen=int(seen), code=turn.text)
    except AlreadyDone as done:
        if not isinstance(done.result, Case):
            raise
        row = await show_case(turn.ports, turn.caller, case_id)
        await turn.show(views.decided_before(turn.words, row))
    else:
        await turn.show(views.decided(turn.words, made))
