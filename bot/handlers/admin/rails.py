"""Pause, resume or close the payouts of a chain, have them made at once, and clear the alarm of its worker."""

from __future__ import annotations

from bot.actions import Question
from bot.context import Turn
from bot.views import desk as views
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import RailState
from wallet_core.use_cases.clear_alarm import clear_alarm
from wallet_core.use_cases.pay_now import pay_now
from wallet_core.use_cases.set_rail import set_rail
from wallet_core.use_cases.show_desk import show_desk


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


async def pay_now_button(turn: Turn) -> None:
    """Asks for the code to have what is queued paid at once."""
    await _ask_pay_now(turn, Asset(turn.argument))


async def pay_now_command(turn: Turn) -> None:
    """``/paynow <coin>`` does the same. Raises ``Refused(UNKNOWN_ASSET)``."""
    rails = [rail.rail.id for rail in (await show_desk(turn.ports, turn.caller)).rails]
    wanted = turn.text.strip().upper()
    if wanted not in rails:
        raise Refused(Reason.UNKNOWN_ASSET, assets=tuple(rails))
    await _ask_pay_now(turn, Asset(wanted))


async def pay_now_code(turn: Turn) -> None:
    """Asks the worker."""
    asset = Asset(turn.argument)
    await pay_now(turn.ports, turn.caller, asset, turn.text)
    await turn.show(views.pay_now_asked(turn.words, asset))


async def clear(turn: Turn) -> None:
    """Asks for the owner's code to clear a worker's alarm."""
    asset = Asset(turn.argument)
    await turn.ask_code(Question.ALARM_CODE, views.alarm_purpose(turn.words, asset), asset)


async def clear_code(turn: Turn) -> None:
    """Clears the alarm; payouts stay paused until they are resumed."""
    await clear_alarm(turn.ports, turn.caller, Asset(turn.argument), turn.text)
    await turn.show(views.done(turn.words))


async def _ask_pay_now(turn: Turn, asset: Asset) -> None:
    await turn.ask_code(Question.PAY_NOW_CODE, views.pay_now_purpose(turn.words, asset), asset)


async def _ask(turn: Turn, state: RailState) -> None:
    asset = Asset(turn.argument)
    await turn.ask_code(Question.RAIL_CODE, views.rail_purpose(turn.words, asset, state), f"{asset} {state}")
