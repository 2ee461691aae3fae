"""Counts what people ask for, and says who goes too fast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from wallet_core.domain.guards import Guards
from wallet_core.domain.pace import Pace, PaceLimits, counted
from wallet_core.ports import Ports


@dataclass(frozen=True, slots=True)
class TooFast:
    """When to go on, and whether it is the first time in this window, so that it is told once."""

    until: datetime
    is_first: bool


async def keep_pace(ports: Ports, guards: Guards, pace: Pace) -> TooFast | None:
    """None while the person may go on. Costs one small write, whatever is asked for."""
    count = counted(guards, pace, _limits(ports))
    return await _over(ports, count.name, count.limit) if count else None


async def fill_line(ports: Ports, telegram: int) -> TooFast | None:
    """A line of updates is full: what comes on top is dropped. None where they were told in this window.

    A line is of a Telegram id and not of an account, so an account that moved shares none with the id that it left.
    """
    over = await _over(ports, f"{telegram}:line", 0)
    return over if over and over.is_first else None


async def _over(ports: Ports, name: str, limit: int) -> TooFast | None:
    tally = await ports.store.tally(name, timedelta(seconds=ports.settings.pace_seconds))
    return TooFast(tally.ends_at, tally.count == limit + 1) if tally.count > limit else None


def _limits(ports: Ports) -> PaceLimits:
    settings = ports.settings
    return PaceLimits(
        looks=settings.pace_looks,
        money=settings.pace_money,
        heavy=settings.pace_heavy,
        strangers=settings.pace_strangers,
        admins_factor=settings.pace_admins_factor,
    )
