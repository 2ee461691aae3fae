"""Money that waits for somebody who cannot have it yet: who has not joined, who is not known, or whose day is full.

It is held out of the sender's balance, and it ends exactly once: claimed, taken back by the sender, or returned by
itself when its time is over. Every end is a ``Move`` from the states before it, so that of rivals one wins. Pure.

Its terms have a MAC: whoever only writes into the database gives it to nobody else, and makes it no more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from wallet_core.domain.changes import Move
from wallet_core.domain.guards import CardLot
from wallet_core.domain.ledger import Message
from wallet_core.domain.record import Record


class ClaimBy(StrEnum):
    """Who may claim it."""

    #: The one whom the sender picked, by the numeric id.
    PERSON = "person"
    #: Somebody who has the link, once the sender has said that they are the right one.
    LINK = "link"
    #: Whoever is first.
    FIRST = "first"


class ClaimableState(StrEnum):
    """OPEN until it ends; ASKED while somebody with the link waits for the sender's word."""

    OPEN = "open"
    ASKED = "asked"
    CLAIMED = "claimed"
    TAKEN_BACK = "taken_back"
    RETURNED = "returned"


#: Its money is held in these.
WAITING: Final = frozenset({ClaimableState.OPEN, ClaimableState.ASKED})


class Claimable(Record):
    """Held ITD and who may have them. ``id`` is the id of the intent that it came of. Amounts in ITD minor units."""

    collection: ClassVar[str] = "claimables"

    id: str
    #: The sender, and the name that the other one is shown.
    person: int
    sender_name: str
    by: ClaimBy
    state: ClaimableState = ClaimableState.OPEN
    amount_minor: int
    fee_minor: int
    note: str = ""
    #: PERSON: who may claim. ASKED and CLAIMED: who does. Names are as they were at that moment.
    recipient: int | None = None
    recipient_name: str | None = None
    #: The day whose limit the sender's part was taken from, and, while ASKED, the claimant's; and how often it counted.
    day: str
    receive_day: str | None = None
    receive_counts: int = 0
    #: The group in which it was sent, which is told what becomes of it.
    group: int | None = None
    #: The part that is young card money, which stays young wherever it goes.
    card_lots: tuple[CardLot, ...] = ()
    opened_at: datetime | None = None
    expires_at: datetime
    ended_at: datetime | None = None
    mac: str = ""

    def terms(self) -> bytes:
        """What the sender held, for whom, and what it took of them. No other terms begin like it.

        Who asks by a link is no part of it: the sender says whether they are the right one. Neither is when it expires.
        """
        picked = self.recipient if self.by is ClaimBy.PERSON else None
        lots = [[lot.invoice, lot.amount_minor, lot.matures_at.isoformat()] for lot in self.card_lots]
        who, what = [self.id, self.person, self.sender_name, self.by, picked], [self.amount_minor, self.fee_minor]
        return b"claimable " + json.dumps([*who, *what, self.note, self.day, lots]).encode()

    @property
    def total_minor(self) -> int:
        """What is held: the amount and the fee, which is taken when it is claimed."""
        return self.amount_minor + self.fee_minor


def link_terms(claimable_id: str) -> bytes:
    """What the word in a link is the code of: the database has neither the word nor the key, so it opens no link."""
    return b"claim link " + claimable_id.encode()


def asked_for(claimable: Claimable, claimant: int, name: str, day: str, counts: int) -> Move:
    """Somebody who has the link asks for it; the sender has to say whether they are the right one."""
    fields = {"recipient": claimant, "recipient_name": name, "receive_day": day, "receive_counts": counts}
    return Move(Claimable, claimable.id, frozenset({ClaimableState.OPEN}), ClaimableState.ASKED, fields, expires=True)


def refused_to(claimable: Claimable) -> Move:
    """It was not the right one: whoever has the link may ask again."""
    fields = {"recipient": None, "recipient_name": None, "receive_day": None, "receive_counts": 0}
    return _ending(claimable, ClaimableState.OPEN, fields, ended=False)


def claimed(claimable: Claimable, claimant: int, name: str) -> Move:
    """It is the claimant's, once, before it expires."""
    fields = {"recipient": claimant, "recipient_name": name}
    return _ending(claimable, ClaimableState.CLAIMED, fields, expires=True)


def given_back(claimable: Claimable, to: ClaimableState) -> Move:
    """It is the sender's again: TAKEN_BACK by the sender, or RETURNED because its time is over."""
    return _ending(claimable, to, {})


def public_messages(claimable: Claimable) -> tuple[Message, ...]:
    """What everybody sees where it was posted for whoever is first, or sent in a group; nothing elsewhere."""
    if claimable.by is not ClaimBy.FIRST and claimable.group is None:
        return ()
    facts = {name: value for name, value in claimable_facts(claimable).items() if name in _PUBLIC}
    return (public_message(claimable.person, claimable.id, claimable.group, facts),)


#: Neither balances nor limits nor anybody's number is among it.
_PUBLIC: Final = frozenset({"by", "state", "amount_minor", "note", "sender_name", "recipient_name"})


def public_message(sender: int, send_id: str, group: int | None, facts: Mapping[str, Any]) -> Message:
    """The one message of a chat that follows a send. ``group`` None: the message by which it was posted itself."""
    return Message(sender, "public_send", {"id": send_id, "group": group, **facts}, thread=f"public:{send_id}")


def _ending(
    claimable: Claimable, to: ClaimableState, fields: Mapping[str, Any], *, expires: bool = False, ended: bool = True
) -> Move:
    """From the state that was read and for the claimant that was read: what was decided is decided about those."""
    expected = {"recipient": claimable.recipient, "receive_day": claimable.receive_day}
    stamp = "ended_at" if ended else None
    before = frozenset({claimable.state}) & WAITING
    return Move(Claimable, claimable.id, before, to, fields, expected, expires=expires, stamp=stamp)


def claimable_facts(claimable: Claimable) -> dict[str, Any]:
    """What both sides' cards are made of."""
    names = (
        "id", "by", "state", "amount_minor", "fee_minor", "note", "person", "sender_name", "recipient",
        "recipient_name", "expires_at",
    )  # fmt: skip
    shown = claimable.document() | {"id": claimable.id}
    return {name: shown[name] for name in names}


def sender_message(claimable: Claimable, **more: Any) -> Message:
    """The sender's card, which follows in one message from the confirmation to the end."""
    facts = claimable_facts(claimable) | more
    return Message(claimable.person, "claimable_sent", facts, thread=f"send:{claimable.id}")


def recipient_message(claimable: Claimable, person: int, **more: Any) -> Message:
    """The other side's card, one message for each person whom it concerns."""
    facts = claimable_facts(claimable) | more
    return Message(person, "claimable", facts, thread=f"claimable:{claimable.id}:{person}")
