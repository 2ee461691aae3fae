"""``python -m payout_worker`` as operators run it."""

from __future__ import annotations

from tests.faults.world import World
from wallet_core.domain.payout import PayoutState


async def test_a_queued_withdrawal_is_paid_and_settled(world: World) -> None:
    withdrawals = await world.queue(3)
    worker = world.start_worker()
    assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    assert await world.check(withdrawals), await world.check(withdrawals)
    assert await world.stop_worker(worker) == 0
