"""Alarms: told once, and freezing as long as they are not cleared, in whatever order they come."""

from __future__ import annotations

from payout_worker.steps.raise_alarm import raise_alarm
from tests.integration.worker.inside import Inside
from wallet_core.domain.payout import Batch, BatchState
from wallet_core.domain.people import Role

#: More ended batches than any look that goes by their number would reach back over.
_LATER_BATCHES = 40


async def _raised(inside: Inside, alarm: str, subject: str) -> None:
    await raise_alarm(inside.ports, inside.tenure, alarm, subject, freeze=True)


async def test_an_alarm_that_came_second_freezes_once_the_first_was_cleared(inside: Inside) -> None:
    await inside.world.person(0, person=7, role=Role.OWNER)
    await _raised(inside, "deposit_gone", "x:1")
    for _ in range(2):
        await _raised(inside, "foreign_spend", "b")
        assert (await inside.rail()).alarm == "deposit_gone x:1"
    assert [m.facts["alarm"] for m in await inside.told("alarm")] == ["deposit_gone", "foreign_spend"]
    await inside.world.set_rail(alarm=None)
    for _ in range(2):
        await _raised(inside, "foreign_spend", "b")
        assert (await inside.rail()).alarm == "foreign_spend b"
    assert len(await inside.told("alarm")) == 3


async def test_an_alarm_that_was_cleared_itself_does_not_freeze_again(inside: Inside) -> None:
    await _raised(inside, "foreign_spend", "b")
    await inside.world.set_rail(alarm=None)
    await _raised(inside, "foreign_spend", "b")
    assert (await inside.rail()).alarm is None


async def test_every_block_within_the_watched_depth_is_looked_after_however_many_batches_came_later(
    inside: Inside,
) -> None:
    await inside.world.queue(1)
    await inside.world.node.mine(3)
    for blocks in (0, 1, 2):
        await inside.pay(blocks=blocks)
    (batch,) = await inside.batches()
    assert batch.state is BatchState.SETTLED
    document = await inside.world.database[Batch.collection].find_one({"_id": batch.id})
    assert document is not None
    sound = {"height": 1, "block_hash": await inside.ports.node.block_hash(1)}
    later = [{**document, **sound, "_id": f"later{n}", "nonce": 1 + n} for n in range(_LATER_BATCHES)]
    await inside.world.database[Batch.collection].insert_many(later)
    await inside.world.node.reorganise(3)
    await inside.pay()
    # With the block: should the same batch lose another final one, that is another matter.
    assert (await inside.rail()).alarm == f"reorganised_after_final {batch.id}:{batch.block_hash}"
