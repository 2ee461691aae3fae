"""The switches of rails and of the whole wallet, payment at once, and a worker's alarm. Each takes the admin's code."""

from __future__ import annotations

from typing import Final

from bot.actions import Question
from bot.context import Turn
from bot.views import desk, messages
from bot.views import rails as views
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.mode import Mode
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import RailState
from wallet_core.use_cases.clear_alarm import clear_alarm
from wallet_core.use_cases.pay_now import pay_now
from wallet_core.use_cases.set_mode import set_mode
from wallet_core.use_cases.set_rail import set_rail
from wallet_core.use_cases.show_desk import show_desk

#: A rail, a position and at least a word of why.
_RAIL_WORDS: Final = 3
_MODE_WORDS: Final = 2


async def rail(turn: Turn) -> None:
    """Shows the switch of one rail, or of all of them."""
    if turn.argument == views.ALL:
        await turn.show(views.all_rails(turn.words))
        return
    shown = await show_desk(turn.ports, turn.caller)
    found = next((one.rail for one in shown.rails if one.rail.id == turn.argument), None)
    if found is None:
        raise Refused(Reason.NOT_FOUND, what="rail")
    await turn.show(views.rail_card(turn.words, found))


async def rail_set(turn: Turn) -> None:
    """Asks why, before the code."""
    which, state = turn.argument.split()
    purpose = views.rail_purpose(turn.words, which, RailState(state))
    await _ask_why(turn, Question.RAIL_WHY, purpose)


async def rail_why(turn: Turn) -> None:
    """Asks for the code."""
    await _ask_rail(turn, turn.argument, turn.text)


async def rail_command(turn: Turn) -> None:
    """``/rail <coin or all> <position> <why>`` does the same."""
    words = turn.text.split()
    if len(words) < _RAIL_WORDS or words[1].lower() not in views.POSITIONS:
        await turn.say(messages.usage(turn.words, f"/rail BTC {'|'.join(views.POSITIONS)} why"))
        return
    which, state = words[0].upper(), views.POSITIONS[words[1].lower()]
    known = [one.rail.id for one in (await show_desk(turn.ports, turn.caller)).rails]
    if which != views.ALL and which not in known:
        raise Refused(Reason.UNKNOWN_ASSET, assets=tuple(known))
    await _ask_rail(turn, f"{which} {state}", " ".join(words[2:]))


async def rail_code(turn: Turn) -> None:
    """Sets the switch."""
    which, state, why = turn.argument.split(" ", 2)
    asset = None if which == views.ALL else Asset(which)
    await set_rail(turn.ports, turn.caller, asset, RailState(state), turn.text, why=why)
    await turn.show(desk.done(turn.words))


async def mode(turn: Turn) -> None:
    """Shows the switch of the whole wallet."""
    await turn.show(views.mode_card(turn.words, (await show_desk(turn.ports, turn.caller)).board))


async def mode_set(turn: Turn) -> None:
    """Asks why, before the code."""
    await _ask_why(turn, Question.MODE_WHY, views.mode_purpose(turn.words, Mode(turn.argument)))


async def mode_why(turn: Turn) -> None:
    """Asks for the code."""
    await _ask_mode(turn, Mode(turn.argument), turn.text)


async def mode_command(turn: Turn) -> None:
    """``/mode <position> <why>`` does the same; alone it shows the switch."""
    words = turn.text.split()
    if not words:
        await mode(turn)
    elif len(words) < _MODE_WORDS or words[0].lower() not in views.MODES:
        await turn.say(messages.usage(turn.words, f"/mode {'|'.join(views.MODES)} why"))
    else:
        await _ask_mode(turn, views.MODES[words[0].lower()], " ".join(words[1:]))


async def mode_code(turn: Turn) -> None:
    """Switches the whole wallet."""
    wanted, why = turn.argument.split(" ", 1)
    await set_mode(turn.ports, turn.caller, Mode(wanted), why, turn.text)
    await turn.show(desk.done(turn.words))


async def pay_now_button(turn: Turn) -> None:
    """Asks for the code to have what is queued paid at once."""
    await _ask_pay_now(turn, Asset(turn.argument))


async def pay_now_command(turn: Turn) -> None:
    """``/paynow <coin>`` does the same. Raises ``Refused(UNKNOWN_ASSET)``."""
    rails = [one.rail.id for one in (await show_desk(turn.ports, turn.caller)).rails]
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
    await turn.show(desk.done(turn.words))


async def _ask_pay_now(turn: Turn, asset: Asset) -> None:
    await turn.ask_code(Question.PAY_NOW_CODE, views.pay_now_purpose(turn.words, asset), asset)


async def _ask_why(turn: Turn, question: Question, purpose: str) -> None:
    await turn.ask(question, views.why_question(turn.words, purpose), turn.argument)
    turn.keeps_tap = True


async def _ask_rail(turn: Turn, argument: str, why: str) -> None:
    which, state = argument.split()
    purpose = views.rail_purpose(turn.words, which, RailState(state))
    await turn.ask_code(Question.RAIL_CODE, purpose, f"{argument} {_line(why)}")


async def _ask_mode(turn: Turn, wanted: Mode, why: str) -> None:
    await turn.ask_code(Question.MODE_CODE, views.mode_purpose(turn.words, wanted), f"{wanted} {_line(why)}")


def _line(why: str) -> str:
    """One line; the mark that parts a question from its card may not stand in it."""
    return " ".join(why.replace("|", "/").split()) or "–"
