"""What a person did: /history and its records, /statement."""

from __future__ import annotations

import asyncio

from bot.context import Turn
from bot.views import history as views
from bot.views.history import Position
from wallet_core.domain.period import range_of
from wallet_core.domain.statement_csv import as_csv
from wallet_core.use_cases.show_history import show_history
from wallet_core.use_cases.show_record import show_record
from wallet_core.use_cases.statement import statement


async def history(turn: Turn) -> None:
    """Shows a page of the history; the buttons carry the filter and the place at which to go on."""
    position = Position.of(turn.argument)
    page = await show_history(turn.ports, turn.caller, position.shown, position.towards, position.place)
    await turn.show(views.history(turn.words, page, position))


async def record(turn: Turn) -> None:
    """Shows one record; the button carries the page to go back to, and the record's key."""
    key = turn.argument.split(" ", 3)[-1]
    detail = await show_record(turn.ports, turn.caller, key)
    await turn.show(views.record(turn.words, detail, Position.of(turn.argument), turn.ports.settings.networks))


async def statement_file(turn: Turn) -> None:
    """``/statement``, with a month or the first and last day, or nothing for this month: sends the file."""
    now, hour = await turn.ports.store.now(), turn.ports.settings.day_starts_at_hour
    made = await statement(turn.ports, turn.caller, *range_of(turn.text, now, hour))
    table = await asyncio.to_thread(as_csv, made)
    await turn.show(views.statement(turn.words, made, table.encode()))
