"""Every ending of a payment in coins, on the three real chains: what comes of it, and who is told what.

``docs/purchases.md`` has them as a table. What leaves the chain again is in ``test_endings_gone.py``.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.faults.conftest import CHAINS
from tests.faults.world import ITD, RATE_MINOR
from tests.integration.worker.buyer import Buyer
from wallet_core.domain.case import CaseChoice, CaseKind, CaseState
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import PaymentState
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import InvoiceState
from wallet_core.domain.quote import coins_for
from wallet_core.use_cases.find_payment import find_payment


@pytest.fixture(params=CHAINS)
def asset(request: pytest.FixtureRequest) -> Asset:
    """All chains."""
    return Asset(request.param)


async def test_an_exact_payment_is_shown_at_once_and_credited_exactly_at_depth(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    txid = await buyer.pay(invoice)
    # The pool is looked at on chains of coins; on Ethereum nothing is shown before it is in a block.
    await buyer.look(1 if buyer.asset is Asset.ETH else 0)
    pending = await buyer.now(invoice)
    assert (pending.pending_minor, pending.received_minor, pending.txid) == (invoice.coin_minor, 0, txid)
    await buyer.look(buyer.blocks - (2 if buyer.asset is Asset.ETH else 1))
    assert await buyer.has() == (0, 0)
    await buyer.look(1)
    assert await buyer.has() == (100 * ITD, 0)
    credited = await buyer.now(invoice)
    assert (credited.state, credited.pending_minor, credited.received_minor) == (
        InvoiceState.CREDITED, 0, invoice.coin_minor,
    )  # fmt: skip
    assert await buyer.steps() == ["pending", "credited"]
    await buyer.look(3)
    assert await buyer.has() == (100 * ITD, 0)
    assert await buyer.states() == [PaymentState.CREDITED]


async def test_less_is_credited_at_the_locked_rate_and_the_card_says_what_is_missing(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    half_minor = invoice.coin_minor // 2
    await buyer.arrived(invoice, half_minor)
    assert await buyer.has() == (pytest.approx(50 * ITD, abs=buyer.slack), 0)
    last = (await buyer.told())[-1].facts
    assert (last["step"], last["missing_minor"]) == ("partly", invoice.coin_minor - half_minor)


async def test_of_what_is_more_than_ordered_the_rest_has_the_rate_of_when_it_was_seen(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    buyer.price(5_000)
    await buyer.arrived(invoice, invoice.coin_minor * 3 // 2)
    assert await buyer.has() == (pytest.approx(200 * ITD, abs=buyer.slack), 0)
    last = (await buyer.told())[-1].facts
    assert (last["step"], last["missing_minor"]) == ("credited", 0)


async def test_several_payments_make_an_order(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    third_minor = invoice.coin_minor // 3
    await buyer.arrived(invoice, third_minor)
    await buyer.pay(invoice, third_minor)
    await buyer.look(1)
    await buyer.arrived(invoice, invoice.coin_minor - 2 * third_minor)
    assert await buyer.has() == (pytest.approx(100 * ITD, abs=buyer.slack), 0)
    paid = await buyer.now(invoice)
    assert (paid.received_minor, paid.missing_minor, paid.pending_minor) == (invoice.coin_minor, 0, 0)
    assert await buyer.states() == [PaymentState.CREDITED] * 3


async def test_what_comes_within_grace_has_the_locked_rate(buyer: Buyer) -> None:
    just_now = await buyer.inside.ports.store.now() - timedelta(minutes=5)
    invoice = await buyer.invoice(expires_at=just_now)
    buyer.price(5_000)
    await buyer.arrived(invoice)
    assert await buyer.has() == (100 * ITD, 0)


async def test_what_comes_after_grace_has_the_rate_of_when_it_was_seen(buyer: Buyer) -> None:
    long_ago = await buyer.inside.ports.store.now() - timedelta(hours=1)
    invoice = await buyer.invoice(expires_at=long_ago)
    await buyer.look(1)
    assert (await buyer.now(invoice)).state is InvoiceState.EXPIRED
    assert await buyer.limit_used() == (0, 0)
    buyer.price(5_000)
    await buyer.pay(invoice)
    await buyer.look(1)
    buyer.price(10_000)
    await buyer.look(buyer.blocks - 1)
    gained, _ = await buyer.has()
    assert gained == pytest.approx(200 * ITD, abs=buyer.slack)
    assert await buyer.limit_used() == (1, gained)
    assert await buyer.steps() == ["expired", "pending", "credited"]


async def test_what_comes_late_waits_while_there_is_no_rate(buyer: Buyer) -> None:
    long_ago = await buyer.inside.ports.store.now() - timedelta(hours=1)
    invoice = await buyer.invoice(expires_at=long_ago)
    await buyer.look(1)
    buyer.price(None)
    await buyer.arrived(invoice)
    assert await buyer.has() == (0, 0)
    buyer.price(2_500)
    await buyer.look(1)
    assert (await buyer.has())[0] == pytest.approx(100 * ITD, abs=buyer.slack)


async def test_what_nobody_pays_expires_and_gives_its_limit_back(buyer: Buyer) -> None:
    long_ago = await buyer.inside.ports.store.now() - timedelta(hours=1)
    invoice = await buyer.invoice(expires_at=long_ago)
    assert await buyer.limit_used() == (1, 100 * ITD)
    await buyer.look(1)
    expired = await buyer.now(invoice)
    assert (expired.state, expired.limit_returned) == (InvoiceState.EXPIRED, True)
    assert (await buyer.limit_used(), await buyer.steps()) == ((0, 0), ["expired"])


async def test_what_is_too_small_lies_aside_for_a_case_and_counts_with_the_next_payment(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    dust_minor = invoice.coin_minor // 500
    await buyer.arrived(invoice, dust_minor)
    assert await buyer.has() == (0, 0)
    (case,) = await buyer.cases()
    aside = await buyer.now(invoice)
    assert (case.kind, case.coin_minor, aside.aside_minor) == (CaseKind.TOO_SMALL, dust_minor, dust_minor)
    assert (await buyer.steps())[-1] == "case"
    assert [message.facts["state"] for message in await buyer.told("case", buyer.desk.admin)] == ["open"]
    await buyer.arrived(invoice, invoice.coin_minor - dust_minor)
    assert (await buyer.has())[0] == pytest.approx(100 * ITD, abs=buyer.slack)
    assert [case.state for case in await buyer.cases()] == [CaseState.CLOSED]
    assert (await buyer.now(invoice)).aside_minor == 0
    assert [message.facts["state"] for message in await buyer.told("case", buyer.desk.admin)] == ["open", "closed"]


async def test_what_is_kept_is_the_houses(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    dust_minor = invoice.coin_minor // 500
    equity_minor = await buyer.world.balance(f"{buyer.asset}:equity")
    await buyer.arrived(invoice, dust_minor)
    (case,) = await buyer.cases()
    await buyer.desk.decide(case, CaseChoice.KEEP)
    assert await buyer.world.balance(f"{buyer.asset}:equity") == equity_minor + dust_minor
    assert (await buyer.steps())[-1] == "kept"
    # What comes next to the same address counts by itself.
    await buyer.arrived(invoice)
    assert await buyer.has() == (pytest.approx(100 * ITD, abs=buyer.slack), 0)
    assert (await buyer.now(invoice)).aside_minor == dust_minor


async def test_a_payment_to_an_address_that_was_paid_before_is_credited(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    await buyer.arrived(invoice)
    earlier = await buyer.inside.ports.store.now() - timedelta(hours=1)
    await buyer.world.database["invoices"].update_one({"_id": invoice.id}, {"$set": {"expires_at": earlier}})
    buyer.price(5_000)
    await buyer.arrived(invoice, invoice.coin_minor // 2)
    assert (await buyer.has())[0] == pytest.approx(200 * ITD, abs=buyer.slack)
    assert (await buyer.limit_used())[0] == 1


async def test_a_payment_to_an_expired_address_is_credited(buyer: Buyer) -> None:
    invoice = await buyer.invoice(state=InvoiceState.EXPIRED, limit_returned=True)
    await buyer.look(3)
    await buyer.arrived(invoice, invoice.coin_minor // 2)
    assert (await buyer.has())[0] == pytest.approx(50 * ITD, abs=buyer.slack)


async def test_a_strangers_payment_to_an_address_that_nobody_was_given_is_told_to_the_owners(buyer: Buyer) -> None:
    address, part = buyer.world.ports.addresses[buyer.asset].deposit(buyer.shared.addresses), 50
    paid_minor = coins_for(part * ITD * 101 // 100, RATE_MINOR, buyer.asset)
    await buyer.world.chain.pay(address, paid_minor)
    await buyer.look(buyer.blocks)
    # On Ethereum only addresses of invoices are read, and there the balance counts, whoever made it.
    is_balance = buyer.asset is Asset.ETH
    assert await buyer.alarms() == ([] if is_balance else ["deposit_unexplained"])
    assert (await buyer.invoice()).address == address
    await buyer.look(buyer.blocks)
    assert await buyer.has() == (pytest.approx(part * ITD if is_balance else 0, abs=buyer.slack), 0)


async def test_a_payment_is_looked_up_by_its_transaction_from_its_first_sight_to_the_credit(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    txid = await buyer.pay(invoice)
    await buyer.look(1)
    for depth in range(1, buyer.blocks):
        await buyer.inside.pay()
        found = await buyer.looked_up(txid)
        assert (found.payment.state, found.confirmations, found.needed) == (PaymentState.PENDING, depth, buyer.blocks)
        await buyer.look(1)
    found = await buyer.looked_up(txid)
    assert (found.payment.state, found.invoice.id) == (PaymentState.CREDITED, invoice.id)
    stranger = await Buyer.enrolled(buyer.shared)
    assert (await find_payment(stranger.desk.ports, Caller(stranger.person), txid)).payments == []
