"""A second pair of eyes: what one admin asks for above a limit, and another approves with a code of their own.

An approval is bound to a digest of everything that is to be done, so that it is void as soon as any of it changes: the
posting that carries it out compares it once more. It has MACs of both the question and the answer, so nobody approves
by writing into the database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import Field

from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Message
from wallet_core.domain.record import Record


class ApprovalKind(StrEnum):
    """What is to be done. Each has a file in ``use_cases/approving`` that says how."""

    MASS_SEND = "mass_send"
    ACCESS_RESET = "access_reset"
    LEVEL_TABLE = "level_table"
    ROLE = "role"
    POLICY_SET = "policy_set"
    WITHDRAWAL = "withdrawal"
    KEYS = "keys"


class ApprovalState(StrEnum):
    """ASKED until another admin decides, once, before it expires; one that expired stays ASKED and is refused."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    #: Whoever asked took it back.
    WITHDRAWN = "withdrawn"


class Approval(Record):
    """One question to the other admins, and its answer. Amounts in ITD minor units, 0 where it is about none."""

    collection: ClassVar[str] = "approvals"

    id: str
    kind: ApprovalKind
    #: The id of what it is about.
    subject: str
    #: SHA-256 of what exactly is to be done: ``digest_of_what``, or that of the record which the subject names.
    digest: str
    #: What is to be done, in JSON's types; empty where the subject names a record that says it.
    what: dict[str, Any] = Field(default_factory=dict)
    state: ApprovalState = ApprovalState.ASKED
    #: Who asked; ``people.OPERATOR`` for the server's own command line.
    asked_by: int
    #: How much it is about, and the limit above which it takes two.
    amount_minor: int = 0
    above_minor: int = 0
    created_at: datetime | None = None
    expires_at: datetime
    #: HMAC of ``terms``.
    mac: str = ""
    decided_by: int | None = None
    decided_at: datetime | None = None
    #: HMAC of ``decided_terms``.
    decided_mac: str = ""

    def terms(self) -> bytes:
        """What is asked. No other terms begin like it."""
        asked = [self.id, self.kind, self.subject, self.digest, self.asked_by, self.amount_minor, self.above_minor]
        return b"approval " + json.dumps([*asked, int(self.expires_at.timestamp())]).encode()

    def decided_terms(self, by: int) -> bytes:
        """The same with who approves it."""
        return b"approved " + str(by).encode() + b" " + self.terms()


def digest_of_what(kind: ApprovalKind, subject: str, what: Mapping[str, Any]) -> str:
    """SHA-256 of everything that is to be done, where the approval itself says it."""
    return hashlib.sha256(json.dumps([kind, subject, what], sort_keys=True).encode()).hexdigest()


def check_decider(approval: Approval, person: int) -> None:
    """Raises ``Refused(NOT_ALLOWED)`` for whoever asked: two pairs of eyes are two people's."""
    if approval.asked_by == person:
        raise Refused(Reason.NOT_ALLOWED)


def decided(approval: Approval, to: ApprovalState, by: int, mac: str = "") -> Move:
    """The answer, once, about the very thing that was asked, before it expires."""
    return Move(
        Approval,
        approval.id,
        frozenset({ApprovalState.ASKED}),
        to,
        {"decided_by": by, "decided_mac": mac},
        {"digest": approval.digest, "mac": approval.mac, "asked_by": approval.asked_by},
        expires=True,
        stamp="decided_at",
    )


def approval_message(approval: Approval, admin: int, **facts: object) -> Message:
    """What an admin reads of it, with its state: one message for each admin, edited when somebody has decided.

    ``facts`` are what the kind has to tell beside this, such as ``mass_send`` with what ``mass_facts`` has.
    """
    names = (
        "kind", "subject", "digest", "what", "state", "asked_by", "amount_minor", "above_minor", "expires_at",
        "decided_by",
    )  # fmt: skip
    shown = approval.document()
    told = {"id": approval.id, "own": admin == approval.asked_by} | {name: shown[name] for name in names} | facts
    return Message(admin, "approval", told, thread=f"approval:{approval.id}:{admin}")
