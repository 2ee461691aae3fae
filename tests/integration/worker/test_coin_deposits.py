"""Bitcoin and Litecoin that come in, on real nodes: what only single payments have, and a wallet that was lost.

The endings that all chains have in common are in ``test_endings.py`` and ``test_endings_gone.py``.
"""

from __future__ import annotations

import pytest

from tests.faults.world import ITD
from tests.integration.worker.arriving import an_invoice, arrived, chain_of, has, look
from tests.integration.worker.buyer import Buyer
from tests.integration.worker.inside import Inside
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import PaymentState


@pytest.fixture(params=[Asset.BTC, Asset.LTC])
def asset(request: pytest.FixtureRequest) -> Asset:
    """Both chains of coins."""
    return Asset(request.param)


async def test_a_large_payment_waits_for_more_blocks(buyer: Buyer) -> None:
    invoice = await buyer.invoice(2_000)
    await buyer.pay(invoice)
    await buyer.look(2)
    assert await buyer.has() == (0, 0)
    await buyer.look(1)
    assert await buyer.has() == (2_000 * ITD, 0)


async def test_two_outputs_of_one_transaction_are_two_payments(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    await buyer.chain.keeper.send(invoice.address, invoice.coin_minor, copies=2)
    await buyer.look(3)
    assert (await buyer.has())[0] == pytest.approx(200 * ITD, abs=buyer.slack)
    assert await buyer.states() == [PaymentState.CREDITED] * 2


async def test_the_little_that_completes_an_order_is_credited(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    little = invoice.coin_minor // 500
    await buyer.arrived(invoice, invoice.coin_minor - little)
    await buyer.arrived(invoice, little)
    assert await buyer.states() == [PaymentState.CREDITED] * 2
    assert await buyer.cases() == []


async def test_a_long_outage_with_a_reorganisation_in_it_is_caught_up(buyer: Buyer) -> None:
    first, second = await buyer.invoice(), await buyer.invoice()
    await buyer.arrived(first)
    await buyer.world.chain.reorganise(2)
    await buyer.pay(second)
    await buyer.world.chain.mine(30)
    await buyer.look()
    assert (await buyer.has())[0] == 200 * ITD
    assert await buyer.states() == [PaymentState.CREDITED] * 2
    assert (await buyer.world.rail()).scanned_height == await buyer.world.chain.height()


async def test_a_withdrawal_to_a_deposit_address_is_a_payment_like_any_other(buyer: Buyer) -> None:
    payer = await Buyer.enrolled(buyer.shared, itd=200)
    invoice = await buyer.invoice()
    await buyer.world.queue(1, itd=100, person=payer.person, address=invoice.address, coin_minor=invoice.coin_minor)
    await buyer.settle(2)
    await buyer.look(2)
    assert await buyer.states() == [PaymentState.CREDITED]


async def test_a_node_whose_wallet_was_lost_follows_the_deposits_again(inside: Inside) -> None:
    invoice = await an_invoice(inside)
    node = chain_of(inside).node
    name = inside.ports.settings.coins(inside.world.asset).rpc_wallet
    await node.call("unloadwallet", name)
    next(node.options.folder.rglob(name)).rename(inside.world.folder / "lost")
    await chain_of(inside).keeper.send(invoice.address, invoice.coin_minor)
    await chain_of(inside).mine(3)
    await look(inside)
    assert await has(inside) == (100 * ITD, 0)


async def test_the_window_moves_once_half_of_it_is_used_and_the_wallet_follows_it(inside: Inside) -> None:
    await look(inside)
    assert (await inside.rail()).watched_through == 1_000
    await inside.world.set_rail(next_index=501)
    await look(inside)
    assert (await inside.rail()).watched_through == 1_501
    invoice = await inside.world.invoice(1_501)
    await arrived(inside, invoice, invoice.coin_minor)
    assert await has(inside) == (100 * ITD, 0)


async def test_a_rail_whose_million_addresses_are_used_up_sells_no_more_and_credits_what_was_sold(
    inside: Inside,
) -> None:
    invoice = await an_invoice(inside)
    asset = inside.world.asset
    wallet, last = inside.ports.settings.coins(asset).rpc_wallet, inside.ports.core.addresses[asset].deposit(999_999)
    # It would take the node a while to follow them all, so its wallet is told that it does.
    await chain_of(inside).node.call("setlabel", last, "itd-watched", wallet=wallet)
    await inside.world.set_rail(next_index=1_000_000, watched_through=999_999)
    await arrived(inside, invoice, invoice.coin_minor)
    assert await has(inside) == (100 * ITD, 0)
    rail = await inside.rail()
    assert (rail.watched_through, rail.sells) == (999_999, False)
