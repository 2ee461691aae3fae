"""A disk that takes no state file: the truth is in MongoDB, so nothing waits for it."""

from __future__ import annotations

from tests.faults.world import World
from wallet_core.domain.payout import PayoutState


async def test_a_disk_that_takes_no_state_file_stops_no_payment(world: World) -> None:
    for unit in ("payout", "purchase"):
        # Nothing can be written where a folder stands, also by root.
        (world.folder / "worker" / f"{unit}.state.json.new").mkdir(parents=True)
    withdrawals = await world.queue(1)
    worker = world.start_worker()
    assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    assert await world.stop_worker(worker) == 0
