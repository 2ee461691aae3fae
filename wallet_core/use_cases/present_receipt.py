"""What a withdrawal's receipt says now, made of what is stored: the same message as the step's own."""

from __future__ import annotations

from typing import Any, Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Message
from wallet_core.domain.payout import Attempt, AttemptKind, Batch, BatchState, PayoutState, Withdrawal
from wallet_core.domain.people import Caller
from wallet_core.domain.policies import Decision
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.domain.rails import FORMS
from wallet_core.domain.receipts import WithdrawalStep, review_message, withdrawal_message
from wallet_core.ports import Ports
from wallet_core.use_cases.queue_place import queue_place

_IN_CHAIN: Final = (BatchState.CONFIRMED, BatchState.SETTLED)


async def own_withdrawal(ports: Ports, caller: Caller, withdrawal_id: str) -> Withdrawal:
    """The caller's withdrawal. Raises ``Refused`` NOT_FOUND or NOT_YOURS."""
    withdrawal = await ports.store.get(Withdrawal, withdrawal_id)
    if withdrawal is None:
        raise Refused(Reason.NOT_FOUND, what="withdrawal")
    if withdrawal.person != caller.person:
        raise Refused(Reason.NOT_YOURS)
    return withdrawal


async def present_receipt(ports: Ports, withdrawal: Withdrawal) -> Message:
    """The receipt with the place in the queue, or with what is known of the batch."""
    if withdrawal.state is PayoutState.QUEUED:
        return await _queued(ports, withdrawal)
    if withdrawal.state is PayoutState.BATCHED:
        return await _batched(ports, withdrawal)
    if withdrawal.state is PayoutState.SETTLED:
        fee = {"network_fee_minor": withdrawal.network_fee_minor} if withdrawal.network_fee_minor else {}
        return withdrawal_message(withdrawal, WithdrawalStep.SETTLED, None, **fee)
    if withdrawal.state is PayoutState.REVIEW:
        return review_message(withdrawal, Decision.model_validate(withdrawal.decision))
    return withdrawal_message(withdrawal, WithdrawalStep(withdrawal.state.value))


async def _queued(ports: Ports, withdrawal: Withdrawal) -> Message:
    at = await queue_place(ports, withdrawal)
    more: dict[str, Any] = {"place": at.place, "length": at.length}
    if withdrawal.not_before is not None and withdrawal.not_before <= await ports.store.now():
        more["not_before"] = None
    rail = await ports.store.get(Rail, withdrawal.asset)
    if rail is not None and (rail.alarm is not None or rail.state not in FORMS):
        more |= {"policy": "paused_chain", "numbers": {"rail": RailState.PAUSED}}
    return withdrawal_message(withdrawal, WithdrawalStep.QUEUED, **more)


async def _batched(ports: Ports, withdrawal: Withdrawal) -> Message:
    batch = await ports.store.get(Batch, withdrawal.batch)
    if batch is None:
        return withdrawal_message(withdrawal, WithdrawalStep.BATCHED)
    attempts = await ports.store.find(Attempt, {"batch": batch.id}, order_by=("number",))
    payments = [attempt for attempt in attempts if attempt.kind is AttemptKind.PAYMENT]
    more: dict[str, Any] = {"count": len(batch.payouts)}
    if batch.state is BatchState.FORMED or not payments:
        return withdrawal_message(withdrawal, WithdrawalStep.BATCHED, **more)
    newest = attempts[-1]
    more |= {"txid": batch.txid or payments[-1].txid, "attempt": newest.number, "price_minor": newest.price_minor}
    if batch.confirmations:
        more |= {"confirmations": batch.confirmations, "needed": batch.needed}
    if batch.waits_for:
        more["waits_for"] = batch.waits_for
    return withdrawal_message(withdrawal, _step(batch, newest), **more)


def _step(batch: Batch, newest: Attempt) -> WithdrawalStep:
    if batch.state in _IN_CHAIN:
        return WithdrawalStep.CONFIRMED
    if newest.broadcast_at is None:
        return WithdrawalStep.BATCHED if newest.number == 1 else WithdrawalStep.BROADCAST
    if batch.unknown:
        return WithdrawalStep.UNKNOWN
    return WithdrawalStep.BUMPED if newest.number > 1 else WithdrawalStep.BROADCAST
