"""Twenty starts of a real worker on state files that were cut or had a bit flipped; nothing is lost by any of them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from payout_worker.state_file import Item, StateFile, parsed
from tests.faults.world import World
from tests.integration.worker.inside import open_inside
from tests.integration.worker.saying import said
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState

STARTS = 20


def _harmed(content: bytes, dice: random.Random) -> bytes:
    """A cut or a flipped bit, anywhere."""
    place = dice.randrange(len(content))
    if dice.random() < 0.5:
        return content[:place]
    return content[:place] + bytes([content[place] ^ 1 << dice.randrange(8)]) + content[place + 1 :]


@pytest.mark.parametrize("unit", ["payout", "purchase"])
async def test_a_harmed_file_is_set_aside_at_each_of_many_starts_and_nothing_is_lost(world: World, unit: str) -> None:
    dice = random.Random(f"harm of {unit}")
    async with open_inside(world, "worker") as inside:
        withdrawals = await world.queue(2)
        await inside.pay()
        batches = await inside.batches()
    file = StateFile(world.folder / "worker", unit)
    items = tuple(Item(asset=Asset.ETH, kind="batch", id=batch.id, step="broadcast") for batch in batches)
    for start in range(STARTS // 2):
        file.save("SIGTERM", {Asset.ETH: start + 1}, items, {Asset.ETH: {"old_from": 3}})
        harmed = _harmed(file.path.read_bytes(), dice)
        file.path.write_bytes(harmed)
        await _starts_on(world, file.path, harmed, f"worker-{start}")
        whole = parsed(file.path.read_bytes(), unit)
        assert (whole.why, whole.epochs) == ("SIGTERM", {Asset.ETH: start + 2})
    worker = world.start_worker()
    assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    assert await world.stop_worker(worker) == 0
    verdict = await world.check(withdrawals)
    assert verdict, verdict


async def _starts_on(world: World, file: Path, harmed: bytes, log: str) -> None:
    """A whole life of a worker whose file was harmed: it says so, takes the lease, and ends in order."""
    worker = world.start_worker(log, WORKER_STATE_DIR=str(file.parent))
    await said(world, "lease_taken", log)
    aside = [line for line in world.log_of(log) if line["event"] == "state_file_set_aside"]
    assert [line["file"] for line in aside] == [file.name]
    assert file.with_suffix(".aside.json").read_bytes() == harmed
    assert not [
        line for line in world.log_of(log) if line["event"] == "resuming_from_file" and line["unit"] in file.name
    ]
    assert await world.stop_worker(worker) == 0
