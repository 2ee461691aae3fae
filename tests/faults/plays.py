"""Short plays with one fault each; every one ends in a verdict. A sound worker passes all of them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from tests.faults.verdict import Verdict
from tests.faults.world import ITD, PERSON, Process, World, ended
from wallet_core.domain.payout import Attempt, Batch, BatchState, PayoutState, Withdrawal
from wallet_core.domain.purchase import Invoice, InvoiceState, Rail

Play = Callable[[World], Awaitable[Verdict]]

_SECONDS = 12.0
_TAKES_NOTHING = "0x60006000fd"


async def _begin(world: World, count: int) -> tuple[list[Withdrawal], Process]:
    await world.fund()
    await world.person(1_000)
    return await world.queue(count), world.start_worker()


async def _settled(world: World, withdrawals: Sequence[Withdrawal]) -> Verdict:
    """Lets it go on to the end, and tells what is wrong then; an alarm is wrong too."""
    ended_well = await world.mine_until(PayoutState.SETTLED, withdrawals, seconds=_SECONDS)
    verdict = await world.check(withdrawals)
    if not ended_well:
        verdict.gaps.append("it does not come to an end")
    rail = await world.ports.store.get(Rail, withdrawals[0].asset)
    if rail is None or rail.alarm:
        verdict.gaps.append(f"the alarm says {rail.alarm if rail else 'that there is no rail'}")
    return verdict


async def _until(reached: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> bool:
    for _ in range(int(seconds / 0.05)):
        if await reached():
            return True
        await asyncio.sleep(0.05)
    return False


async def _batches_are(world: World, state: BatchState, count: int) -> bool:
    return await _until(lambda: _counts(world, state, count))


async def _counts(world: World, state: BatchState, count: int) -> bool:
    return await world.ports.store.count(Batch, {"state": state}) == count


async def undisturbed(world: World) -> Verdict:
    """Nothing goes wrong."""
    withdrawals, _ = await _begin(world, 2)
    return await _settled(world, withdrawals)


async def killed_before_it_is_saved(world: World) -> Verdict:
    """SIGKILL right before the signed bytes are saved; blocks are mined before the next life."""
    await world.fund()
    await world.person(1_000)
    withdrawals = await world.queue(2)
    worker = world.start_worker(WALLET_FAILPOINT="sign_batch:ledger.post:before")
    if await ended(worker, 30) != -signal.SIGKILL:
        return Verdict(gaps=["it was not killed"])
    await world.node.mine(2)
    world.start_worker()
    return await _settled(world, withdrawals)


async def reorganised(world: World) -> Verdict:
    """The newest block, with a payout in it, leaves the chain."""
    withdrawals, _ = await _begin(world, 1)
    await _batches_are(world, BatchState.BROADCAST, 1)
    await world.node.mine()
    await _until(lambda: _left(world, BatchState.BROADCAST))
    # Long enough for whoever settles too early, and then for whoever notices.
    await asyncio.sleep(1.5)
    await world.node.reorganise(1)
    await asyncio.sleep(1)
    return await _settled(world, withdrawals)


async def _left(world: World, state: BatchState) -> bool:
    return not await world.ports.store.count(Batch, {"state": state})


async def dropped(world: World) -> Verdict:
    """The node forgets the transactions of its pool."""
    withdrawals, _ = await _begin(world, 2)
    await _batches_are(world, BatchState.BROADCAST, 2)
    for attempt in await world.ports.store.find(Attempt, {}):
        await world.node.call("anvil_dropTransaction", attempt.txid)
    return await _settled(world, withdrawals)


async def reverted(world: World) -> Verdict:
    """An address becomes a contract that takes nothing, and then takes something again."""
    (withdrawal,), _ = await _begin(world, 1)
    await _batches_are(world, BatchState.BROADCAST, 1)
    await world.node.call("anvil_setCode", withdrawal.address, _TAKES_NOTHING)
    await world.node.mine()
    await world.node.call("anvil_setCode", withdrawal.address, "0x")
    return await _settled(world, [withdrawal])


async def tampered(world: World) -> Verdict:
    """Somebody who writes into the database changes the address of a queued payout."""
    await world.fund()
    await world.person(1_000)
    changed, sound = await world.queue(2)
    elsewhere = {"$set": {"address": "0x52908400098527886E0F7030069857D2E4169EE7"}}
    await world.database["withdrawals"].update_one({"_id": changed.id}, elsewhere)
    world.start_worker()
    await world.mine_until(PayoutState.SETTLED, [sound], seconds=_SECONDS)
    return await world.check([sound], still_held_minor=changed.total_minor)


async def queued_again_by_a_thief(world: World) -> Verdict:
    """Somebody who writes into the database removes the batch of a settled payout and queues it again."""
    withdrawals, worker = await _begin(world, 1)
    await world.mine_until(PayoutState.SETTLED, withdrawals, seconds=_SECONDS)
    await world.stop_worker(worker)
    await world.database["withdrawals"].update_many({}, {"$set": {"state": "queued", "batch": None}})
    for name in ("batches", "allocations", "attempts"):
        await world.database[name].delete_many({})
    world.start_worker()
    for _ in range(40):
        await world.node.mine()
        await asyncio.sleep(0.2)
    return await world.check(withdrawals)


async def _purchase(world: World, price_usd: int = 2_500, **fields: object) -> tuple[Invoice, int]:
    """A paid invoice whose payment is in the newest block, and what the person had before."""
    await world.fund()
    await world.person(1_000)
    world.ticker.price_usd = price_usd
    invoice = await world.invoice(0, **fields)
    before = await world.balance(f"ITD:person:{PERSON}:available")
    await world.node.send(invoice.address, invoice.coin_minor)
    world.start_worker()
    await _until(lambda: _watches(world))
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
    await _until(lambda: _looked(world))
    await asyncio.sleep(0.5)
    await world.node.reorganise(1)
    await world.node.mine(4)
    await asyncio.sleep(2)
    return await _gained(world, before, 0)


async def paid_twice(world: World) -> Verdict:
    """Somebody pays the same invoice a second time."""
    invoice, before = await _purchase(world)
    await world.node.mine(3)
    await _until(lambda: _credited(world))
    await world.node.send(invoice.address, invoice.coin_minor)
    await world.node.mine(4)
    await asyncio.sleep(2)
    return await _gained(world, before, 200)


async def paid_at_the_last_moment(world: World) -> Verdict:
    """A payment is seen in time and becomes final after the invoice's end, when the price is another."""
    soon = await world.ports.store.now() - timedelta(seconds=600 - 8)
    invoice, before = await _purchase(world, price_usd=5_000, expires_at=soon)
    await _until(lambda: _looked(world))
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


ALL: tuple[Play, ...] = (
    undisturbed,
    killed_before_it_is_saved,
    reorganised,
    dropped,
    reverted,
    tampered,
    queued_again_by_a_thief,
    deposit_reorganised,
    paid_twice,
    paid_at_the_last_moment,
)
