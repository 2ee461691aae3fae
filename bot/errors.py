"""What a person is told when something did not work, in one place, and what is raised as an alarm for us."""

from __future__ import annotations

from typing import Final

import structlog
from telegram.error import TelegramError

from bot.metrics import FAILURES
from bot.views import messages
from bot.views.reasons import reason_text
from bot.views.words import Html, Words
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason, Refused, Unavailable

_LOG: Final = structlog.get_logger("bot")

#: Refusals after which a confirmation card is dead: what it offered ended.
FINAL: Final = frozenset({Reason.EXPIRED, Reason.WRONG_STATE, Reason.NOT_FOUND, Reason.POLICY})


def told(_: Words, error: Exception) -> Html:
    """The text for a person. Whatever is not the person's own matter is logged as an alarm, without telling details."""
    if isinstance(error, Refused):
        return Html(reason_text(_, error.reason, error.facts))
    if isinstance(error, AlreadyDone):
        return Html(messages.already_done(_))
    if isinstance(error, Unavailable):
        _LOG.warning("unavailable", error=str(error))
        return Html(messages.unavailable(_))
    alarm(error)
    return Html(messages.halted(_) if isinstance(error, InvariantViolated) else messages.failed(_))


def alarm(error: BaseException) -> None:
    """Raises an alarm about something that must not happen: a log line that operators are woken by, and a counter."""
    kind = "invariant" if isinstance(error, InvariantViolated) else type(error).__name__
    FAILURES.labels(kind=kind).inc()
    event = "telegram_failed" if isinstance(error, TelegramError) else "alarm"
    _LOG.critical(event, kind=kind, exc_info=error)
