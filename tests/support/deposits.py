"""Deposits that were credited, as the Purchase unit leaves them, for tests of what becomes of them afterwards."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from tests.faults.coin_chain import CoinChain
from tests.faults.world import PERSON, RATE_MINOR, World
from wallet_core.domain.changes import Insert
from wallet_core.domain.ledger import Posting
from wallet_core.domain.movements import purchase_credited
from wallet_core.domain.payment import Payment, PaymentState, payment_id
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.quote import itd_for


async def credited(
    world: World, index: int, coin_minor: int, *, blocks: int | None = None, person: int = PERSON
) -> Invoice:
    """So many coins at the deposit address of an index, credited; under so many blocks, by default final ones."""
    address = world.ports.addresses[world.asset].deposit(index)
    paid = await _paid(world, address, coin_minor, world.final_depth + 1 if blocks is None else blocks)
    long_ago = await world.ports.store.now() - timedelta(hours=1)
    invoice = await world.invoice(
        index,
        itd=1,
        person=person,
        asset=world.asset,
        address=address,
        coin_minor=coin_minor,
        received_minor=coin_minor,
        state=InvoiceState.CREDITED,
        fulfilled=True,
        timely_minor=coin_minor,
        created_at=long_ago,
        expires_at=long_ago + timedelta(minutes=30),
    )
    bought = purchase_credited(
        person,
        world.asset,
        coin_minor=coin_minor,
        itd_minor=itd_for(coin_minor, RATE_MINOR, world.asset),
        fee_minor=0,
        rate_minor=RATE_MINOR,
    )
    payment = None if paid is None else await _payment(world, invoice, coin_minor, paid)
    inserted = () if payment is None else (Insert(payment),)
    key = f"test:credited:{secrets.token_hex(8)}"
    await world.ports.ledger.post(Posting(key, "credited", "test", entries=bought, changes=inserted))
    return invoice


async def _paid(world: World, address: str, coin_minor: int, blocks: int) -> str | None:
    """Pays on the chain; the transaction's hash where the books follow single payments."""
    chain = world.chain
    if isinstance(chain, CoinChain):
        txid = await chain.keeper.send(address, coin_minor)
        await chain.mine(blocks)
        return txid
    await world.node.send(address, coin_minor)
    await chain.mine(blocks)
    return None


async def _payment(world: World, invoice: Invoice, coin_minor: int, txid: str) -> Payment:
    assert isinstance(world.chain, CoinChain)
    found: dict[str, Any] = await world.chain.keeper.call("getrawtransaction", txid, True)
    (index,) = (out["n"] for out in found["vout"] if int(out["value"].scaleb(8)) == coin_minor)
    block = await world.chain.keeper.call("getblockheader", found["blockhash"])
    return Payment(
        id=payment_id(world.asset, txid, index),
        asset=world.asset,
        invoice=invoice.id,
        person=invoice.person,
        txid=txid,
        index=index,
        coin_minor=coin_minor,
        state=PaymentState.CREDITED,
        height=block["height"],
        block_hash=found["blockhash"],
        seen_at=await world.ports.store.now(),
        timely=True,
    )
