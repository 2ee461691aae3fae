"""Buying in the chat: the offer, the invoice with its picture, and its way to the credit in one message."""

from __future__ import annotations

from tests.integration.bot.conftest import Talk, Town, buttons_of, text_of
from wallet_core.domain.changes import Insert
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Invoice, Rail
from wallet_core.domain.receipts import InvoiceStep, invoice_message
from wallet_core.use_cases.codes import new_id


async def _tell(town: Town, invoice: Invoice, step: InvoiceStep, **more: object) -> None:
    """What the worker says of a payment."""
    message = invoice_message(invoice, step, **more)
    await town.wallet.ports.ledger.post(Posting(f"test:{new_id()}", "test", "test", messages=(message,)))


async def _invoice(town: Town, ana: Talk) -> Invoice:
    found = await town.wallet.ports.store.find(Invoice, {"person": ana.person})
    return found[0]


async def test_a_coin_that_only_pays_out_cannot_be_bought_with_yet(town: Town) -> None:
    await town.wallet.set_rail(watched_through=1_000)
    await town.wallet.open_payouts(Asset.BTC)
    ana = await town.resident()
    refused = await ana.ask("/buy 50 BTC", "Buying with BTC is not open yet; withdrawing in BTC is.")
    assert "You can use: ETH." in text_of(refused)
    choice = await ana.ask("/buy", "Buying is not open yet with: BTC, LTC.")
    assert [b["text"] for b in buttons_of(choice)] == ["ETH", "Home"]


async def test_an_invoice_is_one_picture_and_one_message_to_the_credit(town: Town) -> None:
    await town.wallet.set_rail(watched_through=1_000)
    ana = await town.resident()
    card = await ana.ask("/buy 50 ETH", "Buy ITD")
    for part in ("Amount: 50 ITD", "Fee: 0.5 ITD", "Total: 50.5 ITD", "You pay: 0.0202 ETH", "Rate: 1 ETH = 2500 ITD"):
        assert part in text_of(card)
    assert [b["text"] for b in buttons_of(card)] == ["Confirm", "Cancel"]
    assert await ana.press(card, "Confirm") == "Confirmed"
    message = await ana.told("waiting for your payment")
    invoice = await _invoice(town, ana)
    for part in (invoice.address, invoice.payment_uri, "0.0202 ETH", "Ethereum"):
        assert part in text_of(message)
    assert [b["copy_text"]["text"] for b in buttons_of(message)] == [invoice.address, "0.0202"]
    await _tell(town, invoice, InvoiceStep.PENDING, pending_minor=invoice.coin_minor)
    pending = await ana.told("pending; 0.0202 ETH was seen")
    assert [b["text"] for b in buttons_of(pending)] == ["How far is it?"] and invoice.payment_uri not in text_of(
        pending
    )
    await ana.press(pending, "How far is it?")
    looked = await ana.told("No payment to this purchase was seen yet")
    assert looked["message_id"] != message["message_id"] and "Refresh" in [b["text"] for b in buttons_of(looked)]
    credited = {"received_minor": invoice.coin_minor, "credited_minor": invoice.amount_minor, "txid": "0xfeed"}
    await _tell(town, invoice, InvoiceStep.CREDITED, **credited)
    last = await ana.told("credited 50 ITD")
    assert last["message_id"] == message["message_id"] and "0xfeed" in text_of(last) and not buttons_of(last)
    [picture] = [m for m in await ana.refresh() if "photo" in m]
    assert picture["deleted"], "who scans it pays once more"


async def test_buying_is_asked_for_piece_by_piece(town: Town) -> None:
    await town.wallet.set_rail(watched_through=1_000)
    ana = await town.resident()
    card = await ana.ask("/buy", "What do you want to pay with")
    await ana.press(card, Asset.ETH)
    await ana.told("How much ITD do you want to buy with ETH")
    await ana.ask("0.5", "The least is 1 ITD")
    await ana.ask("20", "You pay")


async def test_unknown_coins_and_excess_are_explained(town: Town) -> None:
    await town.wallet.set_rail(watched_through=1_000)
    ana = await town.resident()
    await ana.ask("/buy 10 DOGE", "I do not know that coin. You can use: ETH")
    await ana.ask("/buy 10 ITD", "switched off right now. You can use: ETH")
    refused = await ana.ask("/buy 501 ETH", "Daily limit: purchases today 0 ITD of 500 ITD at level 1")
    assert "Level 2 has 20 a day and 5000 ITD" in text_of(refused) and "UTC" in text_of(refused)


async def test_a_purchase_without_watched_addresses_says_so(town: Town) -> None:
    await town.wallet.set_rail(watched_through=-1)
    ana = await town.resident()
    await ana.ask("/buy 50 ETH", "Buying with ETH is not open yet. Please try again later.")
    await town.wallet.set_rail(watched_through=0)
    first, second = [await ana.ask("/buy 50 ETH", "Buy ITD") for _ in range(2)]
    await ana.press(first, "Confirm")
    await ana.told("Purchase of 50 ITD")
    await ana.press(second, "Confirm")
    await ana.told("ETH is switched off right now")
    await ana.ask("/buy 50 ETH", "ETH is switched off right now")


async def _sells(town: Town, asset: Asset) -> None:
    """A rail whose worker watches addresses."""
    opened = Insert(Rail(id=asset, genesis="00", watched_through=1_000))
    await town.wallet.ports.ledger.post(Posting(f"test:{new_id()}", "test", "test", changes=(opened,)))


async def test_bitcoin_and_litecoin_are_chosen_by_a_button_and_paid_by_their_own_addresses(town: Town) -> None:
    await _sells(town, Asset.BTC)
    await _sells(town, Asset.LTC)
    ana = await town.resident()
    choice = await ana.ask("/buy", "What do you want to pay with")
    assert {"BTC", "LTC", "ETH"} <= {button["text"] for button in buttons_of(choice)}
    for asset, scheme, prefix in ((Asset.BTC, "bitcoin", "bcrt1q"), (Asset.LTC, "litecoin", "rltc1q")):
        card = await ana.ask(f"/buy 50 {asset}", "Buy ITD")
        await ana.press(card, "Confirm")
        invoice = await ana.told("waiting for your payment")
        assert f"{scheme}:{prefix}" in text_of(invoice) and "?amount=0." in text_of(invoice)
        address = next(b["copy_text"]["text"] for b in buttons_of(invoice) if b["text"] == "Copy address")
        assert address.startswith(prefix) and address in text_of(invoice)
    assert len([m for m in await ana.refresh() if "photo" in m]) == 2


async def test_what_would_not_be_worth_moving_is_refused_with_the_least(town: Town) -> None:
    await _sells(town, Asset.BTC)
    ana = await town.resident()
    # An output that nodes pass on (546) and the move of it (68 vB at 20), at 60,000 ITD a coin.
    await ana.ask("/buy 1.1 BTC", "The least is 1.1436 ITD. Please write a larger amount.")
    await ana.ask("/buy 1.1436 BTC", "Buy ITD")
