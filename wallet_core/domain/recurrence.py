"""When something that comes again is due, by the clock on a person's wall. Pure.

Rules are of the calendar: a day, a week, a month. Where a month is too short, its last day; where the clock leaps over
the time in spring, as much later; where it shows it twice in autumn, the first of both (PEP 495, fold 0).
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict

from wallet_core.domain.errors import Reason, Refused


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
