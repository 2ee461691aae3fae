"""What the use cases about mass sends share: finding one, who may steer it, and the posting that starts it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.debt import unless_owing
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.guards import unless_frozen
from wallet_core.domain.hold import Hold
from wallet_core.domain.ledger import Posting
from wallet_core.domain.mass_alone import started_alone
from wallet_core.domain.mass_row import MassRow
from wallet_core.domain.mass_send import HELD_FOR, PIECE, MassSend, MassState, mass_message
from wallet_core.domain.mode import Doing, WhileOpen
from wallet_core.domain.movements import hold_opened
from wallet_core.domain.people import Access, Caller, Role
from wallet_core.ports import After, Ports
from wallet_core.use_cases.balances import withdraw_from
from wallet_core.use_cases.gate import admit, if_allowed


async def mass_send_of(ports: Ports, mass_send_id: str) -> MassSend:
    """The mass send. Raises ``Refused(NOT_FOUND)``, also while its rows are being written."""
    send = await ports.store.get(MassSend, mass_send_id)
    if send is None or send.state is MassState.UPLOADING:
        raise Refused(Reason.NOT_FOUND, what=MassSend.collection)
    return send


async def lines_of(ports: Ports, mass_send_id: str) -> AsyncIterator[list[MassRow]]:
    """Its lines in their order, a thousand at a time."""
    last = 0
    while True:
        where = {"mass_send": mass_send_id, "line": After(last)}
        rows = await ports.store.find(MassRow, where, order_by=("line",), limit=PIECE)
        if not rows:
            return
        yield rows
        last = rows[-1].line


async def may_steer(ports: Ports, caller: Caller, send: MassSend) -> bool:
    """Whether the caller may stop, resume and cancel it: its payer, and every owner."""
    if caller.person == send.person:
        return True
    return (await admit(ports, caller, Access.FINANCE)).role is Role.OWNER


async def steered(ports: Ports, caller: Caller, mass_send_id: str) -> MassSend:
    """The mass send, for whoever may steer it. Raises ``Refused`` NOT_FOUND or NOT_YOURS."""
    send = await mass_send_of(ports, mass_send_id)
    if not await may_steer(ports, caller, send):
        raise Refused(Reason.NOT_YOURS)
    return send


def check_terms(ports: Ports, send: MassSend) -> None:
    """Raises ``InvariantViolated`` when somebody changed in the database what was shown."""
    if not ports.vault.mac_fits(send.terms(), send.mac):
        raise InvariantViolated(f"the terms of mass send {send.id} were changed")


async def check_fresh(ports: Ports, send: MassSend) -> None:
    """Raises ``Refused(EXPIRED)`` once its rates are too old: the same file makes a new preview then."""
    if send.state is MassState.EXPIRED or await ports.store.now() > send.expires_at:
        raise Refused(Reason.EXPIRED, expired_at=send.expires_at)


async def starting(ports: Ports, by: Caller, send: MassSend, before: MassState) -> Posting:
    """Sets the whole total aside, mature money alone, and lets the worker begin.

    The recipients may withdraw it at once, hence mature money. Raises ``Refused(CARD_MONEY_YOUNG)``; the posting
    refuses what else is wrong with the payer, and whatever changed in the mass send since it was shown; and where
    nobody approved it, with CHANGED_MEANWHILE what makes the payer's starts of the day too much in all.
    """
    check_terms(ports, send)
    now = await ports.store.now()
    took = await withdraw_from(ports, send.person, send.total_minor, now)
    approver, rows = by.person if before is MassState.APPROVAL else None, send.person_rows + send.address_rows
    alone = (started_alone(send.person, send.total_minor, send.approval_above_minor),) if approver is None else ()
    begun = send.model_copy(update={"started_at": now})
    fields = {"started_at": now, "start_mac": ports.vault.mac(begun.start_terms()), "approved_by": approver}
    running = send.model_copy(update={"state": MassState.RUNNING, **fields})
    return Posting(
        f"{send.id}:reserve",
        "hold_opened",
        by.name,
        entries=hold_opened(send.person, send.total_minor),
        changes=(
            if_allowed(ports, send.person, Access.FINANCE),
            WhileOpen(Doing.SEND),
            unless_frozen(send.person),
            unless_owing(send.person),
            *alone,
            *took.changes,
            Insert(_hold(send, now), stamp="opened_at"),
            Move(
                MassSend,
                send.id,
                frozenset({before}),
                MassState.RUNNING,
                fields,
                unchanged(send),
                expires=True,
            ),
        ),
        messages=(mass_message(running),),
        people=tuple(person for person in (send.person, approver) if person is not None),
        facts={"hold": send.id, "mass_send": send.id, "rows": rows, "digest": send.digest},
    )


def _hold(send: MassSend, now: datetime) -> Hold:
    total_minor = send.total_minor
    return Hold(
        id=send.id,
        person=send.person,
        amount_minor=total_minor,
        left_minor=total_minor,
        expires_at=now + HELD_FOR,
    )


def unchanged(send: MassSend) -> dict[str, object]:
    """What must still be as it was shown, in the posting."""
    names = ("person", "digest", "mac", "total_minor", "fee_minor", "rows", "approval", "approval_above_minor")
    return {name: getattr(send, name) for name in names}
