"""From the order to the credit: one page, one payment, one credit, however often anything is looked at."""

import pytest

from bot.sandbox.stripe.faults import Fault
from tests.integration.cards.rail import Rail
from tests.support.wallet import ITD, Wallet
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.kyc import Operation, day_of, used
from wallet_core.domain.payment import PaymentState
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import InvoiceState
from wallet_core.use_cases.confirm_purchase import confirm_purchase
from wallet_core.use_cases.quote_purchase import quote_purchase


async def test_an_order_gets_a_page_of_its_own_for_exactly_what_was_quoted(rail: Rail, alice: Caller) -> None:
    invoice = await rail.ordered(alice)
    (session,) = rail.company.table("checkout.session")
    assert (invoice.address, invoice.payment_uri) == (session["id"], session["url"])
    assert (session["amount_total"], session["currency"]) == (invoice.coin_minor, "usd") == (101_00, "usd")
    assert session["metadata"] == {"invoice": invoice.id, "person": str(alice.person)}
    assert session["expires_at"] == int(invoice.expires_at.timestamp())
    assert await rail.steps_told() == ["open", "open"]


async def test_what_is_paid_is_credited_once_and_is_young(rail: Rail, alice: Caller, wallet: Wallet) -> None:
    invoice = await rail.bought(alice)
    for _ in range(3):
        await rail.look()
    assert await wallet.balance(alice) == (100 * ITD, 0)
    assert (invoice.state, invoice.received_minor, invoice.credited_minor) == (
        InvoiceState.CREDITED, 101_00, 100 * ITD,
    )  # fmt: skip
    payment = await rail.payment(invoice)
    assert (payment.state, payment.credited_minor, payment.fee_minor) == (PaymentState.CREDITED, 100 * ITD, ITD)
    (lot,) = (await rail.guards(alice)).card_lots
    assert (lot.invoice, lot.amount_minor) == (invoice.id, 100 * ITD)
    assert await rail.steps_told() == ["open", "open", "credited"]
    assert await rail.alarms() == []


async def test_a_bank_debit_is_pending_until_its_money_is_there(rail: Rail, alice: Caller, wallet: Wallet) -> None:
    invoice = await rail.ordered(alice)
    await rail.company.act(invoice.address, "pay-later")
    await rail.look()
    await rail.look()
    assert (await rail.payment(invoice)).state is PaymentState.PENDING
    assert (await rail.invoice(invoice)).pending_minor == invoice.coin_minor
    assert await wallet.balance(alice) == (0, 0)
    assert invoice.id in rail.items.item_ids
    await rail.company.act(invoice.address, "succeed")
    await rail.look()
    assert await wallet.balance(alice) == (100 * ITD, 0)
    assert (await rail.payment(invoice)).state is PaymentState.CREDITED
    assert await rail.steps_told() == ["open", "open", "pending", "credited"]


async def test_a_bank_debit_that_fails_is_told_and_its_limits_come_back(rail: Rail, alice: Caller) -> None:
    invoice = await rail.ordered(alice)
    await rail.company.act(invoice.address, "pay-later")
    await rail.look()
    await rail.company.act(invoice.address, "fail")
    await rail.look()
    assert (await rail.invoice(invoice)).state is InvoiceState.EXPIRED
    assert (await rail.payment(invoice)).state is PaymentState.GONE
    assert await rail.steps_told() == ["open", "open", "pending", "failed"]
    await _no_limit_taken(rail, alice)


async def test_a_page_that_expires_gives_both_limits_back(rail: Rail, alice: Caller) -> None:
    invoice = await rail.ordered(alice)
    day = day_of(await rail.ports.store.now())
    for operation in (Operation.PURCHASE, Operation.CARD):
        assert used(await rail.guards(alice), operation, day).amount_minor == 100 * ITD
    await rail.company.act(invoice.address, "expire")
    await rail.look()
    await rail.look()
    assert (await rail.invoice(invoice)).state is InvoiceState.EXPIRED
    assert await rail.steps_told() == ["open", "open", "expired"]
    await _no_limit_taken(rail, alice)


async def _no_limit_taken(rail: Rail, caller: Caller) -> None:
    guards, day = await rail.guards(caller), day_of(await rail.ports.store.now())
    taken = [used(guards, operation, day) for operation in (Operation.PURCHASE, Operation.CARD)]
    assert [(each.count, each.amount_minor) for each in taken] == [(0, 0), (0, 0)]


async def test_a_declined_card_changes_nothing_and_may_be_tried_again(
    rail: Rail, alice: Caller, wallet: Wallet
) -> None:
    invoice = await rail.ordered(alice)
    await rail.company.act(invoice.address, "decline")
    await rail.look()
    assert (await rail.invoice(invoice)).state is InvoiceState.OPEN
    await rail.company.act(invoice.address, "pay")
    await rail.look()
    assert await wallet.balance(alice) == (100 * ITD, 0)


@pytest.mark.parametrize(
    "facts",
    [
        {"amount_total": 101_01},
        {"amount_total": 100_99},
        {"currency": "eur"},
        {"mode": "subscription"},
        {"livemode": True},
        {"metadata": {"invoice": "0" * 32, "person": "1"}},
        {"metadata": {}},
    ],
)
async def test_what_is_not_what_was_opened_is_not_booked_and_owners_hear(
    rail: Rail, alice: Caller, wallet: Wallet, facts: dict[str, object]
) -> None:
    invoice = await rail.ordered(alice)
    await rail.company.act(invoice.address, "pay")
    rail.company.change("checkout.session", invoice.address, **facts)
    await rail.look()
    await rail.look()
    assert await wallet.balance(alice) == (0, 0)
    assert await rail.alarms() == ["card_mismatch"]


async def test_an_answer_that_is_lost_opens_no_second_page(rail: Rail, alice: Caller, wallet: Wallet) -> None:
    quote = await quote_purchase(wallet.ports, alice, "100", "USD")
    invoice = await confirm_purchase(wallet.ports, alice, quote.intent.id)
    rail.company.company.faults.pending.append(Fault("POST /v1/checkout/sessions", 500, applied=True))
    with pytest.raises(Unavailable):
        await rail.look()
    assert (await rail.invoice(invoice)).address == ""
    await rail.look()
    (session,) = rail.company.table("checkout.session")
    assert (await rail.invoice(invoice)).address == session["id"]


async def test_without_any_event_the_open_pages_are_looked_at_in_turn(
    rail: Rail, alice: Caller, wallet: Wallet
) -> None:
    invoice = await rail.ordered(alice)
    await rail.company.act(invoice.address, "pay")
    rail.company.company.state._tables["event"].clear()
    await rail.look()
    assert await wallet.balance(alice) == (100 * ITD, 0)
