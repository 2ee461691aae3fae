"""Pause, resume or close the payouts of a chain, and clear the alarm of its worker."""

from __future__ import annotations

from bot.actions import Question
from bot.context import Turn
from bot.views import desk as views
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import RailState
from wallet_core.use_cases.clear_alarm import clear_alarm
from wallet_core.use_cases.set_rail import set_rail


async def pause(turn: Turn) -> None:
    """New requests queue, nothing is paid."""
    await _ask(turn, RailState.PAUSED)


async def resume(turn: Turn) -> None:
    """Payouts go on."""
    await _ask(turn, RailState.RUNNING)


async def close(turn: Turn) -> None:
    """New requests are refused as well."""
    await _ask(turn, RailState.CLOSED)


async def code(turn: Turn) -> None:
    """Sets the switch."""
    asset, state = turn.argument.split()
    await set_rail(turn.ports, turn.caller, Asset(asset), RailState(state), turn.text)
    await turn.show(views.done(turn.words))


async def clear(turn: Turn) -> None:
    """Asks for the owner's code to clear a worker's alarm."""
    asset = Asset(turn.argument)
    await turn.ask_code(Question.ALARM_CODE, views.alarm_purpose(turn.words, asset), asset)


async def clear_code(turn: Turn) -> None:
    """Clears the alarm; payouts stay paused until they are resumed."""
    await clear_alarm(turn.ports, turn.caller, Asset(turn.argument), turn.text)
    await turn.show(views.done(turn.words))


async def _ask(turn: Turn, state: RailState) -> None:
    asset = Asset(turn.argument)
    await turn.ask_code(Question.RAIL_CODE, views.rail_purpose(turn.words, asset, state), f"{asset} {state}")
