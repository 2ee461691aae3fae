"""Ether that comes in, where only the balance of an address at a final block counts, and balances that shrink.

The endings that all chains have in common are in ``test_endings.py`` and ``test_endings_gone.py``.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.faults.world import ITD
from tests.integration.worker.buyer import Buyer
from tests.integration.worker.inside import Inside
from wallet_core.domain.accounts import available
from wallet_core.domain.case import CaseChoice, CaseState
from wallet_core.domain.errors import Unavailable


@pytest.mark.parametrize("percent", [1, 50, 99])
async def test_less_is_credited_to_the_last_minor_unit_and_keeps_the_limit_that_was_taken(
    buyer: Buyer, percent: int
) -> None:
    invoice = await buyer.invoice()
    await buyer.arrived(invoice, invoice.coin_minor * percent // 100)
    gained, waiting = await buyer.has()
    assert abs(gained - percent * ITD) <= 1
    assert waiting == 0
    assert await buyer.limit_used() == (1, 100 * ITD)


async def test_a_second_payment_while_the_first_is_pending_is_counted_once(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    await buyer.pay(invoice)
    await buyer.look(1)
    await buyer.pay(invoice)
    await buyer.look(4)
    gained, _ = await buyer.has()
    assert 200 * ITD - 1 <= gained <= 200 * ITD + 1


async def test_money_from_inside_a_contract_counts_like_any_other(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    # No transaction leads to the address, as with an internal transfer: only its balance tells.
    await buyer.world.node.set_balance(invoice.address, invoice.coin_minor)
    await buyer.look(4)
    assert await buyer.has() == (100 * ITD, 0)


async def test_what_was_seen_in_time_keeps_its_rate_and_only_that(buyer: Buyer) -> None:
    """One wei in time must not keep the rate open for a payment that waits how the price moves."""
    invoice = await buyer.invoice()
    await buyer.pay(invoice)
    await buyer.look(1)
    await buyer.world.database["invoices"].update_one(
        {"_id": invoice.id}, {"$set": {"expires_at": invoice.created_at - timedelta(hours=1)}}
    )
    buyer.price(5_000)
    await buyer.arrived(invoice)
    await buyer.look(1)
    gained, _ = await buyer.has()
    assert abs(gained - 300 * ITD) <= 2


@pytest.mark.parametrize("parts", [1, 2])
async def test_what_is_paid_above_the_order_gains_nothing_by_a_rate_that_fell(buyer: Buyer, parts: int) -> None:
    invoice = await buyer.invoice(10)
    buyer.price(1_250)
    for _ in range(2):
        await buyer.arrived(invoice, 5 * invoice.coin_minor)
        await buyer.look(1)
    assert (await buyer.has())[0] == pytest.approx((10 + 90 // 2) * ITD, abs=10)
    assert await buyer.limit_used() == (1, pytest.approx(55 * ITD, abs=10))


async def test_only_what_is_gone_is_taken_back_and_what_was_spent_is_owed(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    half = invoice.coin_minor // 2
    await buyer.arrived(invoice, half)
    await buyer.arrived(invoice, invoice.coin_minor - half)
    gained, _ = await buyer.has()
    await buyer.world.queue(1, itd=90, person=buyer.person)
    await buyer.world.node.reorganise(3)
    await buyer.look(1)
    left = await buyer.now(invoice)
    assert left.received_minor == half
    owed_minor = await buyer.world.balance("ITD:receivable")
    taken_minor = gained - left.credited_minor
    assert (await buyer.guards()).debt_minor == owed_minor == taken_minor - (gained - 90 * ITD - ITD // 2)
    await buyer.arrived(invoice, invoice.coin_minor - half)
    assert await buyer.world.balance("ITD:receivable") == 0
    assert [case.state for case in await buyer.cases()] == [CaseState.CLOSED]
    assert await buyer.world.balance(available(buyer.person).id) == gained - 90 * ITD - ITD // 2


async def test_dust_that_comes_again_after_its_block_left_is_a_case_again(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    dust = invoice.coin_minor // 500
    await buyer.arrived(invoice, dust)
    assert (await buyer.now(invoice)).aside_minor == dust
    await buyer.world.node.reorganise(3)
    await buyer.look(1)
    assert (await buyer.now(invoice)).aside_minor == 0
    await buyer.arrived(invoice, dust)
    assert (await buyer.now(invoice)).aside_minor == dust
    assert [case.state for case in await buyer.cases()] == [CaseState.CLOSED, CaseState.OPEN]


async def test_what_the_desk_credited_is_taken_back_at_the_desks_rate(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    dust = invoice.coin_minor // 125
    await buyer.arrived(invoice, invoice.coin_minor)
    await buyer.arrived(invoice, dust)
    (case,) = await buyer.cases()
    buyer.price(50_000)
    await buyer.desk.decide(case, CaseChoice.CREDIT)
    assert (await buyer.has())[0] == pytest.approx(116 * ITD, abs=ITD // 10)
    # Only the dust's block leaves the chain: no more is taken back than it had made, and no less.
    await buyer.world.node.reorganise(3)
    await buyer.look(1)
    assert (await buyer.now(invoice)).received_minor == invoice.coin_minor
    assert await buyer.has() == (100 * ITD, 0)


async def test_the_window_is_kept_ahead_of_the_addresses_that_are_allotted(inside: Inside) -> None:
    await inside.look()
    assert (await inside.rail()).watched_through == 1_000
    await inside.world.set_rail(next_index=600)
    await inside.look()
    assert (await inside.rail()).watched_through == 1_600


async def test_a_node_that_lost_blocks_decides_nothing(inside: Inside) -> None:
    invoice = await inside.world.invoice(0)
    await inside.look(blocks=5)
    snapshot = await inside.world.node.call("evm_snapshot")
    await inside.look(blocks=3)
    await inside.world.node.call("evm_revert", snapshot)
    with pytest.raises(Unavailable):
        await inside.look()
    with pytest.raises(Unavailable):
        await inside.pay()
    assert (await inside.invoice(invoice)).received_minor == 0
