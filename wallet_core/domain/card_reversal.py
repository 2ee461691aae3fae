"""Card money that goes back: a refund or a dispute, and the ITD that is set aside for it. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from wallet_core.domain.card import CardClaim, ClaimKind
from wallet_core.domain.card_lots import lots_left, lots_of
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.guards import CardLot, ChangeGuards, Guards
from wallet_core.domain.ledger import Entry
from wallet_core.domain.movements import hold_opened
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.record import Change, Record


class ReversalState(StrEnum):
    """WANTED: an admin asked, the card company was not asked yet. OPEN: it has not decided. Then one of the ends.

    DONE: the dollars went back. RETURNED: they did not, or came again, and the ITD is the person's as before.
    """

    WANTED = "wanted"
    OPEN = "open"
    DONE = "done"
    RETURNED = "returned"


#: What is still to be looked at.
UNDECIDED = (ReversalState.WANTED, ReversalState.OPEN)


class CardReversal(Record):
    """One refund or dispute. ``held_minor`` of its ITD is in the person's held money until it is decided."""

    collection: ClassVar[str] = "card_reversals"

    id: str
    kind: ClaimKind
    state: ReversalState
    person: int
    invoice: str
    payment: str
    #: The refund's or dispute's id at the card company; None before it was asked.
    claim: str | None = None
    #: US cents, and the ITD and the fee of ours that they had bought.
    coin_minor: int
    itd_minor: int = 0
    fee_minor: int = 0
    held_minor: int = 0
    #: US cents that it took beyond what was ever paid; the house bears them. Only while it is DONE.
    lost_minor: int = 0
    #: What of the person's young money was set aside with it.
    lots: tuple[CardLot, ...] = ()
    asked_by: int | None = None
    #: HMAC of ``terms`` of a refund that an admin asked for: the card company is asked for no other.
    mac: str = ""
    opened_at: datetime | None = None

    @property
    def share(self) -> Share:
        """What of the payment it claims."""
        return Share(self.coin_minor, self.itd_minor, self.fee_minor)

    def terms(self) -> bytes:
        """What its MAC covers: how much of which payment goes back; no other terms begin like it."""
        terms = [self.id, self.person, self.invoice, self.payment, self.coin_minor, self.asked_by]
        return b"card refund " + json.dumps(terms).encode()


@dataclass(frozen=True, slots=True)
class Share:
    """What so many cents of a payment had bought: ITD and fee in ITD minor units."""

    coin_minor: int
    itd_minor: int
    fee_minor: int

    def __neg__(self) -> Share:
        """The same, given back."""
        return Share(-self.coin_minor, -self.itd_minor, -self.fee_minor)


def share_of(payment: Payment, coin_minor: int) -> Share:
    """So many cents of what was not taken back yet, never more than that; the last ones take all that is left."""
    left_minor = payment.coin_minor - payment.reversed_minor
    taken_minor = min(left_minor, coin_minor)

    def part(whole_minor: int) -> int:
        return whole_minor * taken_minor // left_minor if left_minor else 0

    itd_minor = payment.credited_minor - payment.reversed_itd_minor
    fee_minor = payment.fee_minor - payment.reversed_fee_minor
    return Share(taken_minor, part(itd_minor), part(fee_minor))


def reversed_by(payment: Payment, share: Share) -> Move:
    """So much more of a payment is claimed, or so much less with a share below zero: then not all of it is reversed.

    Refuses with CHANGED_MEANWHILE when somebody else claimed some in between.
    """
    booked = frozenset({PaymentState.CREDITED, PaymentState.REVERSED})
    fields = {
        "reversed_minor": payment.reversed_minor + share.coin_minor,
        "reversed_itd_minor": payment.reversed_itd_minor + share.itd_minor,
        "reversed_fee_minor": payment.reversed_fee_minor + share.fee_minor,
    }
    expected = {"reversed_minor": payment.reversed_minor}
    after = PaymentState.CREDITED if share.coin_minor < 0 else payment.state
    return Move(Payment, payment.id, booked, after, fields, expected)


def reversed_for_good(payment: Payment) -> Move:
    """What was claimed is gone; a payment of which nothing is left is REVERSED."""
    booked = frozenset({PaymentState.CREDITED, PaymentState.REVERSED})
    is_whole = payment.reversed_minor == payment.coin_minor
    after, expected = PaymentState.REVERSED if is_whole else payment.state, {"reversed_minor": payment.reversed_minor}
    return Move(Payment, payment.id, booked, after, expected=expected)


@dataclass(frozen=True, slots=True)
class Opening:
    """The parts of the posting that sets the ITD of a claim aside, as far as it is there."""

    reversal: CardReversal
    changes: tuple[Change, ...]
    entries: tuple[Entry, ...]


def opening(reversal: CardReversal, payment: Payment, guards: Guards, available_minor: int, now: datetime) -> Opening:
    """Opens a reversal whose ``coin_minor`` is what is claimed; what that had bought is filled in here.

    The posting refuses with INSUFFICIENT_FUNDS or CHANGED_MEANWHILE what was not so any more: decide again.
    """
    empty = reversal.model_copy(update={"coin_minor": 0})
    filled, changes, entries = _set_aside(
        empty, payment, reversal.coin_minor, guards, available_minor=available_minor, now=now
    )
    disputed = (dispute_opened(payment.person, reversal.id),) if reversal.kind is ClaimKind.DISPUTE else ()
    return Opening(filled, (Insert(filled, stamp="opened_at"), *changes, *disputed), entries)


def enlarged(
    reversal: CardReversal, payment: Payment, coin_minor: int, guards: Guards, *, available_minor: int, now: datetime
) -> Opening:
    """Sets so many more cents aside for an open claim: another one, which had claimed them first, was given up."""
    filled, changes, entries = _set_aside(
        reversal, payment, coin_minor, guards, available_minor=available_minor, now=now
    )
    open_only, more = frozenset({ReversalState.OPEN}), filled.document()
    fields = {name: more[name] for name in ("coin_minor", "itd_minor", "fee_minor", "held_minor", "lots")}
    expected = {"coin_minor": reversal.coin_minor}
    move = Move(CardReversal, reversal.id, open_only, ReversalState.OPEN, fields, expected)
    return Opening(filled, (move, *changes), entries)


def _set_aside(
    reversal: CardReversal, payment: Payment, coin_minor: int, guards: Guards, *, available_minor: int, now: datetime
) -> tuple[CardReversal, tuple[Change, ...], tuple[Entry, ...]]:
    """The reversal with so many more cents and what they had bought, and what takes that from the person."""
    claimed = share_of(payment, coin_minor)
    held_minor = min(available_minor, claimed.itd_minor)
    taken, left = lots_of(guards, payment.invoice, claimed.itd_minor, now)
    sums = {name: getattr(reversal, name) + minor for name, minor in asdict(claimed).items()}
    more = {"held_minor": reversal.held_minor + held_minor, "lots": (*reversal.lots, *taken)}
    changes = (reversed_by(payment, claimed), lots_left(payment.person, guards.card_lots, left))
    entries = hold_opened(payment.person, held_minor) if held_minor else ()
    return reversal.model_copy(update=sums | more), changes, entries


def is_answer(reversal: CardReversal, claim: CardClaim) -> bool:
    """Whether a claim is the refund that we asked for: anybody can write into a refund's metadata."""
    is_named = claim.reversal == reversal.id and reversal.claim in (None, claim.id)
    return is_named and claim.amount_minor == reversal.coin_minor


def lost_beyond(reversal: CardReversal, claim: CardClaim) -> int:
    """US cents that a lost claim takes beyond what was ever paid: the person has given up the ITD of the rest once."""
    return max(0, claim.amount_minor - reversal.coin_minor)


def id_after(known: CardReversal | None, claim: CardClaim) -> str:
    """The id under which a claim is followed that is not known, or is raised again after it had been given up."""
    if known is None or known.id.partition(":")[0] != claim.id:
        return claim.id
    return f"{claim.id}:{int(known.id.partition(':')[2] or 1) + 1}"


def dispute_opened(person: int, dispute: str) -> ChangeGuards:
    """Nothing leaves the person's wallet until it is decided."""
    return ChangeGuards(person, lambda guards, _now: guards.with_(disputes=(*guards.disputes, dispute)))


def dispute_closed(person: int, dispute: str) -> ChangeGuards:
    """It is decided."""
    return ChangeGuards(
        person, lambda guards, _now: guards.with_(disputes=tuple(d for d in guards.disputes if d != dispute))
    )
