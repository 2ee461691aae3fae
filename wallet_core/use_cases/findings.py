"""What comes of verifying: how much was looked at, and every gap as a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from wallet_core.domain.seal import Head

#: Whoever changed more than this has changed everything; the list must stay readable, and in memory.
_MOST_GAPS: Final = 1_000


@dataclass(slots=True)
class Findings:
    """What was looked at, and every gap as a sentence; no gap means that the books are right."""

    records: int = 0
    accounts: int = 0
    chains: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    #: Records that a seal chains, records that wait for one, and for how many seconds the oldest of them does.
    sealed: int = 0
    tail: int = 0
    tail_seconds: float = 0.0
    #: The last seal.
    head: Head = field(default_factory=Head)

    def tell(self, gaps: Iterable[str]) -> None:
        """Adds gaps; the first thousand are kept, and a last sentence says that there are more."""
        for gap in gaps:
            if len(self.gaps) < _MOST_GAPS:
                self.gaps.append(gap)
            elif len(self.gaps) == _MOST_GAPS:
                self.gaps.append(f"there are more gaps than these {_MOST_GAPS:,}")

    def as_dict(self) -> dict[str, Any]:
        """For a program to read."""
        return {
            "records": self.records,
            "accounts": self.accounts,
            "chains": self.chains,
            "gaps": self.gaps,
            "sealed": self.sealed,
            "tail": self.tail,
            "tail_seconds": round(self.tail_seconds, 3),
            "head": self.head.model_dump(mode="json"),
        }
