"""How each route is counted when somebody goes fast; what is not named here is a look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.actions import Action, Question
from bot.routes import CHOSEN, PRESSED, Route
from wallet_core.domain.pace import Pace

_FREE: Final = ("freeze", Action.FREEZE, Action.FREEZE_NOW, Action.QUESTION_CANCEL)
_MONEY: Final = (
    "send", "tip", "buy", "withdraw", CHOSEN, PRESSED,
    Question.SEND_AMOUNT, Question.SEND_RECIPIENT, Action.SEND_CONFIRM,
    Question.BUY_AMOUNT, Action.BUY_CONFIRM,
    Question.WITHDRAW_AMOUNT, Question.WITHDRAW_ADDRESS, Action.WITHDRAW_CONFIRM,
    Question.REFUND_ADDRESS, Action.REFUND_CONFIRM,
)  # fmt: skip
_HEAVY: Final = (
    "statement", "dryrun",
    Action.BALANCE_CHART, Action.STATEMENT, Action.POLICY_DRY_RUN, Action.POLICY_DRY_RUN_ASKED,
    Action.MASS_RESULT, Action.MASS_LINES,
)  # fmt: skip

PACES: Final[Mapping[str, Pace]] = {
    name: pace for pace, names in {Pace.FREE: _FREE, Pace.MONEY: _MONEY, Pace.HEAVY: _HEAVY}.items() for name in names
}


def pace_of(route: Route) -> Pace:
    """Codes are never held up: they have a brake of their own, and a thief must not keep the owner from giving one."""
    return Pace.FREE if route.secret else PACES.get(route.name, Pace.LOOKS)
