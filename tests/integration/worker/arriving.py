"""Payments to deposit addresses on a chain of coins, and what becomes of them, for tests with a worker inside."""

from __future__ import annotations

from typing import Any

from tests.faults.coin_chain import CoinChain
from tests.faults.world import ITD, PERSON
from tests.integration.worker.inside import Inside
from wallet_core.domain.accounts import available, held
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.purchase import Invoice

STARTED_WITH = 1_000 * ITD


def chain_of(inside: Inside) -> CoinChain:
    assert isinstance(inside.world.chain, CoinChain)
    return inside.world.chain


async def pay_coins(inside: Inside, invoice: Invoice, coin_minor: int) -> str:
    """A payment that both nodes have in their pools."""
    chain = chain_of(inside)
    txid = await chain.keeper.send(invoice.address, coin_minor)
    raw = await chain.keeper.call("getrawtransaction", txid)
    if txid not in await chain.node.call("getrawmempool"):
        await chain.node.call("sendrawtransaction", raw)
    return txid


async def look(inside: Inside, blocks: int = 0) -> None:
    for _ in range(blocks):
        await inside.look(blocks=1)
    if not blocks:
        await inside.look()


async def arrived(inside: Inside, invoice: Invoice, coin_minor: int) -> str:
    txid = await pay_coins(inside, invoice, coin_minor)
    await look(inside, 3)
    return txid


async def has(inside: Inside) -> tuple[int, int]:
    """What the person has gained, available and held."""
    there = await inside.world.balance(available(PERSON).id), await inside.world.balance(held(PERSON).id)
    return there[0] - STARTED_WITH, there[1]


async def payments(inside: Inside) -> list[Payment]:
    return await inside.ports.store.find(Payment, {}, order_by=("seen_at", "_id"))


async def states(inside: Inside) -> list[PaymentState]:
    return [payment.state for payment in await payments(inside)]


async def an_invoice(inside: Inside, index: int = 0, **fields: Any) -> Invoice:
    await inside.look()
    await inside.world.set_rail(next_index=index + 1)
    return await inside.world.invoice(index, **fields)
