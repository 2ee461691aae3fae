"""A refund: the coins of a case go back to an address that the person gave, less what the network takes. Pure.

A refund is a ``Withdrawal`` with the id of its case, so that it passes the queue, the policies and the signer as any
payout does, and so that a case has one payout for ever. No ITD is held for it: its coins lie in ``suspense`` until they
have left for good. Taken back or not payable, it may begin anew with another address, in the same record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from wallet_core.domain.case import Case, CaseChoice, CaseState
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.ledger import Message
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.record import Change, Document, Target

#: How a refund may have ended without its coins having left.
_ENDED_UNPAID: Final = (PayoutState.CANCELLED, PayoutState.RETURNED)


@dataclass(frozen=True, slots=True)
class QueueRefund:
    """Puts a refund into the queue: a new payout, or in place of the same case's that ended unpaid."""

    refund: Withdrawal

    @property
    def target(self) -> Target:
        """The payout."""
        return Target(Withdrawal.collection, self.refund.id)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The queued refund. Raises ``Refused(WRONG_STATE)`` while one is under way, or once it was paid."""
        if document is not None and document.get("case") != self.refund.case:
            raise InvariantViolated(f"payout {self.refund.id} is no refund of case {self.refund.case}")
        if document is not None and document["state"] not in _ENDED_UNPAID:
            raise Refused(Reason.WRONG_STATE, what=Withdrawal.collection, state=document["state"])
        return {**self.refund.document(), "created_at": now}


@dataclass(frozen=True, slots=True)
class RefundEnd:
    """What the end of a refund does beside moving its payout: its case goes on, people are told."""

    changes: tuple[Change, ...] = ()
    messages: tuple[Message, ...] = ()


#: The end of what is no refund.
NO_REFUND: Final = RefundEnd()


def refund_begun(case: Case) -> Move:
    """The case while its refund is under way. Refused when an admin decided otherwise in between."""
    expected = {"choice": CaseChoice.REFUND, "decisions": case.decisions, "refunds": case.refunds}
    waiting = frozenset({CaseState.WAITING})
    return Move(Case, case.id, waiting, CaseState.PAYING, {"refunds": case.refunds + 1}, expected)


def refund_over(case: str, state: CaseState, **fields: Any) -> Move:
    """The case after its refund: CLOSED when it was paid, WAITING when it was taken back, OPEN when it failed."""
    return Move(Case, case, frozenset({CaseState.PAYING}), state, fields)
