"""What the use cases about held sends share: finding one, and the postings that end it."""

from __future__ import annotations

from wallet_core.domain.card_lots import divided, lots_given
from wallet_core.domain.claimable import (
    Claimable,
    ClaimableState,
    claimed,
    given_back,
    public_messages,
    recipient_message,
    sender_message,
)
from wallet_core.domain.debt import unless_owing
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason, Refused
from wallet_core.domain.guards import unless_frozen
from wallet_core.domain.kyc import GiveBackLimit, Operation
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.mode import Doing, WhileOpen
from wallet_core.domain.movements import claimed as claimed_entries
from wallet_core.domain.movements import hold_released
from wallet_core.domain.people import Caller
from wallet_core.domain.record import Change
from wallet_core.ports import Ports


async def claimable_of(ports: Ports, claimable_id: str) -> Claimable:
    """The held send. Raises ``Refused(NOT_FOUND)``, and ``InvariantViolated`` as ``check_terms``."""
    found = await ports.store.get(Claimable, claimable_id)
    if found is None:
        raise Refused(Reason.NOT_FOUND, what=Claimable.collection)
    check_terms(ports, found)
    return found


def check_terms(ports: Ports, claimable: Claimable) -> None:
    """Raises ``InvariantViolated`` for one that nobody held, or that somebody changed in the database since."""
    if not ports.vault.mac_fits(claimable.terms(), claimable.mac):
        raise InvariantViolated(f"the terms of claimable {claimable.id} were changed")


async def own_claimable(ports: Ports, person: int, claimable_id: str) -> Claimable:
    """The sender's own held send. Raises ``Refused`` NOT_FOUND or NOT_YOURS."""
    found = await claimable_of(ports, claimable_id)
    if found.person != person:
        raise Refused(Reason.NOT_YOURS)
    return found


def check_waits(claimable: Claimable, *, done: ClaimableState) -> None:
    """Raises ``AlreadyDone`` with the held send when it is ``done``, and ``Refused(WRONG_STATE)`` at another end."""
    if claimable.state is done:
        raise AlreadyDone(claimable)
    if claimable.state not in (ClaimableState.OPEN, ClaimableState.ASKED):
        raise Refused(Reason.WRONG_STATE, what=Claimable.collection, state=claimable.state)


def check_theirs(found: Claimable, caller: Caller) -> None:
    """Raises ``AlreadyDone`` when the caller has it, and ``Refused(WRONG_STATE)`` when it went elsewhere."""
    if found.state is ClaimableState.CLAIMED and found.recipient != caller.person:
        raise Refused(Reason.WRONG_STATE, what=Claimable.collection, state=found.state)
    check_waits(found, done=ClaimableState.CLAIMED)


def claiming(claimable: Claimable, by: str, claimant: int, name: str, *guards: Change) -> Posting:
    """It becomes the claimant's. ``guards`` take their limit where asking has not taken it before.

    A frozen sender's money does not leave them by this way either, and neither does a debtor's.
    """
    after = claimable.model_copy(
        update={"state": ClaimableState.CLAIMED, "recipient": claimant, "recipient_name": name}
    )
    lots, _ = divided(claimable.card_lots, claimable.amount_minor)
    return Posting(
        f"claimed:{claimable.id}:{claimant}",
        "claimed",
        by,
        entries=claimed_entries(claimable.person, claimant, claimable.amount_minor, claimable.fee_minor),
        changes=(
            claimed(claimable, claimant, name),
            WhileOpen(Doing.SEND),
            unless_frozen(claimable.person),
            unless_owing(claimable.person),
            *guards,
            *((lots_given(claimant, lots),) if lots else ()),
        ),
        messages=(sender_message(after), recipient_message(after, claimant), *public_messages(after)),
        people=(claimable.person, claimant),
        facts={"intent": claimable.id, "sender": claimable.person, "recipient": claimant},
    )


def giving_back(claimable: Claimable, to: ClaimableState, by: str) -> Posting:
    """The money and both sides' limits go back to where they came from, each to its own day; so does what is young.

    ``to``: TAKEN_BACK by the sender, or RETURNED since its time is over.
    """
    is_wanted, after = to is ClaimableState.TAKEN_BACK, claimable.model_copy(update={"state": to})
    return Posting(
        # Who asked for it is among the facts, and a key stands for one content.
        f"send_given_back:{claimable.id}:{to}:{claimable.recipient}",
        "send_taken_back" if is_wanted else "send_returned",
        by,
        entries=hold_released(claimable.person, claimable.total_minor),
        changes=(
            given_back(claimable, to),
            GiveBackLimit(claimable.person, Operation.SEND, claimable.amount_minor, claimable.day),
            *receive_returned(claimable),
            *((lots_given(claimable.person, claimable.card_lots),) if claimable.card_lots else ()),
        ),
        messages=(sender_message(after), *_told(after), *public_messages(after)),
        people=(claimable.person,),
        facts={"intent": claimable.id, "sender": claimable.person, "recipient": claimable.recipient},
    )


def receive_returned(claimable: Claimable) -> tuple[GiveBackLimit, ...]:
    """What asking took out of the claimant's day, for its giving back."""
    if claimable.recipient is None or claimable.receive_day is None:
        return ()
    counts = claimable.receive_counts
    person, amount_minor = claimable.recipient, claimable.amount_minor
    return (GiveBackLimit(person, Operation.RECEIVE, amount_minor, claimable.receive_day, counts),)


def _told(claimable: Claimable) -> tuple[Message, ...]:
    return () if claimable.recipient is None else (recipient_message(claimable, claimable.recipient),)
