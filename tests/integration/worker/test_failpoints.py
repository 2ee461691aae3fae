"""The failpoints of the source are exactly the calls that happen: none is forgotten, none is padded."""

from __future__ import annotations

import ast
import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from payout_worker import failpoints
from tests.faults.conftest import CHAINS
from tests.faults.environment import settings_of
from tests.faults.feed import Feed
from tests.faults.freezing import lose_final_blocks, spend_elsewhere
from tests.faults.points import LEAVING, UNREACHED, Needs, call_of, needs_of, points_of
from tests.faults.purchases.customers import Customers
from tests.faults.trials import reorganise_confirmed
from tests.faults.world import World
from tests.integration.worker.inside import Inside, open_inside
from wallet_core.domain.case import CaseChoice
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import RailState


@pytest.mark.parametrize("asset", CHAINS)
async def test_a_worker_passes_all_points_of_its_chain_and_no_others(empty_world: World, asset: Asset) -> None:
    passed: Counter[str] = Counter()

    def note(point: str) -> None:
        passed[point] += 1

    world, feed = empty_world, Feed(empty_world)
    world.ports = replace(world.ports, settings=settings_of({**world.environment, **world.sweeping}))
    await world.fund()
    for needs in Needs:
        if needs is not Needs.PURCHASES:
            await feed.serve(needs)
    async with open_inside(world, on_point=note) as inside:
        await inside.look()
        await feed.serve(Needs.PURCHASES)
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
    elsewhere = {*UNREACHED, "broadcast_batch:node.heights", *map(call_of, _leaving(asset))}
    known = set(points_of(asset))
    assert not (never := sorted(p for p in known - passed.keys() if call_of(p) not in elsewhere)), never
    assert not (strange := sorted(passed.keys() - known)), strange


def _leaving(asset: Asset) -> list[str]:
    """Points where payments leave the chain."""
    return [point for point in points_of(asset) if needs_of(point) & LEAVING]


@pytest.mark.parametrize("asset", [Asset.LTC, Asset.ETH])
async def test_a_worker_passes_the_points_of_payments_that_leave_the_chain(empty_world: World, asset: Asset) -> None:
    passed: Counter[str] = Counter()

    def note(point: str) -> None:
        passed[point] += 1

    customers = await Customers.enter(empty_world, 1)
    # So that what is asked for stays in the queue.
    customers.rail = RailState.PAUSED
    async with open_inside(empty_world, on_point=note) as inside:
        await inside.look()
        await _lose_booked(customers, inside)
        if asset is not Asset.ETH:
            await _lose_from_pool(customers, inside)
    assert not (never := sorted(set(_leaving(asset)) - passed.keys())), never


async def _lose_booked(customers: Customers, inside: Inside) -> None:
    """A credited payment that was spent, and one that is to be refunded, leave the chain."""
    spent, aside = await customers.order("spent"), await customers.order("too small")
    await customers.purse.pay(spent.invoice.address, spent.invoice.coin_minor)
    await customers.purse.pay(aside.invoice.address, customers.dust_minor)
    for _ in range(3):
        await inside.look(blocks=1)
    await customers.withdraw(spent, itd=9)
    await customers.decide(aside, CaseChoice.REFUND)
    await customers.world.chain.reorganise(3)
    await inside.look()


async def _lose_from_pool(customers: Customers, inside: Inside) -> None:
    """A payment that was seen is in no pool of the worker's node any more."""
    order = await customers.order("forgotten")
    await customers.purse.pay(order.invoice.address, order.invoice.coin_minor)
    for _ in range(100):
        await inside.look()
        if (await inside.invoice(order.invoice)).pending_minor:
            break
        await asyncio.sleep(0.1)
    await customers.world.chain.lose_pool()
    await inside.look()


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
        await inside.look()
        await inside.pay(blocks=1)
        if await feed.is_done():
            return
    raise AssertionError(f"it does not come to an end: {await feed.unfinished()}")


def test_every_declared_point_is_of_a_chain() -> None:
    assert (
        sorted({point for asset in (*CHAINS, Asset.USD, Asset.ITD) for point in points_of(asset)})
        == failpoints.declared()
    )


def test_a_port_is_only_ever_reached_by_its_full_name() -> None:
    """An alias would hide a call from the list."""
    folder = Path(failpoints.__file__).parent
    for file in [path for name in ("steps", "watchers", "families") for path in (folder / name).glob("*.py")]:
        tree = ast.parse(file.read_text())
        called = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        bare = [node for node in ast.walk(tree) if failpoints._is_port(node) and id(node) not in called]
        assert not bare, f"{file.name} passes a port on: {[ast.unparse(node) for node in bare]}"
