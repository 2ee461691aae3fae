"""Refunds, whoever makes them and however they end: each once, and what is missing is owed."""

import pytest

from bot.sandbox.stripe.faults import Fault
from tests.integration.cards.money import nothing_is_left_of_it, platform, refund, spent
from tests.integration.cards.rail import Rail
from tests.support.wallet import ITD, Wallet
from wallet_core.domain.card_reversal import ReversalState
from wallet_core.domain.errors import Reason, Refused, Unavailable
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import PaymentState
from wallet_core.domain.people import Caller

# Refunds by an admin


async def test_a_refund_takes_the_itd_first_and_then_sends_the_dollars(
    rail: Rail, wallet: Wallet, alice: Caller, admin: Caller
) -> None:
    invoice = await rail.bought(alice)
    await refund(wallet, admin, invoice)
    assert await wallet.balance(alice) == (0, 100 * ITD)
    assert (await rail.guards(alice)).card_lots == ()
    assert rail.company.table("refund") == []
    await rail.look()
    await rail.look()
    (made,) = rail.company.table("refund")
    assert (made["amount"], made["status"]) == (101_00, "succeeded")
    assert await wallet.balance(alice) == (0, 0)
    assert (await rail.payment(invoice)).state is PaymentState.REVERSED
    assert [r.state for r in await rail.reversals()] == [ReversalState.DONE]
    assert (await rail.steps_told())[-2:] == ["refunding", "refunded"]
    assert await rail.alarms() == []
    await nothing_is_left_of_it(wallet)


async def test_what_is_spent_is_not_refunded(rail: Rail, wallet: Wallet, alice: Caller, admin: Caller) -> None:
    invoice = await rail.bought(alice)
    await spent(wallet, alice, 1)
    with pytest.raises(Refused) as refused:
        await refund(wallet, admin, invoice)
    assert refused.value.reason is Reason.INSUFFICIENT_FUNDS
    assert await rail.reversals() == []


async def test_a_purchase_is_refunded_once_however_often_it_is_asked_for(
    rail: Rail, wallet: Wallet, alice: Caller, admin: Caller
) -> None:
    invoice = await rail.bought(alice)
    await rail.bought(alice)
    await refund(wallet, admin, invoice)
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            await refund(wallet, admin, invoice)
        assert refused.value.reason is Reason.WRONG_STATE
        await rail.look()
    assert len(rail.company.table("refund")) == 1
    assert await wallet.balance(alice) == (100 * ITD, 0)


@pytest.mark.parametrize("applied", [True, False])
async def test_a_refund_whose_answer_is_lost_is_looked_for_and_made_once(
    rail: Rail, wallet: Wallet, alice: Caller, admin: Caller, applied: bool
) -> None:
    invoice = await rail.bought(alice)
    await refund(wallet, admin, invoice)
    rail.company.company.faults.pending.append(Fault("POST /v1/refunds", 500, applied=applied))
    with pytest.raises(Unavailable):
        await rail.look()
    # What was done is seen by its event, in the same pass.
    assert await wallet.balance(alice) == (0, 0 if applied else 100 * ITD)
    # Stripe forgets its keys after a day.
    rail.company.company.state._tables["idempotency"] = {}
    await rail.look()
    assert len(rail.company.table("refund")) == 1
    assert await wallet.balance(alice) == (0, 0)
    assert await rail.alarms() == []


async def test_a_refund_that_the_company_will_never_make_gives_the_itd_back(
    rail: Rail, wallet: Wallet, alice: Caller, admin: Caller
) -> None:
    invoice = await rail.bought(alice)
    await refund(wallet, admin, invoice)
    rail.company.company.faults.pending.append(Fault("POST /v1/refunds", 400))
    await rail.look()
    assert await wallet.balance(alice) == (100 * ITD, 0)
    assert [r.state for r in await rail.reversals()] == [ReversalState.RETURNED]
    (lot,) = (await rail.guards(alice)).card_lots
    assert lot.amount_minor == 100 * ITD
    assert (await rail.told("invoice"))[-1].facts["returned"] == "refund"
    assert await rail.alarms() == ["card_refund_refused"]
    # And may be tried again.
    await refund(wallet, admin, invoice)
    await rail.look()
    assert await wallet.balance(alice) == (0, 0)


async def test_a_bank_debits_refund_waits_for_its_bank_and_may_fail(
    rail: Rail, wallet: Wallet, alice: Caller, admin: Caller
) -> None:
    invoice = await rail.ordered(alice)
    await rail.company.act(invoice.address, "pay-later")
    await rail.company.act(invoice.address, "succeed")
    await rail.look()
    await refund(wallet, admin, invoice)
    await rail.look()
    assert [r.state for r in await rail.reversals()] == [ReversalState.OPEN]
    assert await wallet.balance(alice) == (0, 100 * ITD)
    await rail.company.act(invoice.address, "fail-refund")
    await rail.look()
    assert await wallet.balance(alice) == (100 * ITD, 0)
    assert (await rail.payment(invoice)).reversed_minor == 0


async def test_a_refund_that_fails_after_it_had_succeeded_is_credited_again(
    rail: Rail, wallet: Wallet, alice: Caller, admin: Caller
) -> None:
    invoice = await rail.bought(alice)
    await refund(wallet, admin, invoice)
    await rail.look()
    await rail.company.act(invoice.address, "fail-refund")
    await rail.look()
    await rail.look()
    assert await wallet.balance(alice) == (100 * ITD, 0)
    assert await platform(wallet, Asset.USD, "clearing") == 101_00
    assert (await rail.payment(invoice)).state is PaymentState.CREDITED


async def test_admins_refund_neither_their_own_purchases_nor_without_a_role(
    rail: Rail, wallet: Wallet, alice: Caller, admin: Caller
) -> None:
    own = await rail.bought(admin, "10")
    theirs = await rail.bought(alice)
    for caller, invoice in ((admin, own), (alice, theirs)):
        with pytest.raises(Refused) as refused:
            await refund(wallet, caller, invoice)
        assert refused.value.reason is Reason.NOT_ALLOWED


# What happens at the card company without us


async def test_refunds_made_elsewhere_are_booked_in_parts_and_owners_hear(
    rail: Rail, wallet: Wallet, alice: Caller
) -> None:
    invoice = await rail.bought(alice)
    await rail.company.act(invoice.address, "refund", amount=50_50)
    await rail.look()
    assert await wallet.balance(alice) == (50 * ITD, 0)
    assert (await rail.payment(invoice)).state is PaymentState.CREDITED
    await rail.company.act(invoice.address, "refund", amount=50_50)
    await rail.look()
    await rail.look()
    assert await wallet.balance(alice) == (0, 0)
    assert (await rail.payment(invoice)).state is PaymentState.REVERSED
    assert await rail.alarms() == ["card_refund_elsewhere"] * 2
    await nothing_is_left_of_it(wallet)


async def test_a_refund_made_elsewhere_of_what_was_spent_is_owed(rail: Rail, wallet: Wallet, alice: Caller) -> None:
    invoice = await rail.bought(alice)
    await spent(wallet, alice, 30)
    await rail.company.act(invoice.address, "refund")
    await rail.look()
    assert await wallet.balance(alice) == (0, 0)
    assert (await rail.guards(alice)).debt_minor == 30 * ITD
    assert await platform(wallet, Asset.ITD, "receivable") == 30 * ITD
    assert (await rail.told("invoice"))[-1].facts["owed_minor"] == 30 * ITD


async def test_a_refund_before_our_first_look_is_not_missed(rail: Rail, wallet: Wallet, alice: Caller) -> None:
    invoice = await rail.ordered(alice)
    await rail.company.act(invoice.address, "pay")
    await rail.company.act(invoice.address, "refund")
    await rail.look()
    await rail.look()
    assert await wallet.balance(alice) == (0, 0)
    await nothing_is_left_of_it(wallet)


async def test_anybodys_metadata_makes_a_refund_none_of_ours(
    rail: Rail, wallet: Wallet, alice: Caller, admin: Caller
) -> None:
    first, second = await rail.bought(alice), await rail.bought(alice, "20")
    await refund(wallet, admin, first)
    await rail.look()
    (reversal,) = await rail.reversals()
    await rail.company.act(second.address, "refund")
    rail.company.change("refund", rail.company.table("refund")[-1]["id"], metadata={"reversal": reversal.id})
    await rail.look()
    await rail.look()
    assert await wallet.balance(alice) == (0, 0)
    assert len(await rail.reversals()) == 2
