"""/payment in the chat: where a payment of one's own stands, and nothing of anybody else's."""

from __future__ import annotations

from tests.integration.bot.conftest import Town, buttons_of, text_of
from tests.support.cases import invoice_of, payment_of, too_small
from wallet_core.domain.changes import Insert
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import PaymentState
from wallet_core.domain.purchase import Rail
from wallet_core.domain.record import Record
from wallet_core.use_cases.codes import new_id


async def _post(town: Town, *records: Record) -> None:
    changes = tuple(Insert(record) for record in records)
    await town.wallet.ports.ledger.post(Posting(f"test:{new_id()}", "test", "test", changes=changes))


async def test_a_payment_says_where_it_stands_and_what_to_do(town: Town) -> None:
    ana, now = await town.resident(), await town.wallet.ports.store.now()
    txid = "ab" * 32
    unseen = await ana.ask(f"/payment {txid}", "No payment of yours with this id was seen by us yet.")
    assert "send it again" in text_of(unseen) and "tell the people who run this wallet" in text_of(unseen)
    invoice = invoice_of(ana.person, now)
    await _post(town, Rail(id=Asset.BTC, genesis="00", seen_height=5), invoice)
    await ana.ask(f"/payment {invoice.id}", f"It has to go to {invoice.address}")
    await _post(town, payment_of(invoice, 84_167, txid=txid))
    pending = await ana.ask(f"/payment {txid.upper()}", "It was seen: 1 of 2 confirmations.")
    assert "0.00084167 BTC" in text_of(pending) and invoice.id in text_of(pending)
    gone = payment_of(invoice, 500, state=PaymentState.GONE)
    credited = payment_of(invoice, 600, state=PaymentState.CREDITED, credited_minor=7_000_000)
    back = payment_of(invoice, 700, state=PaymentState.REVERSED)
    await _post(town, gone, credited, back)
    await ana.ask(f"/payment {gone.txid}", "It is not on its way any more")
    await ana.ask(f"/payment {credited.id}", "It was credited: 7 ITD.")
    await ana.ask(f"/payment {back.txid}", "taken back when its block left the chain")
    case = await too_small(town.wallet.ports, invoice_of(ana.person, now), 1_500)
    await ana.ask(f"/payment {case.payments[0]}", "otherwise an admin decides what becomes of it")


async def test_nobody_reads_of_others_payments(town: Town) -> None:
    ana, eve = await town.resident(), await town.resident("Eve")
    invoice = invoice_of(ana.person, await town.wallet.ports.store.now())
    payment = payment_of(invoice, 84_167)
    await _post(town, invoice, payment)
    for asked in (payment.txid, payment.id, invoice.id):
        answer = text_of(await eve.ask(f"/payment {asked}", "No payment of yours with this id"))
        assert invoice.address not in answer and "84167" not in answer


async def test_a_payment_is_asked_for_and_what_is_no_number_is_explained(town: Town) -> None:
    ana = await town.resident()
    question = await ana.ask("/payment", "Which payment?")
    assert [button["text"] for button in buttons_of(question)] == ["Cancel"]
    await ana.ask("my money!", "I could not read that.")
    await ana.ask("cd" * 32, "No payment of yours with this id")
    assert "/payment" in text_of(await ana.ask("/help", "Commands"))
