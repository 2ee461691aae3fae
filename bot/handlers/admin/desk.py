"""/admin: the desk and the queue."""

from __future__ import annotations

from bot.commands import show_admin_commands
from bot.context import Turn
from bot.views import desk as views
from wallet_core.use_cases.show_desk import show_desk
from wallet_core.use_cases.show_queue import PAGE_SIZE, show_queue


async def desk(turn: Turn) -> None:
    """Shows rails, queue and reviews."""
    await turn.show(views.desk(turn.words, await show_desk(turn.ports, turn.caller)))
    if turn.tap is None:
        await show_admin_commands(turn.chats.bot, turn.words, turn.chat)


async def queue(turn: Turn) -> None:
    """Shows a page of the payouts that are not settled."""
    page = int(turn.argument) if turn.argument.isdecimal() else 1
    payouts = await show_queue(turn.ports, turn.caller, page)
    await turn.show(views.queue(turn.words, page, payouts, PAGE_SIZE))
