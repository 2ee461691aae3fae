"""/role: an owner asks for a change of somebody's role; another owner agrees."""

from __future__ import annotations

from typing import Final

from bot.actions import Question
from bot.context import Turn
from bot.views import approvals, messages
from bot.views import roles as views
from wallet_core.domain.people import Role
from wallet_core.use_cases.change_role import change_role

_NONE: Final = "none"
_EXAMPLE: Final = "/role 123456789 finance"


async def role(turn: Turn) -> None:
    """``/role <id> <support|finance|owner|none>`` asks for the owner's code."""
    words = turn.text.lower().split()
    if len(words) != 2 or not _is_person(words[0]) or words[1] not in (*Role, _NONE):
        await turn.say(messages.usage(turn.words, _EXAMPLE))
        return
    person, wanted = int(words[0]), _role_of(words[1])
    await turn.ask_code(Question.ROLE_CODE, views.purpose(turn.words, person, wanted), f"{person} {words[1]}")


async def code(turn: Turn) -> None:
    """Asks the other owners, or lays one's own role down."""
    person, word = turn.argument.split()
    asked = await change_role(turn.ports, turn.caller, int(person), _role_of(word), turn.text)
    await turn.show(approvals.asked(turn.words) if asked else views.laid_down(turn.words, _role_of(word)))


def _is_person(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 16


def _role_of(word: str) -> Role | None:
    return None if word == _NONE else Role(word)
