"""What a person has and may do: /balance, /limits."""

from __future__ import annotations

import asyncio
from typing import Final

from bot.context import Turn
from bot.views import money
from bot.views.chart import balance_png
from wallet_core.use_cases.daily_balances import daily_balances
from wallet_core.use_cases.show_balance import show_balance
from wallet_core.use_cases.show_limits import show_limits

_CHART_DAYS: Final = 30


async def balance(turn: Turn) -> None:
    """Shows the balance."""
    await turn.show(money.balance(turn.words, await show_balance(turn.ports, turn.caller), turn.guards))


async def chart(turn: Turn) -> None:
    """Shows what the person had on each of the last days."""
    days = await daily_balances(turn.ports, turn.caller, _CHART_DAYS)
    png = await asyncio.to_thread(balance_png, days)
    await turn.show(money.balance_chart(turn.words, days, png))


async def limits(turn: Turn) -> None:
    """Shows used and left."""
    await turn.show(money.limits(turn.words, await show_limits(turn.ports, turn.caller)))
