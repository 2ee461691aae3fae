"""What paying one line does: ITD to a person, or a payout for an address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from payout_worker.tenure import Tenure
from wallet_core.domain.changes import Insert
from wallet_core.domain.debt import unless_owing
from wallet_core.domain.errors import InvariantViolated, Reason
from wallet_core.domain.guards import Fits, if_enrolled, if_role_reaches, unless_frozen
from wallet_core.domain.hold import SettleHold
from wallet_core.domain.kyc import Operation, TakeLimit
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.mass_row import MassRow, RowState, move_row, payout_id
from wallet_core.domain.mass_send import CountRows, MassSend
from wallet_core.domain.mode import Doing, WhileOpen
from wallet_core.domain.movements import hold_settled
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Access
from wallet_core.domain.policies import Concern, Decision, objection
from wallet_core.domain.record import Change
from wallet_core.use_cases.limits import LimitsToday


@dataclass(frozen=True, slots=True)
class Recipients:
    """How a recipient's limit of the day is taken: as by any send."""

    limits: LimitsToday
    #: ITD minor units from which on a receipt takes one of the day's count.
    counted_from_minor: int

    def take(self, person: int, amount_minor: int) -> TakeLimit:
        """The guard. Refuses with RECIPIENT_LIMIT, which tells nobody's figures."""
        counts = int(amount_minor >= self.counted_from_minor)
        return self.limits.take(person, Operation.RECEIVE, amount_minor, counts=counts, refusal=Reason.RECIPIENT_LIMIT)


@dataclass(frozen=True, slots=True)
class Piece:
    """What the postings of some lines have in common; ``decisions`` are the policies', by line, for addresses."""

    send: MassSend
    payer_name: str
    limits: Recipients
    decisions: Mapping[int, Decision]
    quote_seconds: int
    mac: Callable[[bytes], str]
    fits: Fits

    @property
    def forbidden(self) -> str | None:
        """The policy that lets its payer pay nothing out now."""
        found = (self._objecting(line, Concern.PERSON) for line in self.decisions)
        return next((policy for policy in found if policy), None)

    def waits(self, row: MassRow) -> bool:
        """Whether its chain is closed."""
        return self._objecting(row.line, Concern.CHAIN) is not None

    def is_barred(self, row: MassRow) -> bool:
        """Whether nothing is paid to its address."""
        return self._objecting(row.line, Concern.ADDRESS) is not None

    def _objecting(self, line: int, concern: Concern) -> str | None:
        decision = self.decisions.get(line)
        found = objection(decision) if decision else None
        return found[1].policy if found and found[0] is concern else None


def paying(tenure: Tenure, piece: Piece, row: MassRow) -> Posting:
    """The one posting that pays a line, or makes a payout of it."""
    return _to_address(tenure, piece, row) if row.person is None else _to_person(tenure, piece, row, row.person)


def _to_person(tenure: Tenure, piece: Piece, row: MassRow, person: int) -> Posting:
    send = piece.send
    told: dict[str, Any] = {"amount_minor": row.amount_minor, "fee_minor": 0, "id": row.id}
    told |= {"other_id": send.person, "other_name": piece.payer_name}
    told |= {"note": row.note} if row.note else {}
    return tenure.posting_once(
        "hold_settled",
        row.id,
        CountRows(send.id, {"paid": 1, "paid_minor": row.itd_minor}),
        *_taken(piece, row, RowState.PAID),
        if_enrolled(person, Reason.RECIPIENT_NOT_ENROLLED),
        piece.limits.take(person, row.amount_minor),
        entries=hold_settled(send.person, person, row.amount_minor),
        messages=(Message(person, "received", told),),
        facts={"hold": send.id, "mass_send": send.id, "line": row.line, "sender": send.person, "recipient": person},
    )


def _to_address(tenure: Tenure, piece: Piece, row: MassRow) -> Posting:
    """The money stays held: it goes from the hold of the mass send to the payout's own, within one account."""
    send, payout = piece.send, _payout(piece, row)
    return tenure.posting_once(
        "mass_payout_queued",
        row.id,
        CountRows(send.id, {"queued": 1}),
        *_taken(piece, row, RowState.QUEUED),
        Insert(payout, stamp="created_at"),
        people=(send.person,),
        facts={"mass_send": send.id, "line": row.line, "payout": payout.id, "asset": row.asset, "address": row.address},
    )


def _taken(piece: Piece, row: MassRow, to: RowState) -> tuple[Change, ...]:
    send = piece.send
    # Whoever is no admin any more is not one whose files are paid.
    reaches = if_role_reaches(send.person, Access.FINANCE, piece.fits)
    # With its coin: a rail that is drained pays what it has taken and takes no more.
    may_pay = (WhileOpen(Doing.SEND, row.asset), reaches, unless_frozen(send.person), unless_owing(send.person))
    return move_row(row, to), *may_pay, SettleHold(send.id, row.cost_minor)


def _payout(piece: Piece, row: MassRow) -> Withdrawal:
    send, decision = piece.send, piece.decisions[row.line]
    if row.address is None or send.started_at is None:
        raise InvariantViolated(f"line {row.line} of mass send {send.id} goes nowhere")
    payout = Withdrawal(
        id=payout_id(send.id, row.line),
        person=send.person,
        state=PayoutState.QUEUED,
        asset=row.asset,
        address=row.address,
        amount_minor=row.itd_minor,
        fee_minor=row.fee_minor,
        coin_minor=row.amount_minor,
        rate_minor=send.total(row.asset).rate_minor,
        # The rate held when it was started; from then on it is as with any payout that waits.
        quoted_until=send.started_at + timedelta(seconds=piece.quote_seconds),
        mac="",
        decision=decision.model_dump(),
        limit_day="",
        not_before=decision.not_before,
        # Whether anybody did is sealed, by whom is not: see ``MassSend.start_terms``.
        reviewed_by=send.approved_by if send.approval else None,
        mass_send=send.id,
    )
    return payout.model_copy(update={"mac": piece.mac(payout.terms())})
