"""What sends share: who the other one is, whether they can have it now, and the posting that holds it if not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wallet_core.domain.card_lots import Leaving, divided
from wallet_core.domain.changes import Insert
from wallet_core.domain.claimable import Claimable, ClaimBy, public_messages, recipient_message, sender_message
from wallet_core.domain.debt import unless_owing
from wallet_core.domain.guards import Guards, unless_frozen
from wallet_core.domain.kyc import Operation, TakeLimit, Used, excess, used
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.mode import Doing, WhileOpen
from wallet_core.domain.movements import hold_opened
from wallet_core.domain.people import Caller, Person
from wallet_core.domain.record import Change
from wallet_core.ports import Ports
from wallet_core.use_cases.balances import send_from
from wallet_core.use_cases.claim_links import sealed_link
from wallet_core.use_cases.limits import LimitsToday, Today


@dataclass(frozen=True, slots=True)
class Held:
    """A send that somebody has to claim. Amounts in ITD minor units."""

    id: str
    by: ClaimBy
    amount_minor: int
    fee_minor: int
    recipient: int | None = None
    recipient_name: str | None = None
    note: str = ""
    group: int | None = None
    changes: tuple[Change, ...] = ()


async def name_of(ports: Ports, person: int) -> str:
    """How somebody is called at Telegram now; their number where nothing is known."""
    known = await ports.store.get(Person, person)
    return known.display_name if known else str(person)


def receive_counts(ports: Ports, amount_minor: int) -> int:
    """Whether a receipt counts as an operation: dust must not use up a stranger's day."""
    return int(amount_minor >= ports.settings.itd("receive_counted_from"))


def take_receive(ports: Ports, limits: LimitsToday, person: int, amount_minor: int) -> TakeLimit:
    """The guard that takes a receipt out of the recipient's limit of the day."""
    return limits.take(person, Operation.RECEIVE, amount_minor, counts=receive_counts(ports, amount_minor))


async def can_receive(ports: Ports, person: int, amount_minor: int, limits: LimitsToday) -> bool:
    """Whether they can have it now: they have joined, and their day has room. The posting decides it once more."""
    guards = await ports.store.get(Guards, person)
    if guards is None or not guards.enrolled:
        return False
    before = used(guards, Operation.RECEIVE, limits.when.day)
    counted = Used(before.count - 1 + receive_counts(ports, amount_minor), before.amount_minor)
    return excess(counted, amount_minor, limits.limit(guards, Operation.RECEIVE)) is None


async def holding(ports: Ports, caller: Caller, send: Held, limits: LimitsToday) -> Posting:
    """Takes it out of the sender's balance and day, and holds it until it is claimed or its time is over."""
    took = await send_from(ports, caller.person, send.amount_minor + send.fee_minor)
    claimable = await _claimable(ports, caller, send, took, limits.when)
    return Posting(
        # Another key than the same send has where it is not held: of two taps each may find the recipient's day
        # otherwise, and the second is to be refused and not to contradict the first.
        f"send_held:{send.id}",
        "send_held",
        caller.name,
        entries=hold_opened(caller.person, claimable.total_minor),
        changes=(
            *send.changes,
            WhileOpen(Doing.SEND),
            unless_frozen(caller.person),
            unless_owing(caller.person),
            *took.changes,
            limits.take(caller.person, Operation.SEND, send.amount_minor),
            Insert(claimable, stamp="opened_at"),
        ),
        messages=_messages(ports, claimable),
        people=tuple(person for person in (caller.person, claimable.recipient) if person is not None),
        facts={"intent": send.id, "sender": caller.person, "recipient": send.recipient, "by": send.by},
    )


async def _claimable(ports: Ports, caller: Caller, send: Held, took: Leaving, when: Today) -> Claimable:
    lots, _ = divided(took.taken, send.amount_minor + send.fee_minor)
    claimable = Claimable(
        id=send.id,
        person=caller.person,
        sender_name=await name_of(ports, caller.person),
        by=send.by,
        amount_minor=send.amount_minor,
        fee_minor=send.fee_minor,
        note=send.note,
        recipient=send.recipient,
        recipient_name=send.recipient_name,
        group=send.group,
        day=when.day,
        card_lots=lots,
        expires_at=_expiry(ports, when.now),
    )
    return claimable.model_copy(update={"mac": ports.vault.mac(claimable.terms())})


def _expiry(ports: Ports, now: datetime) -> datetime:
    return now + timedelta(seconds=ports.settings.claim_seconds)


def _messages(ports: Ports, claimable: Claimable) -> tuple[Message, ...]:
    to_sender = replace(sender_message(claimable), sealed=sealed_link(ports, claimable))
    public = public_messages(claimable)
    if claimable.recipient is None:
        return to_sender, *public
    return to_sender, recipient_message(claimable, claimable.recipient), *public
