"""What the use cases about recurring sends share, and the posting of a run, which is the worker's."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

from wallet_core.domain.card_lots import divided, lots_given
from wallet_core.domain.changes import Move
from wallet_core.domain.claimable import ClaimBy
from wallet_core.domain.debt import unless_owing
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.guards import if_enrolled, unless_frozen
from wallet_core.domain.kyc import Operation
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.mode import Doing, WhileOpen
from wallet_core.domain.movements import sent
from wallet_core.domain.people import Caller
from wallet_core.domain.record import Change
from wallet_core.domain.recurring_send import RecurringSend, RecurringState, moved, recurring_message, went
from wallet_core.ports import Ports
from wallet_core.use_cases.balances import send_from
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.limits import LimitsToday, limits_today
from wallet_core.use_cases.sending import Held, can_receive, holding, name_of, take_receive

#: More are a job for a mass send.
_MOST_OF_ONE_PERSON: Final = 20

Kind = Literal["recurring_paused", "recurring_resumed", "recurring_skipped", "recurring_ended"]


async def recurring_of(ports: Ports, caller: Caller, recurring_id: str) -> RecurringSend:
    """The caller's own recurring send. Raises ``Refused`` NOT_FOUND or NOT_YOURS."""
    found = await ports.store.get(RecurringSend, recurring_id)
    if found is None:
        raise Refused(Reason.NOT_FOUND, what=RecurringSend.collection)
    if found.person != caller.person:
        raise Refused(Reason.NOT_YOURS)
    return found


async def steer(ports: Ports, caller: Caller, send: RecurringSend, kind: Kind, move: Move) -> RecurringSend:
    """Changes it as its person wants, from what was read, and shows it in its card."""
    move = sealed(ports, send, move)
    after = moved(send, move)
    posting = Posting(
        f"{kind}:{new_id()}",
        kind,
        caller.name,
        changes=(move,),
        messages=(recurring_message(after),),
        people=(caller.person,),
        facts={"recurring": send.id},
    )
    await ports.ledger.post(posting)
    return after


def check_terms(ports: Ports, send: RecurringSend) -> None:
    """Raises ``InvariantViolated`` for one that no code set up, or that somebody changed in the database since."""
    if not ports.vault.mac_fits(send.terms(), send.mac):
        raise InvariantViolated(f"the terms of recurring send {send.id} were changed")


def sealed(ports: Ports, send: RecurringSend, move: Move) -> Move:
    """The move, with the MAC of what it makes of it. Raises ``InvariantViolated`` as ``check_terms``."""
    check_terms(ports, send)
    return replace(move, fields={**move.fields, "mac": ports.vault.mac(moved(send, move).terms())})


async def run_posting(ports: Ports, send: RecurringSend) -> Posting:
    """One run: the money goes, or is held where the recipient cannot have it now, and the next time is noted.

    Its key has the time at which it was due, whichever of both it is, so that a run is made once however often it is
    tried. Raises ``InvariantViolated`` as ``check_terms``.
    """
    limits = await limits_today(ports)
    note = sealed(ports, send, went(send, limits.when.now))
    if await can_receive(ports, send.recipient, send.amount_minor, limits):
        return await _sent(ports, send, note, limits)
    fee_minor = ports.settings.itd("send_fee")
    held = Held(
        run_id(send),
        ClaimBy.PERSON,
        send.amount_minor,
        fee_minor,
        send.recipient,
        send.recipient_name,
        send.note,
        changes=(note,),
    )
    posting = await holding(ports, Caller(send.person), held, limits)
    return replace(posting, key=_key(send), messages=(*posting.messages, _card(send, note)))


def run_id(send: RecurringSend) -> str:
    """The id of the run that is due."""
    return f"{send.id}:{int(send.next_at.timestamp())}"


def _key(send: RecurringSend) -> str:
    return f"recurring:{run_id(send)}"


async def _sent(ports: Ports, send: RecurringSend, note: Move, limits: LimitsToday) -> Posting:
    fee_minor = ports.settings.itd("send_fee")
    took = await send_from(ports, send.person, send.amount_minor + fee_minor)
    lots, _ = divided(took.taken, send.amount_minor)
    young: tuple[Change, ...] = (lots_given(send.recipient, lots),) if lots else ()
    received = take_receive(ports, limits, send.recipient, send.amount_minor)
    return Posting(
        _key(send),
        "sent",
        Caller(send.person).name,
        entries=sent(send.person, send.recipient, send.amount_minor, fee_minor),
        changes=(
            note,
            WhileOpen(Doing.SEND),
            unless_frozen(send.person),
            unless_owing(send.person),
            *took.changes,
            *young,
            if_enrolled(send.recipient, Reason.RECIPIENT_NOT_ENROLLED),
            limits.take(send.person, Operation.SEND, send.amount_minor),
            replace(received, refusal=Reason.RECIPIENT_LIMIT),
        ),
        messages=(*await _messages(ports, send, fee_minor), _card(send, note)),
        people=(send.person, send.recipient),
        facts={"recurring": send.id, "sender": send.person, "recipient": send.recipient},
    )


async def _messages(ports: Ports, send: RecurringSend, fee_minor: int) -> tuple[Message, ...]:
    amounts = {"amount_minor": send.amount_minor, "fee_minor": fee_minor, "id": run_id(send), "note": send.note}
    to = {**amounts, "other_id": send.recipient, "other_name": send.recipient_name, "recurring": send.id}
    origin = {**amounts, "other_id": send.person, "other_name": await name_of(ports, send.person)}
    return Message(send.person, "sent", to), Message(send.recipient, "received", origin)


def _card(send: RecurringSend, note: Move) -> Message:
    return recurring_message(moved(send, note))


async def check_room(ports: Ports, person: int) -> None:
    """Raises ``Refused(TOO_MANY)`` for somebody who has twenty that run or are paused."""
    alive = {"person": person, "state": (RecurringState.RUNNING, RecurringState.PAUSED)}
    if await ports.store.count(RecurringSend, alive) >= _MOST_OF_ONE_PERSON:
        raise Refused(Reason.TOO_MANY, most=_MOST_OF_ONE_PERSON)
