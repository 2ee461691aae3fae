"""When something that comes again is due, by the clock on a person's wall. Pure.

Rules are of the calendar: a day, a week, a month. Where a month is too short, its last day; where the clock leaps over
the time in spring, as much later; where it shows it twice in autumn, the first of both (PEP 495, fold 0).
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict

from wallet_core.domain.errors import Reason, Refused

#: Of what is typed: no rule is longer.
_LONGEST: Final = 40
_LAST_DAY: Final = 31


class Every(StrEnum):
    """How often."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Rule(BaseModel):
    """``minute`` of the day on the wall, ``day`` of the week (Monday is 0) or of the month (from 1), in a zone."""

    model_config = ConfigDict(frozen=True)

    every: Every
    minute: int
    day: int = 0
    zone: str = "UTC"

    def next_after(self, moment: datetime) -> datetime:
        """The first time strictly after a moment, in UTC."""
        zone = ZoneInfo(self.zone)
        today = moment.astimezone(zone).date()
        # A time on the wall that does not exist comes later, so the day before may still be the next.
        day = self._first_day(today - timedelta(days=1))
        while (at := self._at(day, zone)) <= moment:
            day = self._day_after(day)
        return at

    def _at(self, day: date, zone: ZoneInfo) -> datetime:
        wall = time(self.minute // 60, self.minute % 60)
        return datetime.combine(day, wall, zone).astimezone(UTC)

    def _first_day(self, day: date) -> date:
        if self.every is Every.WEEK:
            return day + timedelta(days=(self.day - day.weekday()) % 7)
        return self._in_month(day.year, day.month) if self.every is Every.MONTH else day

    def _day_after(self, day: date) -> date:
        if self.every is Every.MONTH:
            return self._in_month(day.year + day.month // 12, day.month % 12 + 1)
        return day + timedelta(days=7 if self.every is Every.WEEK else 1)

    def _in_month(self, year: int, month: int) -> date:
        return date(year, month, min(self.day, calendar.monthrange(year, month)[1]))


def zone_of(text: str) -> str:
    """A zone's name, such as ``Europe/Berlin``, in whatever case it was typed. Raises ``Refused(UNKNOWN_ZONE)``."""
    typed = text.strip().replace(" ", "_").lower()[:64]
    found = next((name for name in available_timezones() if name.lower() == typed), None)
    if found is None:
        raise Refused(Reason.UNKNOWN_ZONE)
    return found


_TIME: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY: Final = {"daily": Every.DAY, "weekly": Every.WEEK, "monthly": Every.MONTH}


def parse_rule(text: str, zone: str) -> Rule:
    """``daily 18:00``, ``weekly mon 18:00`` or ``monthly 15 18:00``. Raises ``Refused(BAD_RULE)`` for anything else."""
    words = text.lower().split(maxsplit=4) if len(text) <= _LONGEST else []
    every = _EVERY.get(words[0]) if words else None
    time_of_day = _TIME.fullmatch(words[-1]) if words else None
    if every is None or time_of_day is None or len(words) != (2 if every is Every.DAY else 3):
        raise Refused(Reason.BAD_RULE)
    minute = int(time_of_day[1]) * 60 + int(time_of_day[2])
    return Rule(every=every, minute=minute, day=_day(every, words[1]), zone=zone)


def _day(every: Every, word: str) -> int:
    if every is Every.WEEK and word[:3] in _WEEKDAYS:
        return _WEEKDAYS.index(word[:3])
    if every is Every.MONTH and word.isascii() and word.isdecimal() and 1 <= int(word) <= _LAST_DAY:
        return int(word)
    if every is Every.DAY:
        return 0
    raise Refused(Reason.BAD_RULE)
