"""/recurring: what is sent again and again by itself."""

from __future__ import annotations

from datetime import datetime

from bot.actions import Action, Question
from bot.context import Turn
from bot.views import recurring as views
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.money import Asset, parse_amount
from wallet_core.domain.recurrence import parse_rule
from wallet_core.domain.recurring_send import RecurringSend
from wallet_core.use_cases.confirm_recurring import confirm_recurring
from wallet_core.use_cases.end_recurring import end_recurring
from wallet_core.use_cases.pause_recurring import pause_recurring
from wallet_core.use_cases.propose_recurring import propose_recurring
from wallet_core.use_cases.resume_recurring import resume_recurring
from wallet_core.use_cases.show_recurring import show_recurring
from wallet_core.use_cases.skip_recurring import skip_recurring

_RULE_WORDS = {"daily": 2, "weekly": 3, "monthly": 3}


async def recurring(turn: Turn) -> None:
    """``/recurring 5 @name weekly fri 18:00 [note]`` offers one; alone it lists them."""
    if not turn.text:
        await turn.show(views.listed(turn.words, await show_recurring(turn.ports, turn.caller)))
        return
    amount_text, name, rule, note = _parsed(turn.text)
    await _propose(turn, amount_text, name, rule, note)


async def one(turn: Turn) -> None:
    """Shows one of them."""
    found = await show_recurring(turn.ports, turn.caller)
    send = next((send for send in found if send.id == turn.argument), None)
    if send is None:
        raise Refused(Reason.NOT_FOUND, what=RecurringSend.collection)
    await turn.show(views.one(turn.words, send), fresh=True)


async def ask_what(turn: Turn) -> None:
    """Asks how much, and to whom."""
    await turn.ask(Question.RECURRING_WHAT, views.what_question(turn.words))


async def what(turn: Turn) -> None:
    """Amount, name and note were written; asks when."""
    words = turn.text.split(maxsplit=2)
    parse_amount(words[0], Asset.ITD)
    if len(words) < 2:
        raise Refused(Reason.UNKNOWN_RECIPIENT, recipient="")
    about = " ".join(words).replace("|", " ")
    zone = turn.zone
    choices = views.presets(turn.words, zone, about)
    await turn.ask(Question.RECURRING_WHEN, views.when_question(turn.words, zone), about, more=choices)


async def chosen(turn: Turn) -> None:
    """One of the usual times was chosen."""
    rule, _, about = turn.argument.partition("\n")
    await turn.forget_question()
    await _propose_about(turn, about, rule)


async def when(turn: Turn) -> None:
    """The time was written."""
    await _propose_about(turn, turn.argument, turn.text)


async def confirm(turn: Turn) -> None:
    """Asks for the code: what goes by itself takes one always."""
    purpose = views.to_set_up(turn.words)
    await turn.ask_code(Question.RECURRING_CODE, purpose, turn.argument, cancel=Action.RECURRING_END)


async def code(turn: Turn) -> None:
    """Sets it up. Its card follows in the offer's own place."""
    await confirm_recurring(turn.ports, turn.caller, turn.argument, turn.text)


async def pause(turn: Turn) -> None:
    """Pauses it."""
    turn.toast = views.toast(turn.words, (await pause_recurring(turn.ports, turn.caller, turn.argument)).state)


async def resume(turn: Turn) -> None:
    """Resumes it."""
    turn.toast = views.toast(turn.words, (await resume_recurring(turn.ports, turn.caller, turn.argument)).state)


async def skip(turn: Turn) -> None:
    """Leaves out the run that the button was shown for."""
    recurring_id, due = turn.argument.split()
    await skip_recurring(turn.ports, turn.caller, recurring_id, datetime.fromisoformat(due))
    turn.toast = views.toast_skipped(turn.words)


async def end(turn: Turn) -> None:
    """Ends it, or turns the offer down."""
    await turn.forget_question()
    try:
        found = await end_recurring(turn.ports, turn.caller, turn.argument)
    except AlreadyDone as done:
        found = done.result
    turn.toast = views.toast(turn.words, found.state)


async def _propose_about(turn: Turn, about: str, rule: str) -> None:
    amount_text, name, *note = about.split(maxsplit=2)
    await _propose(turn, amount_text, name, rule, "".join(note))


async def _propose(turn: Turn, amount_text: str, name: str, rule_text: str, note: str) -> None:
    rule = parse_rule(rule_text, turn.zone)
    proposed = await propose_recurring(turn.ports, turn.caller, amount_text, name, rule, note=note)
    await turn.show(views.proposal(turn.words, proposed), fresh=True)


def _parsed(text: str) -> tuple[str, str, str, str]:
    """Amount, name, rule and note of the command. Raises ``Refused(BAD_RULE)``."""
    words = text.split()
    length = _RULE_WORDS.get(words[2].lower(), 0) if len(words) > 2 else 0
    if not length:
        raise Refused(Reason.BAD_RULE)
    return words[0], words[1], " ".join(words[2 : 2 + length]), " ".join(words[2 + length :])
