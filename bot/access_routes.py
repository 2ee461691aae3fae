"""What guards the way into an account: freezing, devices, resets and moves. A part of the table in ``bot.app``."""

from __future__ import annotations

from typing import Final

from bot.actions import Action, Question
from bot.handlers import access, freeze, move
from bot.handlers.admin import freezing, resets
from bot.routes import Handler, Kind, Route, code, command, does, shows
from wallet_core.domain.errors import Reason
from wallet_core.domain.people import Access

_RECOVERY: Final = frozenset({Reason.WRONG_RECOVERY_CODE, Reason.CODE_LOCKED})


def _secret(question: Question, run: Handler, access: Access) -> Route:
    """The answer to a question for a recovery code."""
    return Route(Kind.ANSWER, question, run, access, secret=True, mends=_RECOVERY)


ACCESS_ROUTES: Final[tuple[Route, ...]] = (
    command("recover", access.recover, Access.ANYONE),
    _secret(Question.RECOVERY_CODE, access.recovery_code, Access.ANYONE),
    command("device", access.device),
    code(Question.DEVICE_CODE, access.device_code),
    code(Question.DEVICE_FIRST_CODE, access.device_first_code),
    command("newcodes", access.new_codes),
    code(Question.NEW_CODES_CODE, access.new_codes_code),
    shows(Action.RESET_ASK, access.reset_ask),
    does(Action.RESET_CONFIRM, access.reset_confirm),
    does(Action.RESET_CANCEL, access.reset_cancel),
    code(Question.RESET_CANCEL_CODE, access.reset_cancel_code),
    does(Action.RESET_COMPLETE, access.reset_complete),
    command("resets", resets.resets, Access.SUPPORT),
    shows(Action.RESETS, resets.resets, Access.SUPPORT),
    does(Action.RESET_CHECK, resets.check, Access.FINANCE),
    code(Question.RESET_CHECK_CODE, resets.check_code, Access.FINANCE),
    # Whoever moves a wallet writes from a Telegram account that has none.
    command("move", move.move, Access.ANYONE),
    _secret(Question.MOVE_RECOVERY_CODE, move.recovery_code, Access.ANYONE),
    code(Question.MOVE_CODE, move.code, Access.ANYONE),
    does(Action.MOVE_CANCEL, move.cancel, Access.ANYONE),
    does(Action.MOVE_COMPLETE, move.complete, Access.ANYONE),
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
