"""A mass send: a file's lines, each paid once, out of one admin's money; see ``docs/mass-sends.md``.

The total is set aside before the first line is paid, in a plain hold with the mass send's id, so that it is enough for
all lines or nothing begins. Lines to people are paid in ITD by postings with keys of their own; lines to addresses
become payouts. The lines are in ``mass_row``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, unique
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict

from wallet_core.domain.changes import Move
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.ledger import Message
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Document, Record, Target

#: So many rows are written, read or paid at once.
PIECE: Final = 1_000
#: What is left of the hold goes back after so long, also when nobody resumes what was stopped.
HELD_FOR: Final = timedelta(days=30)


class MassState(StrEnum):
    """Where a mass send stands.

    ::

        UPLOADING -> PREVIEW -> (APPROVAL ->) RUNNING <-> STOPPED
        before it runs: -> CANCELLED, EXPIRED; RUNNING -> DONE, also when its rest was given up
    """

    #: Its rows are being written; nobody sees it yet.
    UPLOADING = "uploading"
    PREVIEW = "preview"
    #: Above the limit: another admin has to approve.
    APPROVAL = "approval"
    RUNNING = "running"
    STOPPED = "stopped"
    #: Every line has its end.
    DONE = "done"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@unique
class Remark(StrEnum):
    """What a preview points at. All but ``WARNINGS`` are lines that will not be paid."""

    UNKNOWN_PERSON = "unknown_person"
    NOT_ENROLLED = "not_enrolled"
    #: The payer themselves.
    SELF = "self"
    BAD_ADDRESS = "bad_address"
    #: The coin cannot be paid out now.
    RAIL_OFF = "rail_off"
    #: Less than the network carries.
    BELOW_MINIMUM = "below_minimum"
    #: An address on the screening list.
    SCREENED = "screened"
    #: The same recipient, asset and amount as an earlier line.
    DUPLICATE = "duplicate"
    #: Nobody else approves it, and its payer never paid to this address: the payout waits as a withdrawal would.
    NEW_ADDRESS = "new_address"
    #: The recipient's limit of today does not cover it; nobody is told what that is.
    OVER_LIMIT = "over_limit"


#: Remarks on lines that are paid all the same, if they can be.
WARNINGS: Final = frozenset({Remark.DUPLICATE, Remark.NEW_ADDRESS, Remark.OVER_LIMIT})
#: So many lines are named for each remark.
MOST_NAMED: Final = 10


class Remarked(BaseModel):
    """How many lines have a remark, and the first of them."""

    model_config = ConfigDict(frozen=True)

    remark: Remark
    count: int
    lines: tuple[int, ...]
    #: Whom those lines name, as typed.
    recipients: tuple[str, ...] = ()


class Total(BaseModel):
    """The payable lines of one asset. ``amount_minor`` is of that asset, ``itd_minor`` what that is worth at the rate.

    ``fee_minor`` is in ITD, for all of them; ``rate_minor`` ITD minor units per whole coin, locked; 0 for ITD.
    """

    model_config = ConfigDict(frozen=True)

    asset: Asset
    rows: int
    amount_minor: int
    itd_minor: int
    fee_minor: int = 0
    rate_minor: int = 0

    def plus(self, amount_minor: int, itd_minor: int, fee_minor: int) -> Total:
        """The total with one more line; by hand, because fifty thousand lines pass here."""
        return Total.model_construct(
            asset=self.asset,
            rows=self.rows + 1,
            amount_minor=self.amount_minor + amount_minor,
            itd_minor=self.itd_minor + itd_minor,
            fee_minor=self.fee_minor + fee_minor,
            rate_minor=self.rate_minor,
        )


class RanBefore(BaseModel):
    """Another payer whose mass send of the same lines began."""

    model_config = ConfigDict(frozen=True)

    person: int
    name: str
    at: datetime


class MassSend(Record):
    """One file of one payer. Counters only grow; amounts without another word are ITD minor units."""

    collection: ClassVar[str] = "mass_sends"

    id: str
    #: The payer: the admin who uploaded it.
    person: int
    state: MassState = MassState.UPLOADING
    file_name: str = ""
    #: SHA-256 of the lines as they were written: what "the same file" means; and who else ran the same.
    file_digest: str
    ran_before: RanBefore | None = None
    #: SHA-256 of what is to be done with them: recipients as found, rates, fees, totals. An approval is bound to it.
    digest: str = ""
    #: HMAC of ``terms``.
    mac: str = ""
    #: All lines, and those of them that are to be paid.
    rows: int
    person_rows: int = 0
    address_rows: int = 0
    totals: tuple[Total, ...] = ()
    remarks: tuple[Remarked, ...] = ()
    #: What is set aside when it starts: all amounts and fees.
    total_minor: int = 0
    fee_minor: int = 0
    #: Above so much another admin approves, as it was set at the preview; and what its payer started within a day
    #: before without anybody's approval, which counts as well.
    approval_above_minor: int = 0
    alone_minor: int = 0
    estimated_seconds: int = 0
    created_at: datetime | None = None
    #: Rates hold until then; whoever has not started (and had it approved) by then uploads the file again.
    expires_at: datetime
    approval: str | None = None
    approved_by: int | None = None
    started_at: datetime | None = None
    #: HMAC of ``start_terms``: the worker runs nothing that only somebody with the database started.
    start_mac: str = ""
    #: Who stopped it, or why the worker did.
    stopped_by: str | None = None
    #: The rest was given up: what is not paid yet is refused.
    given_up: bool = False
    ended_at: datetime | None = None
    #: Rows of one that never ran are removed.
    cleared: bool = False
    #: Lines that have come to an end, by the end; those that are payouts now; and what was paid.
    paid: int = 0
    returned: int = 0
    refused: int = 0
    queued: int = 0
    paid_minor: int = 0
    #: Those of the payouts that have come to an end.
    payouts_ended: int = 0
    #: Coins whose lines wait because their rails take nothing new, as its card has them.
    waits_for: tuple[Asset, ...] = ()
    #: What its card says, and since when.
    told: str = ""
    told_at: datetime | None = None

    @property
    def done(self) -> int:
        """Lines that have come to an end."""
        return self.paid + self.returned + self.refused

    @property
    def card(self) -> str:
        """What its card should say, as ``told`` has it."""
        return ":".join(map(str, (self.state, self.done, self.queued, self.given_up, *self.waits_for)))

    @property
    def never_ran(self) -> bool:
        """Whether nothing of it was ever paid, and nothing ever will be."""
        return self.state in (MassState.CANCELLED, MassState.EXPIRED)

    @property
    def needs_approval(self) -> bool:
        """Whether another admin has to approve, by what was known at the preview; what counts is known at the start."""
        return self.alone_minor + self.total_minor > self.approval_above_minor

    def total(self, asset: Asset) -> Total:
        """The total of one asset. Raises ``InvariantViolated`` when it has no lines in it."""
        for total in self.totals:
            if total.asset is asset:
                return total
        raise InvariantViolated(f"mass send {self.id} pays nothing in {asset}")

    def halted(self, why: str) -> Move:
        """The worker stops it, unless somebody has given it up, which it would never come out of."""
        fields, expected = {"stopped_by": why}, {"given_up": False}
        return Move(MassSend, self.id, frozenset({MassState.RUNNING}), MassState.STOPPED, fields, expected)

    def terms(self) -> bytes:
        """What its MAC covers; no other terms begin like it."""
        totals = [list(total.model_dump(mode="json").values()) for total in self.totals]
        terms = [self.id, self.person, self.digest, self.rows, totals, self.total_minor, self.approval_above_minor]
        return b"mass send " + json.dumps([*terms, _seconds(self.expires_at)]).encode()

    def start_terms(self) -> bytes:
        """What a code, or an approval, set going, and when: until then and no longer its rates were good."""
        terms = [self.id, self.digest, self.approval, _seconds(self.started_at)]
        return b"mass start " + json.dumps(terms).encode()


def _seconds(at: datetime | None) -> int | None:
    """Databases cut times, so that only seconds count in seals."""
    return int(at.timestamp()) if at else None


@dataclass(frozen=True, slots=True)
class CountRows:
    """Adds to a mass send's counters, in the posting that brings its rows there.

    Raises ``Refused(WRONG_STATE)`` unless it is in one of the states: a stop is heard by the very next posting.
    """

    mass_send: str
    counts: Mapping[str, int]
    states: frozenset[MassState] = frozenset({MassState.RUNNING})

    @property
    def target(self) -> Target:
        """The mass send."""
        return Target(MassSend.collection, self.mass_send)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The mass send with higher counters. Raises ``InvariantViolated`` for one that would go back."""
        if document is None:
            raise Refused(Reason.NOT_FOUND, what=MassSend.collection)
        if document["state"] not in self.states:
            raise Refused(Reason.WRONG_STATE, what=MassSend.collection, state=document["state"])
        if any(count < 0 for count in self.counts.values()):
            raise InvariantViolated(f"mass send {self.mass_send} would go back by {dict(self.counts)}")
        return {**document, **{name: document[name] + count for name, count in self.counts.items()}}


def mass_facts(send: MassSend) -> dict[str, Any]:
    """What a card about a mass send shows; amounts in ITD minor units unless ``totals`` says otherwise."""
    shown = send.document()
    names = (
        "state", "person", "file_name", "rows", "person_rows", "address_rows", "totals", "total_minor", "fee_minor",
        "done", "paid", "returned", "refused", "queued", "payouts_ended", "paid_minor", "stopped_by", "given_up",
        "approved_by", "approval_above_minor", "alone_minor", "digest", "file_digest", "ran_before", "remarks",
        "expires_at", "started_at", "ended_at", "estimated_seconds", "waits_for",
    )  # fmt: skip
    return {"id": send.id, "done": send.done} | {name: shown[name] for name in names if name != "done"}


def mass_message(send: MassSend) -> Message:
    """The card that follows a mass send, edited in place; the facts are those of ``mass_facts``."""
    return Message(send.person, "mass_send", mass_facts(send), thread=f"mass_send:{send.id}")
