"""What is read in blocks tells when a payment came; what is on the balances is booked whatever the node refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.world import ITD, PERSON
from tests.integration.worker.inside import Inside
from wallet_core.adapters.chains.ethereum_node import EthereumNode
from wallet_core.domain.accounts import available
from wallet_core.domain.chain import Transfer
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.purchase import Invoice, InvoiceState

_STARTED_WITH = 1_000 * ITD


class _Refusing:
    """A node that refuses some of the calls for a block's transfers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, every: int) -> None:
        self._answer = EthereumNode.transfers
        self._every = every
        self.asked = 0
        monkeypatch.setattr(EthereumNode, "transfers", self._transfers)

    async def _transfers(self, height: int) -> Sequence[Transfer]:
        self.asked += 1
        if self.asked % self._every == 0:
            raise Unavailable("429 too many requests")
        return ()


async def _gained(inside: Inside) -> int:
    return await inside.world.balance(available(PERSON).id) - _STARTED_WITH


async def _paid_in_a_block(inside: Inside, invoice: Invoice, wei: int) -> datetime:
    """Pays and mines; returns the block's time."""
    await inside.world.node.send(invoice.address, wei)
    await inside.world.node.mine()
    newest = await inside.world.node.call("eth_getBlockByNumber", "latest", False)
    return datetime.fromtimestamp(int(newest["timestamp"], 16), UTC)


async def _lock_ended(inside: Inside, invoice: Invoice, at: datetime) -> None:
    """The last moment at which the rate was locked; returns when it is over."""
    expires_at = at - timedelta(seconds=inside.ports.settings.invoice_grace_seconds)
    await inside.world.database["invoices"].update_one({"_id": invoice.id}, {"$set": {"expires_at": expires_at}})
    over = at + timedelta(seconds=1) - await inside.ports.store.now()
    await asyncio.sleep(max(0.0, over.total_seconds()))
    # The node's own clock may be a second behind.
    await inside.world.node.call("evm_setNextBlockTimestamp", int(at.timestamp()) + 1)


async def test_a_node_that_refuses_a_block_now_and_then_stops_no_credit(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    await inside.look(blocks=1)
    invoice = await inside.world.invoice(0)
    await inside.world.node.send(invoice.address, invoice.coin_minor)
    await inside.world.node.mine(6)
    node = _Refusing(monkeypatch, every=5)
    await inside.look()
    assert (await inside.invoice(invoice)).received_minor == invoice.coin_minor
    scanned = (await inside.rail()).scanned_height
    assert scanned == await inside.world.node.height() - 2
    await inside.look()
    assert (await inside.rail()).scanned_height == scanned + 2
    assert node.asked == 7


async def test_a_node_that_refuses_every_block_stops_no_expiry(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    await inside.look(blocks=1)
    invoice = await inside.world.invoice(0, expires_at=await inside.ports.store.now() - timedelta(hours=1))
    _Refusing(monkeypatch, every=1)
    await inside.look(blocks=3)
    assert (await inside.invoice(invoice)).state is InvoiceState.EXPIRED


async def test_what_came_in_time_keeps_its_rate_beside_what_came_late_in_the_same_scan(inside: Inside) -> None:
    await inside.look(blocks=1)
    invoice = await inside.world.invoice(0)
    half = invoice.coin_minor // 2
    in_time = await _paid_in_a_block(inside, invoice, half)
    await _lock_ended(inside, invoice, in_time)
    await _paid_in_a_block(inside, invoice, half)
    inside.price(1_250)
    await inside.world.node.mine(4)
    for _ in range(3):
        await inside.look(blocks=1)
    assert (await inside.invoice(invoice)).timely_minor == half
    assert await _gained(inside) == pytest.approx(75 * ITD, abs=2)


async def test_what_may_have_come_in_time_waits_for_its_block_to_be_read(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    await inside.look(blocks=1)
    invoice = await inside.world.invoice(0)
    in_time = await _paid_in_a_block(inside, invoice, invoice.coin_minor)
    await _lock_ended(inside, invoice, in_time)
    inside.price(1_250)
    with monkeypatch.context() as patched:
        _Refusing(patched, every=1)
        await inside.look(blocks=3)
    waiting = await inside.invoice(invoice)
    assert (waiting.pending_minor, waiting.received_minor, waiting.txid) == (invoice.coin_minor, 0, None)
    await inside.look()
    assert await _gained(inside) == 100 * ITD
    assert (await inside.invoice(invoice)).txid is not None


async def test_a_block_that_is_read_twice_makes_no_room_for_a_late_payment(inside: Inside) -> None:
    await inside.look(blocks=1)
    before = (await inside.rail()).scanned_height
    invoice = await inside.world.invoice(0)
    half = invoice.coin_minor // 2
    in_time = await _paid_in_a_block(inside, invoice, half)
    await inside.look()
    assert (await inside.invoice(invoice)).timely_minor == half
    await _lock_ended(inside, invoice, in_time)
    # As after a pass that was cut short before it had moved the cursor.
    await inside.world.set_rail(scanned_height=before)
    await _paid_in_a_block(inside, invoice, half)
    await inside.look()
    assert (await inside.invoice(invoice)).timely_minor == half
