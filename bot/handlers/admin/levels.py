"""/levels: the table of limits, a draft of the next one, and asking another owner to approve it."""

from __future__ import annotations

from bot.actions import Question
from bot.context import Turn
from bot.views import approvals
from bot.views import level_tables as views
from wallet_core.use_cases.ask_levels import ask_levels
from wallet_core.use_cases.change_levels import change_levels
from wallet_core.use_cases.discard_levels import discard_levels
from wallet_core.use_cases.show_level_tables import show_level_tables
from wallet_core.use_cases.show_levels import show_levels


async def show(turn: Turn) -> None:
    """Shows the table that counts, the next one, and what the draft would change."""
    await turn.show(views.levels(turn.words, await show_levels(turn.ports, turn.caller), turn.guards.role))


async def change(turn: Turn) -> None:
    """``/level 2 payout 12 3000`` changes the draft; see ``change_levels``."""
    await change_levels(turn.ports, turn.caller, turn.text)
    await show(turn)


async def discard(turn: Turn) -> None:
    """Throws the draft away."""
    await discard_levels(turn.ports, turn.caller)
    await show(turn)


async def tables(turn: Turn) -> None:
    """Shows a page of the tables that there were."""
    await turn.show(views.tables(turn.words, await show_level_tables(turn.ports, turn.caller, turn.page)))


async def ask(turn: Turn) -> None:
    """Asks for the owner's code; which draft was shown goes with the question."""
    shown = await show_levels(turn.ports, turn.caller)
    await turn.ask_code(Question.LEVELS_CODE, views.purpose(turn.words, shown), turn.argument)


async def ask_code(turn: Turn) -> None:
    """Asks the other owners."""
    await ask_levels(turn.ports, turn.caller, turn.argument, turn.text)
    await turn.show(approvals.asked(turn.words))
