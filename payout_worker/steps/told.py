"""What the people of a batch read at each step of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wallet_core.domain.ledger import Message
from wallet_core.domain.payout import Attempt, AttemptKind, PayoutState, Withdrawal
from wallet_core.domain.receipts import WithdrawalStep, withdrawal_messages


def told_of(
    payouts: Sequence[Withdrawal], step: WithdrawalStep, attempts: Sequence[Attempt], **more: Any
) -> tuple[Message, ...]:
    """A message for each payout that is still to be settled; none for a batch that pays nobody.

    Whoever was told "paid" stays so, whatever the chain does. A child raises the fee of what it spends.
    """
    paying = [attempt for attempt in attempts if attempt.kind is AttemptKind.PAYMENT]
    if not paying or any(attempt.kind is AttemptKind.NO_OP for attempt in attempts):
        return ()
    newest = paying[-1]
    facts: dict[str, Any] = {
        "txid": newest.txid,
        "attempt": len(attempts),
        "price_minor": attempts[-1].price_minor,
        "count": len(payouts),
    } | more
    unsettled = (payout for payout in payouts if payout.state is PayoutState.BATCHED)
    return tuple(message for payout in unsettled for message in withdrawal_messages(payout, step, **facts))
