"""How often and how much within an hour, a day and a week, counted back from now.

The daily limit starts anew at midnight, so that twice of it goes through within minutes around it; this does not.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import Field

from wallet_core.domain.errors import Reason
from wallet_core.domain.policies.decision import Finding, Parameters, Verdict
from wallet_core.domain.policies.facts import MOST_REQUESTS, EarlierRequest, PolicyFacts

#: The windows, by how their parameters begin.
WINDOWS: Final = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


class Velocity(Parameters):
    """The most requests, and ITD minor units, within each window.

    None: as many as there are. An amount without a count holds for ``MOST_REQUESTS``: what came before them is unknown.
    """

    hour_count: int | None = Field(default=30, ge=1, le=MOST_REQUESTS)
    hour_amount_minor: int | None = Field(default=None, ge=1)
    day_count: int | None = Field(default=30, ge=1, le=MOST_REQUESTS)
    day_amount_minor: int | None = Field(default=None, ge=1)
    week_count: int | None = Field(default=100, ge=1, le=MOST_REQUESTS)
    week_amount_minor: int | None = Field(default=100_000_000_000, ge=1)


def velocity(facts: PolicyFacts, parameters: Velocity) -> Finding:
    """Refuses what is too much within a window; of several, the one that frees last is told."""
    limits = parameters.model_dump()
    findings = [
        finding
        for name, window in WINDOWS.items()
        if (finding := _within(facts, name, window, limits[f"{name}_count"], limits[f"{name}_amount_minor"]))
    ]
    # One amount that is above a window's limit never frees, and that is said before any time.
    never = next((finding for finding in findings if finding.numbers["frees_at"] is None), None)
    last = never or max(findings, key=lambda finding: finding.numbers["frees_at"], default=None)
    return last or Finding(Verdict.APPROVE)


def _within(
    facts: PolicyFacts, name: str, window: timedelta, count: int | None, amount_minor: int | None
) -> Finding | None:
    recent = sorted((r for r in facts.requests if r.at > facts.now - window), key=lambda r: r.at)
    used_minor = sum(request.amount_minor for request in recent)
    count = MOST_REQUESTS if count is None and amount_minor is not None else count
    numbers = {"window": name, "used_count": len(recent), "used_minor": used_minor}
    if count is not None and len(recent) >= count:
        frees_at = recent[len(recent) - count].at + window
        return Finding(
            Verdict.REFUSE, {**numbers, "reason": Reason.LIMIT_COUNT, "limit_count": count, "frees_at": frees_at}
        )
    if amount_minor is not None and used_minor + facts.amount_minor > amount_minor:
        frees = _frees_at(recent, used_minor + facts.amount_minor - amount_minor, window)
        return Finding(
            Verdict.REFUSE, {**numbers, "reason": Reason.LIMIT_AMOUNT, "limit_minor": amount_minor, "frees_at": frees}
        )
    return None


def _frees_at(recent: Sequence[EarlierRequest], excess_minor: int, window: timedelta) -> datetime | None:
    """When so many minor units have left the window; None when all of them are not enough."""
    for request in recent:
        excess_minor -= request.amount_minor
        if excess_minor <= 0:
            return request.at + window
    return None
