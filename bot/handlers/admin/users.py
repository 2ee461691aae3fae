"""/user: a person's card and timeline, for those who help people."""

from __future__ import annotations

from bot.context import Turn
from bot.views import messages
from bot.views import users as views
from wallet_core.use_cases.journal_pages import Towards
from wallet_core.use_cases.look_up_person import PersonSheet, look_up_person
from wallet_core.use_cases.show_timeline import show_timeline


async def look_up(turn: Turn) -> None:
    """``/user <id | @name | transaction | withdrawal>`` shows the card of a person."""
    if turn.text.strip():
        await _show(turn, turn.text)
    else:
        await turn.say(messages.usage(turn.words, "/user 123456789"))


async def look_up_again(turn: Turn) -> None:
    """Shows the card as it is now; the button carries the person."""
    await _show(turn, turn.argument)


async def timeline(turn: Turn) -> None:
    """Shows a page; the button carries the person, and where to go on."""
    person, towards, place = [*turn.argument.split(), "", ""][:3]
    to = Towards(towards) if towards else Towards.OLDER
    page = await show_timeline(turn.ports, turn.caller, int(person), to, int(place) if place else None)
    await turn.show(views.timeline(turn.words, int(person), page))


async def _show(turn: Turn, text: str) -> None:
    found = await look_up_person(turn.ports, turn.caller, text)
    if isinstance(found, PersonSheet):
        await turn.show(views.user(turn.words, found, turn.guards.role))
    else:
        await turn.show(views.several(turn.words, found))
