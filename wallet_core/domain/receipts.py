"""The messages that follow a withdrawal and a purchase, each edited in place from step to step."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from wallet_core.domain.ledger import Message
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.policies.decision import Decision, Traced
from wallet_core.domain.purchase import Invoice, InvoiceState


class WithdrawalStep(StrEnum):
    """What a person is shown of a withdrawal's way."""

    REVIEW = "review"
    QUEUED = "queued"
    BATCHED = "batched"
    BROADCAST = "broadcast"
    #: The fee was raised, because the network had not taken it up.
    BUMPED = "bumped"
    #: The outcome of a broadcast is not known; the funds are safe and every attempt is looked up.
    UNKNOWN = "unknown"
    CONFIRMED = "confirmed"
    SETTLED = "settled"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class InvoiceStep(StrEnum):
    """What a person is shown of a purchase's way."""

    OPEN = "open"
    PENDING = "pending"
    CREDITED = "credited"
    #: It arrived above the day's limit and is released later.
    HELD = "held"
    EXPIRED = "expired"
    #: A part of the order is credited; the rest may still be paid.
    PARTLY = "partly"
    #: What was on its way was replaced or never mined.
    GONE = "gone"
    #: What was credited left the chain, or was taken back by the card company.
    REVERSED = "reversed"
    #: People look at it: no rule decides.
    CASE = "case"
    #: They ask for the rest.
    REST = "rest"
    #: They send it back, and ask for an address.
    REFUND = "refund"
    #: The way back has begun, and it is done.
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    #: Too little to be sent back: the house keeps it.
    KEPT = "kept"
    #: The card company took no money.
    FAILED = "failed"
    #: The card's owner demands the money back from their bank.
    DISPUTED = "disputed"


def withdrawal_message(
    withdrawal: Withdrawal, step: WithdrawalStep, told: Traced | None = None, **more: Any
) -> Message:
    """The receipt of a withdrawal at a step; ``told`` is the policy's finding that the person should read.

    ``more`` is what the caller knows beside the record, and overrides it; the receipt does without what is missing:
    ``place`` and ``length`` (of the queue), ``count`` (payouts in the batch), ``txid``, ``attempt`` (number from 1),
    ``price_minor`` (satoshi for a virtual byte, wei for a unit of gas), ``confirmations`` and ``needed`` (until it is
    settled), ``waits_for`` (``payout.Awaited``), ``network_fee_minor`` (this payout's share, of its coin).
    """
    names = ("asset", "address", "amount_minor", "fee_minor", "coin_minor", "rate_minor", "not_before", "txid")
    of_refund = ("case", "withheld_minor") if withdrawal.case else ()
    shown = {name: getattr(withdrawal, name) for name in (*names, *of_refund)}
    facts = shown | {"id": withdrawal.id, "step": step.value} | more
    if told:
        facts |= {"policy": told.policy, "numbers": told.numbers}
    return Message(withdrawal.person, "withdrawal", facts, thread=withdrawal_thread(withdrawal))


def review_message(withdrawal: Withdrawal, decision: Decision) -> Message:
    """The receipt of one that waits for an admin, with every rule that sent it there."""
    also = [{"policy": traced.policy, "numbers": traced.numbers} for traced in decision.also]
    more = {"also": also} if also else {}
    return withdrawal_message(withdrawal, WithdrawalStep.REVIEW, decision.told, **more)


def withdrawal_messages(
    withdrawal: Withdrawal, step: WithdrawalStep, told: Traced | None = None, **more: Any
) -> tuple[Message, ...]:
    """The receipt for whoever follows it; one of thousands in a mass send has none, its payer has one card for all."""
    return () if withdrawal.mass_send else (withdrawal_message(withdrawal, step, told, **more),)


def withdrawal_thread(withdrawal: Withdrawal) -> str:
    """The chat message that follows it; a refund that began anew has another one."""
    again = f":{withdrawal.round}" if withdrawal.round else ""
    return f"withdrawal:{withdrawal.id}{again}"


def invoice_message(invoice: Invoice, step: InvoiceStep, **more: Any) -> Message:
    """The card of a purchase at a step; ``more`` overrides the invoice's own fields."""
    shown = invoice.document()
    names = ("asset", "address", "payment_uri", "amount_minor", "fee_minor", "coin_minor", "rate_minor", "expires_at")
    seen = ("pending_minor", "received_minor", "credited_minor", "held_minor", "aside_minor", "txid")
    # An order whose time is over is not completed any more.
    missing = {"missing_minor": 0 if invoice.limit_returned else invoice.missing_minor}
    facts = {name: shown[name] for name in (*names, *seen)} | missing | {"id": invoice.id, "step": step.value} | more
    return Message(invoice.person, "invoice", facts, thread=f"invoice:{invoice.id}")


def step_of(invoice: Invoice) -> InvoiceStep:
    """What an invoice's card shows when nothing has just happened to it that is told by itself."""
    if invoice.pending_minor:
        return InvoiceStep.PENDING
    if invoice.held_minor:
        return InvoiceStep.HELD
    if invoice.state is not InvoiceState.CREDITED:
        return InvoiceStep(invoice.state.value)
    if not invoice.received_minor:
        return InvoiceStep.REVERSED
    if invoice.missing_minor and not invoice.limit_returned:
        return InvoiceStep.PARTLY
    return InvoiceStep.CREDITED


def alarm_message(owner: int, alarm: str, subject: str, *, frozen: bool, **facts: Any) -> Message:
    """What an owner is told when something happened that must never happen; ``frozen``: the rail pays nothing more."""
    return Message(owner, "alarm", {"alarm": alarm, "subject": subject, "frozen": frozen} | facts)
