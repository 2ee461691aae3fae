"""/admin: the desk, the queue and the batches."""

from __future__ import annotations

from bot.commands import show_admin_commands
from bot.context import Turn
from bot.views import desk as views
from wallet_core.domain.people import access_of
from wallet_core.use_cases.show_batches import show_batches
from wallet_core.use_cases.show_desk import show_desk
from wallet_core.use_cases.show_queue import show_queue


async def desk(turn: Turn) -> None:
    """Shows rails, queues and reviews."""
    shown = await show_desk(turn.ports, turn.caller)
    await turn.show(views.desk(turn.words, shown, access_of(turn.guards.role)))
    if turn.tap is None:
        await show_admin_commands(turn.chats.bot, turn.words, turn.chat, turn.guards.role)


async def queue(turn: Turn) -> None:
    """Shows a page of the payouts that are not settled."""
    await turn.show(views.queue(turn.words, await show_queue(turn.ports, turn.caller, turn.page)))


async def batches(turn: Turn) -> None:
    """Shows a page of the batches that are not settled."""
    await turn.show(views.batches(turn.words, await show_batches(turn.ports, turn.caller, turn.page)))
