"""What people are told of a withdrawal and a purchase, step by step."""

import pytest

from tests.unit.wallet_core.domain.test_payout import WITHDRAWAL
from tests.unit.wallet_core.world import ADDRESS, ETH, ITD, NOON
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState
from wallet_core.domain.policies import Finding, Verdict
from wallet_core.domain.policies.decision import Traced
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import (
    InvoiceStep,
    WithdrawalStep,
    alarm_message,
    invoice_message,
    withdrawal_message,
)

INVOICE = Invoice(
    id="i",
    person=1,
    asset=Asset.ETH,
    address=ADDRESS,
    index=0,
    payment_uri="ethereum:",
    amount_minor=10 * ITD,
    fee_minor=0,
    fee_basis_points=100,
    coin_minor=ETH,
    rate_minor=2_000 * ITD,
    created_at=NOON,
    expires_at=NOON,
    limit_day="2026-11-22",
)


@pytest.mark.parametrize("step", WithdrawalStep)
def test_every_step_of_a_withdrawal_edits_the_same_message(step: WithdrawalStep) -> None:
    message = withdrawal_message(WITHDRAWAL, step)
    assert (message.person, message.template, message.thread) == (1, "withdrawal", "withdrawal:w")
    assert message.facts["step"] == step.value
    assert message.facts["address"] == ADDRESS
    assert (message.facts["amount_minor"], message.facts["coin_minor"]) == (2_000 * ITD, ETH)


def test_the_person_reads_the_policys_name_and_numbers() -> None:
    told = Traced.of("new_address", 1, Finding(Verdict.APPROVE, {"frees_at": NOON}, NOON))
    facts = withdrawal_message(WITHDRAWAL, WithdrawalStep.QUEUED, told).facts
    assert (facts["policy"], facts["numbers"]) == ("new_address", {"frees_at": NOON})
    assert "policy" not in withdrawal_message(WITHDRAWAL, WithdrawalStep.QUEUED).facts


def test_what_the_caller_knows_better_overrides_the_record() -> None:
    facts = withdrawal_message(WITHDRAWAL, WithdrawalStep.SETTLED, txid="0xabc", confirmations=12).facts
    assert (facts["txid"], facts["confirmations"]) == ("0xabc", 12)
    assert invoice_message(INVOICE, InvoiceStep.PENDING, pending_minor=5).facts["pending_minor"] == 5


@pytest.mark.parametrize("step", InvoiceStep)
def test_every_step_of_a_purchase_edits_the_same_message(step: InvoiceStep) -> None:
    message = invoice_message(INVOICE, step)
    assert (message.person, message.template, message.thread) == (1, "invoice", "invoice:i")
    assert (message.facts["step"], message.facts["payment_uri"]) == (step.value, "ethereum:")


def test_no_message_shows_what_is_the_houses_own_affair() -> None:
    secret = {"mac", "decision", "index", "limit_day", "person"}
    assert not secret & withdrawal_message(WITHDRAWAL, WithdrawalStep.QUEUED).facts.keys()
    assert not secret & invoice_message(INVOICE, InvoiceStep.OPEN).facts.keys()


def test_there_is_a_step_for_every_state_that_a_person_can_meet() -> None:
    assert {state.value for state in PayoutState} <= {step.value for step in WithdrawalStep}
    assert {state.value for state in InvoiceState} <= {step.value for step in InvoiceStep}


def test_an_alarm_says_what_happened_and_whether_payouts_stopped() -> None:
    message = alarm_message(9, "foreign_spend", "ETH", frozen=True, nonce=4)
    assert (message.person, message.template, message.thread) == (9, "alarm", None)
    assert message.facts == {"alarm": "foreign_spend", "subject": "ETH", "frozen": True, "nonce": 4}
