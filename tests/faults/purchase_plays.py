"""Plays of money that comes in, on Ethereum: see ``plays``."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.faults.plays import Play, until
from tests.faults.verdict import Verdict
from tests.faults.world import ITD, PERSON, World
from wallet_core.domain.purchase import Invoice, InvoiceState, Rail


async def _purchase(world: World, price_usd: int = 2_500, **fields: object) -> tuple[Invoice, int]:
    """A paid invoice whose payment is in the newest block, and what the person had before."""
    await world.fund()
    await world.person(1_000)
    world.ticker.price_usd = price_usd
    invoice = await world.invoice(0, **fields)
    before = await world.balance(f"ITD:person:{PERSON}:available")
    await world.node.send(invoice.address, invoice.coin_minor)
    world.start_worker()
    await until(lambda: _watches(world))
    await world.node.mine()
    return invoice, before


async def _watches(world: World) -> bool:
    rail = await world.ports.store.get(Rail, "ETH")
    return rail is not None and rail.watched_through > 0 and rail.scanned_height >= 0


async def _gained(world: World, before: int, wanted_itd: int) -> Verdict:
    gained = await world.balance(f"ITD:person:{PERSON}:available") - before
    if abs(gained - wanted_itd * ITD) > 2:
        return Verdict(gaps=[f"{gained} was credited, not {wanted_itd * ITD}"])
    return Verdict()


async def _looked(world: World) -> bool:
    invoice = (await world.ports.store.find(Invoice, {}))[0]
    return bool(invoice.pending_minor or invoice.received_minor)


async def deposit_reorganised(world: World) -> Verdict:
    """A payment's block leaves the chain before it was final."""
    _, before = await _purchase(world)
    await until(lambda: _looked(world))
    await asyncio.sleep(0.5)
    early = await _gained(world, before, 0)
    await world.node.reorganise(1)
    await world.node.mine(4)
    await asyncio.sleep(2)
    verdict = await _gained(world, before, 0)
    verdict.gaps += early.gaps
    # What was booked and taken back again looks as if nothing had been, but for this.
    if alarm := (await world.rail()).alarm:
        verdict.gaps.append(f"the alarm says {alarm}")
    return verdict


async def paid_twice(world: World) -> Verdict:
    """Somebody pays the same invoice a second time."""
    invoice, before = await _purchase(world)
    await world.node.mine(3)
    await until(lambda: _credited(world))
    await world.node.send(invoice.address, invoice.coin_minor)
    await world.node.mine(4)
    await asyncio.sleep(2)
    return await _gained(world, before, 200)


async def paid_at_the_last_moment(world: World) -> Verdict:
    """A payment is seen in time and becomes final after the invoice's end, when the price is another."""
    soon = await world.ports.store.now() - timedelta(seconds=600 - 8)
    invoice, before = await _purchase(world, price_usd=5_000, expires_at=soon)
    await until(lambda: _looked(world))
    await asyncio.sleep(9)
    await world.node.mine(4)
    await asyncio.sleep(2)
    verdict = await _gained(world, before, 100)
    ended_as = await world.ports.store.get(Invoice, invoice.id)
    if ended_as is None or ended_as.limit_returned or ended_as.state is not InvoiceState.CREDITED:
        verdict.gaps.append("it was ended although it was paid in time")
    return verdict


async def _credited(world: World) -> bool:
    return bool(await world.ports.store.count(Invoice, {"state": InvoiceState.CREDITED}))


PLAYS: tuple[Play, ...] = (deposit_reorganised, paid_twice, paid_at_the_last_moment)
