"""What guards the way into an account: freezing, devices, resets and moves. A part of the table in ``bot.app``."""

from __future__ import annotations

from typing import Final

from bot.actions import Action, Question
from bot.handlers import freeze, start
from bot.handlers.admin import freezing
from bot.routes import Handler, Kind, Route, code, command, does, shows
from wallet_core.domain.errors import Reason
from wallet_core.domain.people import Access

_RECOVERY: Final = frozenset({Reason.WRONG_RECOVERY_CODE, Reason.CODE_LOCKED})


def _secret(question: Question, run: Handler, access: Access) -> Route:
    """The answer to a question for a recovery code."""
    return Route(Kind.ANSWER, question, run, access, secret=True, mends=_RECOVERY)


ACCESS_ROUTES: Final[tuple[Route, ...]] = (
    command("recover", start.recover, Access.ANYONE),
    _secret(Question.RECOVERY_CODE, start.recovery_code, Access.ANYONE),
    # Whoever freezes is in a hurry.
    command("freeze", freeze.freeze_now),
    shows(Action.FREEZE, freeze.ask_freeze),
    does(Action.FREEZE_NOW, freeze.freeze_now),
    command("unfreeze", freeze.ask_unfreeze),
    shows(Action.UNFREEZE, freeze.ask_unfreeze),
    code(Question.UNFREEZE_CODE, freeze.unfreeze_code),
    command("freezeuser", freezing.freeze_user, Access.SUPPORT),
    shows(Action.USER_FREEZE, freezing.ask_reason, Access.SUPPORT),
    Route(Kind.ANSWER, Question.USER_FREEZE_REASON, freezing.reason, Access.SUPPORT, mends=frozenset({Reason.BAD_END})),
    code(Question.USER_FREEZE_CODE, freezing.freeze_code, Access.SUPPORT),
    command("unfreezeuser", freezing.unfreeze_user, Access.FINANCE),
    shows(Action.USER_UNFREEZE, freezing.unfreeze_button, Access.FINANCE),
    code(Question.USER_UNFREEZE_CODE, freezing.unfreeze_code, Access.FINANCE),
)
