"""Somebody who writes into the database, or an operator who restores an old backup: neither makes the worker pay.

Each play is a theft; the verdict says whether anything left the hot wallet that should not have, and whether it froze
or told its owners where it should.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import Sequence
from typing import Any, Final

from tests.faults.processes import ended
from tests.faults.verdict import Verdict
from tests.faults.world import PERSON, World
from wallet_core.adapters.mongo.codec import encode
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Role

_SECONDS: Final = 20.0
_TURNS: Final = 12
_OWNER: Final = 7
_OF_A_BATCH: Final = ("batches", "reservations", "attempts")


async def settled_back_to_queued(world: World) -> Verdict:
    """A settled payout is queued again, and nothing else is changed."""
    withdrawals = await _paid(world, 2)
    await _write(world, withdrawals[0], state="queued", batch=None, txid=None)
    return await _nothing_more_is_paid(world, withdrawals)


async def batch_and_reservation_deleted(world: World) -> Verdict:
    """A settled payout is queued again, and every trace of its batch is deleted."""
    withdrawals = await _paid(world, 2)
    for name in _OF_A_BATCH:
        await world.database[name].delete_many({})
    await _write(world, withdrawals[0], state="queued", batch=None, txid=None)
    return await _nothing_more_is_paid(world, withdrawals)


async def outputs_changed(world: World) -> Verdict:
    """Between the forming of a batch and its signing, a payout in it gets another address."""
    changed, sound = await _formed(world)
    await _write(world, changed, address=world.chain.fresh_address())
    return await _only_sound_is_paid(world, changed, sound)


async def amounts_changed(world: World) -> Verdict:
    """Between the forming of a batch and its signing, a payout in it gets more coins."""
    changed, sound = await _formed(world)
    await _write(world, changed, coin_minor=2 * changed.coin_minor)
    return await _only_sound_is_paid(world, changed, sound)


async def a_forged_withdrawal(world: World) -> Verdict:
    """A withdrawal is written that nobody asked for, after the pattern of a paid one."""
    withdrawals = await _paid(world, 1)
    pattern = await world.database["withdrawals"].find_one({"_id": withdrawals[0].id})
    assert pattern is not None
    forged = {**pattern, "_id": secrets.token_hex(8), "state": "queued", "batch": None, "txid": None}
    await world.database["withdrawals"].insert_one({**forged, "address": world.chain.fresh_address()})
    verdict = await _nothing_more_is_paid(world, withdrawals)
    await world.database["withdrawals"].delete_one({"_id": forged["_id"]})
    return verdict


async def an_old_backup(world: World) -> Verdict:
    """The database is set back to before the payouts were formed; the worker's own folder stays."""
    await _begin(world)
    withdrawals = await world.queue(2, itd=1)
    before = {
        name: await world.database[name].find({}).to_list() for name in await world.database.list_collection_names()
    }
    await _settle(world, withdrawals)
    for name in await world.database.list_collection_names():
        await world.database[name].delete_many({})
        if before.get(name):
            await world.database[name].insert_many(before[name])
    world.start_worker()
    await _go_on(world)
    verdict = await world.check(withdrawals, still_held_minor=sum(w.total_minor for w in withdrawals))
    # The books are those of the backup: that the coins have left is what the alarm is about.
    verdict.gaps = [gap for gap in verdict.gaps if "hot wallet" not in gap]
    return await _with_alarm(world, verdict)


THEFTS = (
    settled_back_to_queued,
    batch_and_reservation_deleted,
    outputs_changed,
    amounts_changed,
    a_forged_withdrawal,
    an_old_backup,
)


async def _begin(world: World) -> None:
    await world.fund()
    await world.person(1_000)
    await world.person(0, person=_OWNER, role=Role.OWNER)


async def _paid(world: World, count: int) -> list[Withdrawal]:
    """So many payouts that were settled, and no worker."""
    await _begin(world)
    withdrawals = await world.queue(count, itd=1)
    await _settle(world, withdrawals)
    return withdrawals


async def _settle(world: World, withdrawals: Sequence[Withdrawal]) -> None:
    worker = world.start_worker()
    assert await world.mine_until(PayoutState.SETTLED, withdrawals, seconds=_SECONDS)
    await world.stop_worker(worker)


async def _formed(world: World) -> tuple[Withdrawal, Withdrawal]:
    """Two payouts that a worker formed and did not live to sign: in one batch, where a batch may have two."""
    await _begin(world)
    first, second = await world.queue(2, itd=1, person=PERSON)
    worker = world.start_worker(WALLET_FAILPOINT="sign_batch:signer.sign:before")
    assert await ended(worker) == -signal.SIGKILL
    formed = [w for w in (first, second) if (await world.states(w))[PayoutState.BATCHED]]
    changed = formed[0]
    return changed, second if changed is first else first


async def _write(world: World, withdrawal: Withdrawal, **fields: Any) -> None:
    done = await world.database["withdrawals"].update_one({"_id": withdrawal.id}, {"$set": encode(fields)})
    assert done.matched_count == 1


async def _nothing_more_is_paid(world: World, withdrawals: Sequence[Withdrawal]) -> Verdict:
    world.start_worker()
    await _go_on(world)
    return await _with_alarm(world, await world.check(withdrawals))


async def _only_sound_is_paid(world: World, changed: Withdrawal, sound: Withdrawal) -> Verdict:
    world.start_worker()
    await world.mine_until(PayoutState.SETTLED, [sound], seconds=_SECONDS)
    await _go_on(world)
    verdict = await world.check([sound], still_held_minor=changed.total_minor)
    return await _with_alarm(world, verdict)


async def _go_on(world: World) -> None:
    """Blocks and time enough for whoever would pay."""
    for _ in range(_TURNS):
        await world.chain.mine()
        await asyncio.sleep(0.2)


async def _with_alarm(world: World, verdict: Verdict) -> Verdict:
    if not await world.database["outbox"].count_documents({"person": _OWNER, "template": "alarm"}):
        verdict.gaps.append("no owner was told of it")
    return verdict
