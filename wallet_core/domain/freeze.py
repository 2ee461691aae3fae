"""What a freeze is, and how it is told of: nothing leaves a person's wallet while one holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wallet_core.domain.errors import Reason, Refused


@dataclass(frozen=True, slots=True)
class Freeze:
    """Since when, by whom, why and until when nothing leaves a person's wallet; ``until`` None: until it is ended."""

    at: datetime
    by: str | None
    reason: str | None = None
    until: datetime | None = None


def own_name(person: int) -> str:
    """How the journal and a freeze name the person themselves; see ``people.Caller.name``."""
    return f"person:{person}"


def frozen_refusal(freeze: Freeze) -> Refused:
    """FROZEN, with what is known of the freeze."""
    more = {"why": freeze.reason, "until": freeze.until}
    facts = {name: value for name, value in more.items() if value is not None}
    return Refused(Reason.FROZEN, frozen_at=freeze.at, frozen_by=freeze.by, **facts)


def reset_name(reset: str) -> str:
    """How the freeze is named that a reset of the second factor brings, for as long as it is under way."""
    return f"reset:{reset}"


def is_reset(freeze: Freeze) -> bool:
    """Whether it came with the request for a reset of the second factor, and not by anybody's wish to freeze."""
    return (freeze.by or "").startswith("reset:")
