"""What processes say of themselves, and what the last look through the books found: to be shown, never relied on."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import metadata
from typing import ClassVar, Final

from pydantic import Field

from wallet_core.domain.record import Record

#: How often a process tells that it lives, and after what silence it counts as gone.
PULSE_SECONDS: Final = 10.0
SILENT: Final = timedelta(seconds=60)
#: A part that is well says so.
WELL: Final = "ok"


class Pulse(Record):
    """A process, as it last told of itself."""

    collection: ClassVar[str] = "pulses"
    ledgered: ClassVar[bool] = False

    #: ``bot`` or ``worker``, and which of them.
    id: str
    kind: str
    version: str
    started_at: datetime
    at: datetime
    #: What it consists of, and how each part is: ``ok``, or what it waits for.
    parts: dict[str, str] = Field(default_factory=dict)
    #: How many seconds ago each of its loops came round last.
    turns: dict[str, float] = Field(default_factory=dict)

    def is_silent(self, now: datetime) -> bool:
        """Whether nothing was heard of it for too long."""
        return now - self.at > SILENT

    def slowest(self) -> tuple[str, float] | None:
        """The loop that came round the longest ago; None where there is none."""
        return max(self.turns.items(), key=lambda turn: turn[1], default=None)

    def unwell(self) -> dict[str, str]:
        """The parts that wait for something."""
        return {part: says for part, says in self.parts.items() if says != WELL}


class Verification(Record):
    """The last ``wallet verify``: when, over how much, and how many gaps it found."""

    collection: ClassVar[str] = "verifications"
    ledgered: ClassVar[bool] = False

    id: str = "last"
    at: datetime
    records: int
    gaps: int
    #: How many seals the chain had.
    seals: int


def program_version() -> str:
    """The version that is installed; empty where it runs from its source alone."""
    try:
        return metadata.version("itd-wallet")
    except metadata.PackageNotFoundError:
        return ""
