"""A worker's time with a lease, from which every posting of the worker is made."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wallet_core.domain.lease import HoldLease
from wallet_core.domain.ledger import Entry, Message, Posting
from wallet_core.domain.record import Change


@dataclass(frozen=True, slots=True)
class Tenure:
    """One epoch of one lease, and who holds it."""

    lease: str
    epoch: int
    holder: str

    def posting(self, kind: str, subject: str, *changes: Change, **parts: Any) -> Posting:
        """A transition that may come again, such as a confirmation after a reorganisation.

        Its key is random: the states that its changes start from let it happen once.
        """
        return self.posting_once(kind, f"{kind}:{subject}:{secrets.token_hex(8)}", *changes, **parts)

    def posting_once(
        self,
        kind: str,
        key: str,
        *changes: Change,
        entries: tuple[Entry, ...] = (),
        messages: tuple[Message, ...] = (),
        people: tuple[int, ...] = (),
        facts: Mapping[str, Any] | None = None,
    ) -> Posting:
        """A posting whose key stands for it for ever. The lease is its first guard: a stale worker's never commits."""
        return Posting(
            key,
            kind,
            f"worker:{self.holder}",
            entries=entries,
            changes=(HoldLease(self.lease, self.epoch), *changes),
            messages=messages,
            people=people,
            facts=facts or {},
        )
