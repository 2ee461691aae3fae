"""How a payout that cannot be paid ends: the hold is voided, the day's limit given back, the person told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from payout_worker.tenure import Tenure
from wallet_core.domain.kyc import GiveBackLimit, Operation
from wallet_core.domain.ledger import Entry, Posting
from wallet_core.domain.movements import withdrawal_voided
from wallet_core.domain.payout import PayoutState, Withdrawal, move_payout
from wallet_core.domain.receipts import WithdrawalStep, withdrawal_message
from wallet_core.domain.record import Change


def returning(
    tenure: Tenure,
    payout: Withdrawal,
    *changes: Change,
    entries: tuple[Entry, ...] = (),
    facts: Mapping[str, Any] | None = None,
    **moved: Any,
) -> Posting:
    """The one posting that returns a payout, with what its batch adds to it."""
    return tenure.posting_once(
        "withdrawal_returned",
        f"return:{payout.id}",
        *changes,
        move_payout(payout.id, payout.state, PayoutState.RETURNED, **moved),
        GiveBackLimit(payout.person, Operation.PAYOUT, payout.amount_minor, payout.limit_day),
        entries=(*entries, *withdrawal_voided(payout.person, payout.total_minor)),
        messages=(withdrawal_message(payout, WithdrawalStep.RETURNED),),
        people=(payout.person,),
        facts={"payout": payout.id, **(facts or {})},
    )
