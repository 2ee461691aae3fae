"""How a payout that cannot be paid ends: the hold is voided, the day's limit given back, the person told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from payout_worker.tenure import Tenure
from wallet_core.domain.kyc import GiveBackLimit, Operation
from wallet_core.domain.ledger import Entry, Posting
from wallet_core.domain.movements import withdrawal_returned
from wallet_core.domain.payout import PayoutState, Withdrawal, move_payout
from wallet_core.domain.receipts import WithdrawalStep, withdrawal_message, withdrawal_messages
from wallet_core.domain.record import Change
from wallet_core.domain.refund import NO_REFUND, RefundEnd

#: The reason of a return because the rate had moved since the quote.
REQUOTED: Final = "requoted"


def returning(
    tenure: Tenure,
    payout: Withdrawal,
    *changes: Change,
    entries: tuple[Entry, ...] = (),
    end: RefundEnd = NO_REFUND,
    facts: Mapping[str, Any] | None = None,
    **moved: Any,
) -> Posting:
    """The one posting that returns a payout whose coins never left, with what its batch adds to it.

    One that burned gas keeps the fee and its place in the day's limit: it is the receiver's code that failed, and
    whoever wrote it could burn the house's gas for nothing otherwise. ``end`` is what a refund's end does beside.
    """
    if payout.case:
        return _refund_returning(tenure, payout, *changes, entries=entries, end=end, facts=facts, **moved)
    burned = bool(entries) or payout.reverts > 0
    kept_minor = payout.fee_minor if burned else 0
    took_limit = not (burned or payout.mass_send)
    back = GiveBackLimit(payout.person, Operation.PAYOUT, payout.amount_minor, payout.limit_day)
    more: dict[str, Any] = {"fee_kept_minor": kept_minor} | (
        {"requote": True} if (facts or {}).get("reason") == REQUOTED else {}
    )
    return tenure.posting_once(
        "withdrawal_returned",
        f"return:{payout.id}",
        *changes,
        move_payout(payout.id, payout.state, PayoutState.RETURNED, **moved),
        *((back,) if took_limit else ()),
        entries=(*entries, *withdrawal_returned(payout.person, payout.total_minor, kept_minor)),
        messages=withdrawal_messages(payout, WithdrawalStep.RETURNED, **more),
        people=(payout.person,),
        facts={"payout": payout.id, **(facts or {})},
    )


def _refund_returning(
    tenure: Tenure,
    refund: Withdrawal,
    *changes: Change,
    entries: tuple[Entry, ...],
    end: RefundEnd,
    facts: Mapping[str, Any] | None,
    **moved: Any,
) -> Posting:
    """Its coins lie aside as before, and an admin decides about its case anew."""
    return tenure.posting_once(
        "refund_returned",
        f"return:{refund.id}:{refund.round}",
        *changes,
        move_payout(refund.id, refund.state, PayoutState.RETURNED, **moved),
        *end.changes,
        entries=entries,
        messages=(withdrawal_message(refund, WithdrawalStep.RETURNED), *end.messages),
        people=(refund.person,),
        facts={"payout": refund.id, **(facts or {})},
    )
