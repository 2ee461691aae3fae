"""A set of policies: which of them count, with which parameters, in which order. Numbered, and never changed.

A set that is switched on gets the next number and stays as it is for ever, so that every decision can be explained by
the set that made it. The one with the highest number counts. See ``docs/decisions/0023``.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from wallet_core.domain.record import Record

#: The number of the set that counts where none was ever stored.
BUILT_IN: Final = 0
_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class PolicyEntry(BaseModel):
    """One policy in a set. What is not among ``parameters`` has its default."""

    model_config = ConfigDict(frozen=True)

    policy: str
    enabled: bool = True
    parameters: dict[str, Any] = Field(default_factory=dict)


class PolicyDraft(Record):
    """What an admin is putting together; nothing comes of it before it is switched on. ``id`` is the admin's."""

    collection: ClassVar[str] = "policy_drafts"
    ledgered: ClassVar[bool] = False

    id: int
    #: The number of the set that it began with: another one meanwhile is not overwritten unseen.
    base: int
    entries: tuple[PolicyEntry, ...]
    note: str = ""
    #: HMAC of ``terms``.
    mac: str = ""

    @property
    def mark(self) -> str:
        """Tells drafts apart, so that the one is switched on that was looked at."""
        return hashlib.sha256(self.terms()).hexdigest()[:16]

    def terms(self) -> bytes:
        """What the MAC covers; no other terms begin like it."""
        entries = [entry.model_dump() for entry in self.entries]
        return b"policy draft " + _CANONICAL.encode([self.id, self.base, entries, self.note]).encode()


class PolicySet(Record):
    """Everything that decides about a withdrawal, apart from its facts. ``id`` is the set's number."""

    collection: ClassVar[str] = "policy_sets"

    id: int
    entries: tuple[PolicyEntry, ...] = ()
    #: Who switched it on, when, and why.
    by: int | None = None
    at: datetime | None = None
    note: str = ""
    #: HMAC of ``terms``: who writes into the database cannot switch a policy off.
    mac: str = ""

    def entry(self, policy: str) -> PolicyEntry:
        """The entry of a policy; one that the set does not know yet counts, with its defaults."""
        return next((entry for entry in self.entries if entry.policy == policy), PolicyEntry(policy=policy))

    def terms(self) -> bytes:
        """What the MAC covers; no other terms begin like it. Databases cut times, so that only seconds count."""
        at = self.at.isoformat(timespec="seconds") if self.at else None
        entries = [entry.model_dump() for entry in self.entries]
        return b"policies " + _CANONICAL.encode([self.id, entries, self.by, at, self.note]).encode()
