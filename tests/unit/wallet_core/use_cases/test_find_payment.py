"""Looking a payment up: one's own alone, by whatever number the wallet app or the card shows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cases import invoice_of, payment_of, too_small
from tests.unit.wallet_core.world import ITD, World, reason_of
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import Reason
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import Invoice
from wallet_core.use_cases.find_payment import Lookup, find_payment

HASH = "ab" * 32


@pytest.fixture
async def ana(world: World) -> Caller:
    return await world.person(1)


async def paid(world: World, person: int, asset: Asset = Asset.BTC, **fields: Any) -> tuple[Invoice, Payment]:
    invoice = invoice_of(person, world.clock(), asset)
    payment = payment_of(invoice, 84_167, **fields)
    await world.post(changes=(Insert(invoice), Insert(payment)))
    return invoice, payment


async def found(world: World, caller: Caller, text: str) -> Lookup:
    return await find_payment(world.ports, caller, text)


@pytest.mark.parametrize("asked", [HASH, f" {HASH} ", HASH.upper(), f"0x{HASH}", f"0X{HASH.upper()}"])
@pytest.mark.parametrize(("asset", "txid"), [(Asset.BTC, HASH), (Asset.LTC, HASH), (Asset.ETH, f"0x{HASH}")])
async def test_a_transaction_is_found_however_its_hash_is_written(
    world: World, ana: Caller, asked: str, asset: Asset, txid: str
) -> None:
    invoice, payment = await paid(world, 1, asset, txid=txid)
    (each,) = (await found(world, ana, asked)).payments
    assert (each.payment, each.invoice, each.case) == (payment, invoice, None)


async def test_a_payment_is_found_by_its_number_its_purchase_and_the_card_companys(world: World, ana: Caller) -> None:
    invoice, payment = await paid(world, 1)
    for asked in (payment.id, invoice.id):
        assert [each.payment for each in (await found(world, ana, asked)).payments] == [payment]
    _, card = await paid(world, 1, Asset.USD, txid="pi_3PabCDef", id="USD:pi_3PabCDef:0")
    for asked in ("pi_3PabCDef", "USD:pi_3PabCDef:0"):
        (each,) = (await found(world, ana, asked)).payments
        assert (each.payment, each.confirmations, each.needed) == (card, None, None)


async def test_nobody_learns_of_others_payments(world: World, ana: Caller) -> None:
    eve = await world.person(3)
    invoice, payment = await paid(world, 1, txid=HASH)
    unknown = await found(world, eve, "cd" * 32)
    for asked in (HASH, payment.id, invoice.id):
        lookup = await found(world, eve, asked)
        assert (lookup.payments, lookup.unpaid) == (unknown.payments, unknown.unpaid) == ([], None)
    unpaid = invoice_of(1, world.clock())
    await world.post(changes=(Insert(unpaid),))
    assert (await found(world, eve, unpaid.id)).unpaid is None
    assert (await found(world, ana, unpaid.id)).unpaid == unpaid


async def test_of_a_transaction_that_pays_two_people_each_sees_their_own(world: World, ana: Caller) -> None:
    eve = await world.person(3)
    _, first = await paid(world, 1, txid=HASH, id=f"BTC:{HASH}:0")
    _, second = await paid(world, 3, txid=HASH, id=f"BTC:{HASH}:1", index=1)
    assert [each.payment for each in (await found(world, ana, HASH)).payments] == [first]
    assert [each.payment for each in (await found(world, eve, HASH)).payments] == [second]


@pytest.mark.parametrize("text", ["", "x", "abc", "a" * 129, f"{HASH} {HASH}", "{'$ne': 1}", "٣" * 64, "a\nbcdefgh"])
async def test_what_is_no_number_is_refused(world: World, ana: Caller, text: str) -> None:
    assert await reason_of(found(world, ana, text)) is Reason.BAD_TXID


@pytest.mark.parametrize(
    ("seen_height", "height", "worth", "depth"),
    [(10, 9, 1, (2, 2)), (10, None, 1, (0, 2)), (8, 9, 1, (0, 2)), (10, 9, 2_000, (2, 6))],
)
async def test_a_payment_on_its_way_says_how_deep_it_is(
    *, world: World, ana: Caller, seen_height: int, height: int | None, worth: int, depth: tuple[int, int]
) -> None:
    await world.open_payouts(Asset.BTC, seen_height=seen_height)
    await paid(world, 1, txid=HASH, height=height, rate_minor=worth * ITD * 10**8 // 84_167)
    (each,) = (await found(world, ana, HASH)).payments
    assert (each.confirmations, each.needed) == depth


async def test_what_is_not_pending_counts_nothing(world: World, ana: Caller) -> None:
    await world.open_payouts(Asset.BTC, seen_height=10)
    await paid(world, 1, txid=HASH, state=PaymentState.CREDITED)
    (each,) = (await found(world, ana, HASH)).payments
    assert (each.confirmations, each.needed) == (None, None)


async def test_a_case_comes_with_its_payment(world: World, ana: Caller) -> None:
    case = await too_small(world.ports, invoice_of(1, world.clock()), 1_500)
    (each,) = (await found(world, ana, case.payments[0])).payments
    assert each.case == case and each.payment.state is PaymentState.CASE
