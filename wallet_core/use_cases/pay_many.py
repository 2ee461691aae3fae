"""Pay many people out of one person's money: the total is reserved first, so that it is enough for all or for none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wallet_core.domain.changes import Insert
from wallet_core.domain.debt import unless_owing
from wallet_core.domain.errors import InvariantViolated, Reason, Refused, WalletError
from wallet_core.domain.guards import if_enrolled, unless_frozen
from wallet_core.domain.hold import Hold, HoldState, ReleaseHold, SettleHold
from wallet_core.domain.ledger import Message, Posting, Receipt
from wallet_core.domain.movements import hold_opened, hold_released, hold_settled
from wallet_core.domain.people import Person
from wallet_core.ports import Ports
from wallet_core.use_cases.balances import withdraw_from
from wallet_core.use_cases.gate import operator_only

_RELEASE_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Row:
    """Who gets how much, in ITD minor units."""

    recipient: int
    amount_minor: int


@operator_only
async def pay_many(
    ports: Ports, job: str, payer: int, rows: Sequence[Row], expires_at: datetime
) -> list[Receipt | WalletError]:
    """Pays every row once, however often and from wherever it is called with the same job; outcomes in order.

    A refused row is paid to nobody, and its money goes back with the rest of the reservation; so does all that is left
    when the payer is frozen meanwhile. Until ``expires_at`` an interrupted job can be resumed by the same call; then
    the worker gives back what is left.

    Raises ``Refused`` FROZEN, IN_DEBT, DISPUTED, CARD_MONEY_YOUNG or INSUFFICIENT_FUNDS, and then nobody was paid;
    ``InvariantViolated`` for the same job with other rows or another expiry; ``Unavailable`` when the database does not
    answer.
    """
    if not rows or any(row.amount_minor <= 0 for row in rows):
        raise InvariantViolated(f"job {job}: every row must pay something")
    name = await _name(ports, payer)
    await ports.ledger.post(await _reservation(ports, job, payer, rows, expires_at))
    outcomes = await ports.ledger.post_many([_payment(job, payer, name, n, row) for n, row in enumerate(rows)])
    await _release(ports, job, payer)
    return outcomes


async def _name(ports: Ports, person: int) -> str:
    known = await ports.store.get(Person, person)
    return known.display_name if known else str(person)


async def _reservation(ports: Ports, job: str, payer: int, rows: Sequence[Row], expires_at: datetime) -> Posting:
    """Sets the total aside; of mature money, because the recipients may withdraw it at once."""
    total_minor = sum(row.amount_minor for row in rows)
    took = await withdraw_from(ports, payer, total_minor, await ports.store.now())
    hold = Hold(id=job, person=payer, amount_minor=total_minor, left_minor=total_minor, expires_at=expires_at)
    return Posting(
        f"{job}:reserve",
        "hold_opened",
        "operator",
        entries=hold_opened(payer, total_minor),
        changes=(unless_frozen(payer), unless_owing(payer), *took.changes, Insert(hold, stamp="opened_at")),
        facts={"hold": job, "rows": len(rows), "digest": _digest(rows), "expires_at": expires_at.isoformat()},
    )


def _digest(rows: Sequence[Row]) -> str:
    """SHA-256 of all rows, so that a job's name stands for them for ever."""
    content = json.dumps([(row.recipient, row.amount_minor) for row in rows])
    return hashlib.sha256(content.encode()).hexdigest()


def _payment(job: str, payer: int, payer_name: str, number: int, row: Row) -> Posting:
    told = {"amount_minor": row.amount_minor, "fee_minor": 0, "id": f"{job}:{number}"}
    return Posting(
        f"{job}:{number}",
        "hold_settled",
        "operator",
        entries=hold_settled(payer, row.recipient, row.amount_minor),
        changes=(
            unless_frozen(payer),
            if_enrolled(row.recipient, Reason.RECIPIENT_NOT_ENROLLED),
            SettleHold(job, row.amount_minor),
        ),
        messages=(Message(row.recipient, "received", {**told, "other_id": payer, "other_name": payer_name}),),
        facts={"hold": job, "sender": payer, "recipient": row.recipient},
    )


async def _release(ports: Ports, job: str, payer: int) -> None:
    """What refused rows left goes back, once. Somebody else may be at it: another caller of this job, or the worker."""
    for attempt in range(_RELEASE_TRIES):
        hold = await ports.store.get(Hold, job)
        if hold is None or hold.state is not HoldState.OPEN:
            return
        try:
            await ports.ledger.post(release_posting(hold, HoldState.VOIDED, "operator"))
        except (Refused, InvariantViolated):
            if attempt == _RELEASE_TRIES - 1:
                raise


def release_posting(hold: Hold, to_state: HoldState, by: str) -> Posting:
    """The end of a hold of which something is left. One key for all its ends, so that it comes back once."""
    if to_state not in (HoldState.VOIDED, HoldState.EXPIRED):
        raise InvariantViolated(f"hold {hold.id} cannot be released as {to_state}")
    return Posting(
        f"{hold.id}:release",
        "hold_released",
        by,
        entries=hold_released(hold.person, hold.left_minor),
        changes=(ReleaseHold(hold.id, hold.left_minor, to_state),),
        messages=(Message(hold.person, "hold_released", {"amount_minor": hold.left_minor, "id": hold.id}),),
        facts={"hold": hold.id},
    )
