"""What a person has, may do and did: /balance, /history, /limits, /kyc."""

from __future__ import annotations

from bot.context import Turn
from bot.views import money
from wallet_core.use_cases.show_balance import show_balance
from wallet_core.use_cases.show_history import show_history
from wallet_core.use_cases.show_limits import show_limits


async def balance(turn: Turn) -> None:
    """Shows the balance."""
    await turn.show(money.balance(turn.words, await show_balance(turn.ports, turn.caller)))


async def history(turn: Turn) -> None:
    """Shows a page of the history; the buttons carry the page's number."""
    page = int(turn.argument) if turn.argument.isdecimal() else 1
    await turn.show(money.history(turn.words, await show_history(turn.ports, turn.caller, page)))


async def limits(turn: Turn) -> None:
    """Shows used and left."""
    await turn.show(money.limits(turn.words, await show_limits(turn.ports, turn.caller)))


async def levels(turn: Turn) -> None:
    """Shows the level, and what the next one gives."""
    await turn.show(money.levels(turn.words, await show_limits(turn.ports, turn.caller)))
