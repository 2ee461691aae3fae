"""The failpoints of the source are exactly the calls that happen: none is forgotten, none is padded."""

from __future__ import annotations

import ast
import asyncio
from collections import Counter
from pathlib import Path

import pytest

from payout_worker import failpoints
from tests.faults.conftest import CHAINS
from tests.faults.feed import Feed
from tests.faults.freezing import lose_final_blocks, spend_elsewhere
from tests.faults.points import Needs, call_of, points_of
from tests.faults.trials import reorganise_confirmed
from tests.faults.world import World
from tests.integration.worker.inside import Inside, open_inside
from wallet_core.domain.money import Asset


@pytest.mark.parametrize("asset", CHAINS)
async def test_a_worker_passes_all_points_of_its_chain_and_no_others(empty_world: World, asset: Asset) -> None:
    passed: Counter[str] = Counter()

    def note(point: str) -> None:
        passed[point] += 1

    world, feed = empty_world, Feed(empty_world)
    await world.fund()
    for needs in Needs:
        await feed.serve(needs)
    async with open_inside(world, on_point=note) as inside:
        await _meet_everything(world, feed, inside)
        # Only what was seen deep enough counts as final.
        await inside.pay(blocks=world.final_depth)
        await lose_final_blocks(world)
        await inside.pay()
        if asset is Asset.ETH:
            for _ in range(4):
                await inside.pay(blocks=1)
            await world.set_rail(alarm=None)
            await feed.payouts(1)
            await inside.pay()
            await spend_elsewhere(world)
            await inside.pay()
    elsewhere = ("settle_batch:node.spender", "broadcast_batch:node.heights")
    known = {point for point in points_of(asset) if call_of(point) not in elsewhere}
    assert not (never := sorted(known - passed.keys())), never
    assert not (strange := sorted(passed.keys() - known)), strange


async def _meet_everything(world: World, feed: Feed, inside: Inside) -> None:
    """Passes with blocks that take payouts, that pass them over, that are gone again; a pool that is lost."""
    await inside.pay()
    # As if another worker had begun.
    inside.units[0].rail(world.asset).cursors.clear()
    await world.chain.lose_pool()
    await world.chain.mine_empty()
    await inside.pay()
    # Longer than ..._BUMP_AFTER_SECONDS.
    await asyncio.sleep(2.5)
    await world.chain.mine_empty()
    await inside.pay()
    await inside.pay(blocks=1)
    await reorganise_confirmed(world)
    for _ in range(40):
        if world.asset is Asset.ETH:
            await inside.look()
        await inside.pay(blocks=1)
        if await feed.is_done():
            return
    raise AssertionError(f"it does not come to an end: {await feed.unfinished()}")


def test_every_declared_point_is_of_a_chain() -> None:
    assert sorted({point for asset in CHAINS for point in points_of(asset)}) == failpoints.declared()


def test_a_port_is_only_ever_reached_by_its_full_name() -> None:
    """An alias would hide a call from the list."""
    folder = Path(failpoints.__file__).parent
    for file in [path for name in ("steps", "watchers", "families") for path in (folder / name).glob("*.py")]:
        tree = ast.parse(file.read_text())
        called = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        bare = [node for node in ast.walk(tree) if failpoints._is_port(node) and id(node) not in called]
        assert not bare, f"{file.name} passes a port on: {[ast.unparse(node) for node in bare]}"
