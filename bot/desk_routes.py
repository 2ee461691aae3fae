"""What the admins' desk shows, and its switches: the routes that ``bot.app`` takes into its list."""

from __future__ import annotations

from typing import Final

from bot.actions import Action, Question
from bot.handlers.admin import desk, figures, rails
from bot.routes import Route, answer, code, command, does, shows
from wallet_core.domain.people import Access

DESK_ROUTES: Final[tuple[Route, ...]] = (
    command("batches", desk.batches, Access.SUPPORT),
    shows(Action.BATCH, figures.batch, Access.SUPPORT),
    command("hotwallets", figures.hot_wallets, Access.SUPPORT),
    shows(Action.HOT_WALLETS, figures.hot_wallets, Access.SUPPORT),
    command("rates", figures.rates, Access.SUPPORT),
    shows(Action.RATES, figures.rates, Access.SUPPORT),
    command("fees", figures.fees, Access.SUPPORT),
    shows(Action.FEES, figures.fees, Access.SUPPORT),
    command("statistics", figures.statistics, Access.SUPPORT),
    shows(Action.STATISTICS, figures.statistics, Access.SUPPORT),
    command("health", figures.health, Access.SUPPORT),
    shows(Action.HEALTH, figures.health, Access.SUPPORT),
    command("alarms", figures.alerts, Access.SUPPORT),
    shows(Action.ALERTS, figures.alerts, Access.SUPPORT),
    does(Action.ALERT_CLOSE, figures.alert_close, Access.FINANCE),
    code(Question.ALERT_CODE, figures.alert_code, Access.FINANCE),
    shows(Action.RAIL, rails.rail, Access.FINANCE),
    does(Action.RAIL_SET, rails.rail_set, Access.FINANCE),
    answer(Question.RAIL_WHY, rails.rail_why, frozenset(), access=Access.FINANCE),
    code(Question.RAIL_CODE, rails.rail_code, Access.FINANCE),
    command("rail", rails.rail_command, Access.FINANCE),
    shows(Action.MODE, rails.mode, Access.FINANCE),
    does(Action.MODE_SET, rails.mode_set, Access.FINANCE),
    answer(Question.MODE_WHY, rails.mode_why, frozenset(), access=Access.FINANCE),
    code(Question.MODE_CODE, rails.mode_code, Access.FINANCE),
    command("mode", rails.mode_command, Access.FINANCE),
    command("paynow", rails.pay_now_command, Access.FINANCE),
    does(Action.PAY_NOW, rails.pay_now_button, Access.FINANCE),
    code(Question.PAY_NOW_CODE, rails.pay_now_code, Access.FINANCE),
    does(Action.ALARM_CLEAR, rails.clear, Access.OWNER),
    code(Question.ALARM_CODE, rails.clear_code, Access.OWNER),
)
