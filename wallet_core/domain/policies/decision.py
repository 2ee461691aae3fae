"""What a policy sees, what it answers, and the decision that many answers make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict

from wallet_core.domain.guards import Guards
from wallet_core.domain.purchase import RailState


class Verdict(StrEnum):
    """A policy's answer."""

    APPROVE = "approve"
    REVIEW = "review"
    REFUSE = "refuse"


_STRICTNESS: Final = {Verdict.APPROVE: 0, Verdict.REVIEW: 1, Verdict.REFUSE: 2}


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """Everything that the policies look at. Amounts in ITD minor units, times in database time."""

    now: datetime
    guards: Guards
    amount_minor: int
    rail: RailState
    #: When this person first asked for this address; None for the first time.
    address_since: datetime | None
    day: str
    day_ends_at: datetime
    #: Requests above this go to review.
    review_above_minor: int
    #: How long a new address waits, in seconds.
    new_address_wait_seconds: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One policy's answer with its numbers; ``not_before`` lets an approved payout wait in the queue until then."""

    verdict: Verdict
    numbers: Mapping[str, Any] = field(default_factory=dict)
    not_before: datetime | None = None


class Traced(BaseModel):
    """A finding as it is stored: which policy, in which version, said what on which numbers."""

    model_config = ConfigDict(frozen=True)

    policy: str
    version: int
    verdict: Verdict
    numbers: dict[str, Any]
    not_before: datetime | None = None

    @classmethod
    def of(cls, policy: str, version: int, finding: Finding) -> Self:
        """The trace of one finding."""
        numbers = dict(finding.numbers)
        return cls(
            policy=policy, version=version, verdict=finding.verdict, numbers=numbers, not_before=finding.not_before
        )


class Decision(BaseModel):
    """The whole trace of the policies for one request."""

    model_config = ConfigDict(frozen=True)

    trace: tuple[Traced, ...]

    @property
    def verdict(self) -> Verdict:
        """The strictest of all verdicts."""
        return max((t.verdict for t in self.trace), key=lambda v: _STRICTNESS[v], default=Verdict.APPROVE)

    @property
    def not_before(self) -> datetime | None:
        """When the last of the waits ends."""
        return max((t.not_before for t in self.trace if t.not_before), default=None)

    @property
    def told(self) -> Traced | None:
        """The finding that the person is told of: the first of the strictest, or of the waits and remarks."""
        for traced in self.trace:
            if traced.verdict is self.verdict and (self.verdict is not Verdict.APPROVE or traced.numbers):
                return traced
        return None
