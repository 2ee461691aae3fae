"""A person's application for the next level: what is wanted, what was sent, who looks at it, how it ends.

::

    OPEN <-> REVIEW -> APPROVED, REFUSED
    before it is decided: -> CANCELLED by the person; OPEN -> EXPIRED by itself

Back from REVIEW to OPEN: a reviewer asks for one part again. The documents are sealed with a key of this application,
which is kept in it, sealed by the vault to the person: once ``key`` is gone nobody can read them, wherever copies lie.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from wallet_core.domain.changes import Move
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.kyc_document import MAX_PER_PART, SINGLE, KycDocument, Part
from wallet_core.domain.record import Record

#: What each level wants. Level 1 comes with enrolment.
PARTS: Final[Mapping[int, tuple[Part, ...]]] = {
    2: (Part.CONTACT, Part.IDENTITY, Part.SELFIE),
    3: (Part.ADDRESS, Part.FUNDS),
}
#: How many reviewers must approve each level.
REVIEWERS: Final[Mapping[int, int]] = {2: 1, 3: 2}
#: All that one application may ever hold, with what was sent anew.
MAX_DOCUMENTS: Final = 20
MAX_REASON_CHARACTERS: Final = 300


class KycState(StrEnum):
    """Where an application stands."""

    OPEN = "open"
    REVIEW = "review"
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


RUNNING: Final = (KycState.OPEN, KycState.REVIEW)
ENDED: Final = (KycState.APPROVED, KycState.REFUSED, KycState.CANCELLED, KycState.EXPIRED)


class KycReason(StrEnum):
    """What reviewers most often have to say, so that it is said in the person's own language; else they write it."""

    UNREADABLE = ":unreadable"
    OUT_OF_DATE = ":out_of_date"
    NOT_THE_SAME = ":not_the_same"
    INCOMPLETE = ":incomplete"
    NOT_GENUINE = ":not_genuine"


class KycApproval(BaseModel):
    """One reviewer's yes, sealed: nobody approves by writing into the database."""

    model_config = ConfigDict(frozen=True)

    by: int
    #: HMAC of ``approval_terms``.
    mac: str


class KycApplication(Record):
    """One application. ``id`` is ``<person>:<number>``: nobody can have two that are begun at once."""

    collection: ClassVar[str] = "kyc_applications"

    id: str
    person: int
    #: The level that is applied for.
    level: int
    state: KycState = KycState.OPEN
    #: Counts its changes: each is decided on what was read, or not at all.
    steps: int = 0
    #: The key of its documents, sealed by the vault; None once they were removed.
    key: bytes | None
    documents: tuple[KycDocument, ...] = ()
    #: Parts that the person has finished.
    done: tuple[Part, ...] = ()
    opened_at: datetime | None = None
    #: Unfinished by then, it ends by itself.
    expires_at: datetime
    handed_in_at: datetime | None = None
    ended_at: datetime | None = None
    removed_at: datetime | None = None
    #: The part that a reviewer asked for again, and why; or why it was refused.
    again: Part | None = None
    reason: str = ""
    #: After a refusal: from when the person may apply anew.
    again_from: datetime | None = None
    #: Who reviews it now, until when nobody else does.
    reviewer: int | None = None
    claimed_until: datetime | None = None
    #: Who approved these very documents; level 3 takes two.
    approvals: tuple[KycApproval, ...] = ()
    decided_by: int | None = None
    #: Which documents each reviewer has looked at.
    seen: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @property
    def asks(self) -> Part | None:
        """The next part that the person has to send."""
        if self.state is not KycState.OPEN:
            return None
        return next((part for part in PARTS[self.level] if part not in self.done), None)

    @property
    def current(self) -> tuple[KycDocument, ...]:
        """The documents that count."""
        return tuple(document for document in self.documents if not document.superseded)

    def of_part(self, part: Part) -> tuple[KycDocument, ...]:
        """The documents that answer a part."""
        return tuple(document for document in self.current if document.part is part)

    def document_of(self, document_id: str) -> KycDocument:
        """One of its documents. Raises ``Refused`` NOT_FOUND, or DOCUMENTS_GONE when they were removed."""
        if self.key is None:
            raise Refused(Reason.DOCUMENTS_GONE)
        for document in self.documents:
            if document.id == document_id:
                return document
        raise Refused(Reason.NOT_FOUND, what="document")

    def check_asks(self, part: Part, message_id: int) -> None:
        """Raises ``Refused`` WRONG_STATE or TOO_MANY_DOCUMENTS, and ``AlreadyDone`` for a message that was taken."""
        if any(document.message_id == message_id for document in self.documents):
            raise AlreadyDone(self)
        if self.asks is not part:
            raise Refused(Reason.WRONG_STATE, what=self.collection, state=self.state)
        if len(self.of_part(part)) >= MAX_PER_PART or len(self.documents) >= MAX_DOCUMENTS:
            raise Refused(Reason.TOO_MANY_DOCUMENTS, limit=MAX_PER_PART)

    def with_document(self, document: KycDocument) -> Self:
        """With one document more. Raises as ``check_asks``."""
        self.check_asks(document.part, document.message_id)
        full = len(self.of_part(document.part)) + 1 == MAX_PER_PART
        done = (*self.done, document.part) if full or document.part in SINGLE else self.done
        return self.model_copy(update={"documents": (*self.documents, document), "done": done})

    def finished(self, part: Part) -> Self:
        """The person has sent all that answers a part. Raises ``Refused`` WRONG_STATE or KYC_MISSING."""
        if self.asks is not part:
            raise Refused(Reason.WRONG_STATE, what=self.collection, state=self.state)
        if not self.of_part(part):
            raise Refused(Reason.KYC_MISSING, part=part)
        return self.model_copy(update={"done": (*self.done, part)})

    def begun_anew(self, part: Part) -> Self:
        """What was sent for a part answers nothing any more. Raises ``Refused(WRONG_STATE)``."""
        if self.state is not KycState.OPEN or part not in PARTS[self.level]:
            raise Refused(Reason.WRONG_STATE, what=self.collection, state=self.state)
        return self._without(part)

    def handed_in(self) -> Self:
        """To the reviewers. Raises ``Refused`` WRONG_STATE or KYC_MISSING."""
        if self.state is not KycState.OPEN:
            raise Refused(Reason.WRONG_STATE, what=self.collection, state=self.state)
        if self.asks is not None:
            raise Refused(Reason.KYC_MISSING, part=self.asks)
        return self.model_copy(update={"state": KycState.REVIEW, "again": None, "reason": ""})

    def claimed(self, reviewer: int, now: datetime, until: datetime) -> Self:
        """In the hands of a reviewer. Raises ``Refused`` NOT_ALLOWED, WRONG_STATE, or CLAIMED by somebody else."""
        check_reviewer(self, reviewer)
        if self.state is not KycState.REVIEW:
            raise Refused(Reason.WRONG_STATE, what=self.collection, state=self.state)
        if self.reviewer not in (None, reviewer) and self.claimed_until and self.claimed_until > now:
            raise Refused(Reason.CLAIMED, until=self.claimed_until)
        return self.model_copy(update={"reviewer": reviewer, "claimed_until": until})

    def released(self, reviewer: int, now: datetime) -> Self:
        """Back to the queue. Raises ``Refused`` as ``check_claimed``."""
        self.check_claimed(reviewer, now)
        return self.model_copy(update=_NOBODYS)

    def check_claimed(self, reviewer: int, now: datetime) -> None:
        """Raises ``Refused`` NOT_ALLOWED for one's own, WRONG_STATE, or NOT_CLAIMED when it is not in their hands."""
        check_reviewer(self, reviewer)
        if self.state is not KycState.REVIEW:
            raise Refused(Reason.WRONG_STATE, what=self.collection, state=self.state)
        if self.reviewer != reviewer or self.claimed_until is None or self.claimed_until <= now:
            raise Refused(Reason.NOT_CLAIMED)

    def looked_at(self, document_id: str, reviewer: int, now: datetime, until: datetime) -> Self:
        """A reviewer looks at a document, which keeps it in their hands. Raises ``Refused`` as ``check_claimed``."""
        self.check_claimed(reviewer, now)
        seen = self.seen.get(str(reviewer), ())
        mine = seen if document_id in seen else (*seen, document_id)
        return self.model_copy(update={"seen": {**self.seen, str(reviewer): mine}, "claimed_until": until})

    def approved(self, reviewer: int, now: datetime, mac: str = "") -> Self:
        """By one reviewer; APPROVED once there are enough. ``mac``: of ``approval_terms``.

        Raises ``Refused`` as ``check_claimed``, SECOND_REVIEWER for who approved it already, or NOT_LOOKED.
        """
        self.check_claimed(reviewer, now)
        if any(approval.by == reviewer for approval in self.approvals):
            raise Refused(Reason.SECOND_REVIEWER)
        if {document.id for document in self.current} - set(self.seen.get(str(reviewer), ())):
            raise Refused(Reason.NOT_LOOKED)
        approvals = (*self.approvals, KycApproval(by=reviewer, mac=mac))
        enough = len(approvals) >= REVIEWERS[self.level]
        state = {"state": KycState.APPROVED, "decided_by": reviewer} if enough else {}
        return self.model_copy(update={**_NOBODYS, **state, "approvals": approvals})

    def approval_terms(self, reviewer: int) -> bytes:
        """What a reviewer says yes to: this level because of these documents. No other terms begin like it."""
        documents = sorted((document.id, document.digest) for document in self.current)
        return b"kyc approval " + json.dumps([self.id, self.person, self.level, reviewer, documents]).encode()

    def refused(self, reviewer: int, now: datetime, reason: str, again_from: datetime) -> Self:
        """Raises ``Refused`` as ``check_claimed``, or BAD_REASON."""
        self.check_claimed(reviewer, now)
        fields = {"state": KycState.REFUSED, "reason": checked_reason(reason), "again_from": again_from}
        return self.model_copy(update={**_NOBODYS, **fields, "decided_by": reviewer})

    def asked_again(self, part: Part, reviewer: int, now: datetime, reason: str, expires_at: datetime) -> Self:
        """One part is wanted anew; what others approved before is void. Raises ``Refused`` as ``refused``."""
        self.check_claimed(reviewer, now)
        if part not in PARTS[self.level]:
            raise Refused(Reason.NOT_FOUND, what="part")
        fields = {"state": KycState.OPEN, "again": part, "reason": checked_reason(reason), "expires_at": expires_at}
        return self._without(part).model_copy(update={**_NOBODYS, **fields, "approvals": (), "decided_by": reviewer})

    def ended(self, to: KycState) -> Self:
        """CANCELLED by the person, or EXPIRED. Raises ``Refused(WRONG_STATE)`` for one that is over."""
        if self.state not in RUNNING:
            raise Refused(Reason.WRONG_STATE, what=self.collection, state=self.state)
        return self.model_copy(update={**_NOBODYS, "state": to})

    def removed(self) -> Self:
        """Nobody can read its documents any more."""
        return self.model_copy(update={"key": None})

    def _without(self, part: Part) -> Self:
        documents = tuple(
            document.model_copy(update={"superseded": True}) if document.part is part else document
            for document in self.documents
        )
        return self.model_copy(update={"documents": documents, "done": tuple(d for d in self.done if d is not part)})


_NOBODYS: Final[Mapping[str, Any]] = {"reviewer": None, "claimed_until": None}


def application_id(person: int, number: int) -> str:
    """A person's first, second … application."""
    return f"{person}:{number}"


def key_bound_to(application: str, person: int) -> str:
    """What the key of an application's documents is sealed to, so that it opens nothing of anybody else."""
    return f"kyc:{person}:{application}"


def document_bound_to(application: KycApplication, document_id: str) -> str:
    """What a document is sealed to: moved to another person or exchanged for another document it does not open."""
    return f"kyc document {application.person} {application.id} {document_id}"


def check_reviewer(application: KycApplication, reviewer: int) -> None:
    """Raises ``Refused(NOT_ALLOWED)`` for whoever would decide about themselves."""
    if application.person == reviewer:
        raise Refused(Reason.NOT_ALLOWED)


def checked_reason(reason: str) -> str:
    """What the person is told. Raises ``Refused(BAD_REASON)`` for nothing, and for too much."""
    said = " ".join(reason.split())
    if not 3 <= len(said) <= MAX_REASON_CHARACTERS:
        raise Refused(Reason.BAD_REASON, limit=MAX_REASON_CHARACTERS)
    return said


def is_claimed(application: KycApplication, now: datetime) -> bool:
    """Whether it is in somebody's hands."""
    return application.claimed_until is not None and application.claimed_until > now


def moved(before: KycApplication, after: KycApplication, *, stamp: str | None = None) -> Move:
    """The change from one to the other, if nobody changed it in between."""
    stored = after.document()
    fields = {name: stored[name] for name in stored if name not in ("_id", "state", "steps")}
    fields["steps"] = before.steps + 1
    expected = {"steps": before.steps}
    return Move(KycApplication, before.id, frozenset({before.state}), after.state, fields, expected, stamp=stamp)
