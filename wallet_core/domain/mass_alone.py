"""How much one admin may start in mass without a second one: in all within a day, however many files it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import ChangeGuards, Guards, StartedAlone
from wallet_core.domain.record import Document

_WINDOW: Final = timedelta(hours=24)
#: What ``Refused(CHANGED_MEANWHILE)`` names when another start of the payer's came in between.
MASS_STARTS: Final = "mass_starts"


def alone_minor(guards: Guards, now: datetime) -> int:
    """ITD minor units of what the person started alone within the last 24 hours."""
    return sum(start.amount_minor for start in _recent(guards, now))


def started_alone(person: int, amount_minor: int, above_minor: int) -> ChangeGuards:
    """One more start without approval. Refuses with CHANGED_MEANWHILE when that would be above the limit in all."""

    def change(guards: Guards, now: datetime) -> Document:
        if alone_minor(guards, now) + amount_minor > above_minor:
            raise Refused(Reason.CHANGED_MEANWHILE, what=MASS_STARTS)
        return guards.with_(mass_starts=(*_recent(guards, now), StartedAlone(at=now, amount_minor=amount_minor)))

    return ChangeGuards(person, change)


def _recent(guards: Guards, now: datetime) -> tuple[StartedAlone, ...]:
    return tuple(start for start in guards.mass_starts if start.at > now - _WINDOW)
