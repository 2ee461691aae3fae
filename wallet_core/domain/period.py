"""Days and ranges of days, as people type them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.kyc import day_of

_MONTH: Final = re.compile(r"\d{4}-\d{2}", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def range_of(text: str, now: datetime, starts_at_hour: int) -> tuple[datetime, datetime]:
    """The range that somebody typed: nothing (this month), a month, a day, or the first and the last day of it.

    Days begin at this hour (UTC). Raises ``Refused(BAD_RANGE)`` for anything else, and for what begins after its end
    or in the future.
    """
    today = date.fromisoformat(day_of(now, starts_at_hour))
    try:
        first, after = _days(text.split() or [f"{today:%Y-%m}"])
    except (ValueError, OverflowError):
        raise Refused(Reason.BAD_RANGE, today=today) from None
    if not first < after or first > today:
        raise Refused(Reason.BAD_RANGE, today=today)
    hour = time(starts_at_hour, tzinfo=UTC)
    return datetime.combine(first, hour), datetime.combine(after, hour)


def _days(words: list[str]) -> tuple[date, date]:
    """The first day, and the day after the last."""
    if len(words) == 1 and _MONTH.fullmatch(words[0]):
        first = date.fromisoformat(f"{words[0]}-01")
        return first, (first + timedelta(days=31)).replace(day=1)
    if len(words) > 2 or not all(_DAY.fullmatch(word) for word in words):
        raise ValueError(words)
    return date.fromisoformat(words[0]), date.fromisoformat(words[-1]) + timedelta(days=1)
