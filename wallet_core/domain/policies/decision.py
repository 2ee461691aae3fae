"""What a policy answers, and the decision that many answers make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict


class Verdict(StrEnum):
    """A policy's answer."""

    APPROVE = "approve"
    REVIEW = "review"
    REFUSE = "refuse"


_STRICTNESS: Final = {Verdict.APPROVE: 0, Verdict.REVIEW: 1, Verdict.REFUSE: 2}


class Parameters(BaseModel):
    """What can be set of a policy. Amounts in ITD minor units, and units last in every name, as everywhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NoParameters(Parameters):
    """Of a policy of which nothing can be set."""


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
    #: The number of the set that decided; None of what was decided before sets had numbers.
    policy_set: int | None = None

    @property
    def verdict(self) -> Verdict:
        """The strictest of all verdicts."""
        return max((t.verdict for t in self.trace), key=lambda v: _STRICTNESS[v], default=Verdict.APPROVE)

    @property
    def not_before(self) -> datetime | None:
        """When the last of the waits ends."""
        return max((t.not_before for t in self.trace if t.not_before), default=None)

    @property
    def also(self) -> tuple[Traced, ...]:
        """The other findings that sent it to review, beside the one that is told."""
        if self.verdict is not Verdict.REVIEW:
            return ()
        return tuple(t for t in self.trace if t.verdict is Verdict.REVIEW and t is not self.told)

    @property
    def told(self) -> Traced | None:
        """The finding that the person is told of: the first of the strictest, or of the waits and remarks.

        Of several waits it is the longest, because that is how long it takes.
        """
        spoke = (t for t in self.trace if t.verdict is self.verdict and (t.verdict is not Verdict.APPROVE or t.numbers))
        first = next(spoke, None)
        if first is None or first.not_before is None:
            return first
        return next(traced for traced in self.trace if traced.not_before == self.not_before)
