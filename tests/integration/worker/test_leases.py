"""Two workers, one lease: who goes on, and who does no harm."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from functools import partial
from typing import Any

import httpx

from payout_worker.chains import check_node
from payout_worker.health import Health
from payout_worker.payouts import Payouts
from payout_worker.purchases import Purchases
from payout_worker.share import Share
from payout_worker.signals import Stop
from payout_worker.worker import Served, Worker
from tests.faults.plays import until
from tests.faults.world import World
from tests.integration.worker.inside import Inside, open_inside
from tests.integration.worker.saying import said
from wallet_core.adapters.mongo.embedded import free_port
from wallet_core.domain.payout import PayoutState


async def test_two_workers_and_the_first_is_stopped_past_its_lease(world: World) -> None:
    withdrawals = await world.queue(3)
    first = world.start_worker("first")
    await said(world, "broadcast", "first")
    second = world.start_worker("second")
    await said(world, "waiting_for_lease", "second")
    first.send_signal(signal.SIGSTOP)
    await said(world, "lease_taken", "second")
    more = await world.queue(2)
    first.send_signal(signal.SIGCONT)
    await said(world, "lease_lost", "first")
    assert await world.mine_until(PayoutState.SETTLED, [*withdrawals, *more])
    verdict = await world.check([*withdrawals, *more])
    assert verdict, verdict
    # The second one goes; the first may work again.
    assert await world.stop_worker(second) == 0
    last = await world.queue(1)
    assert await world.mine_until(PayoutState.SETTLED, last)
    assert await world.stop_worker(first) == 0


async def test_a_worker_that_stands_by_says_who_has_the_lease_and_is_ready_once_it_has_it(inside: Inside) -> None:
    health = free_port()
    worker = inside.world.start_worker("another", WORKER_HEALTH_PORT=str(health))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{health}") as http:
        async with inside.alive():
            await said(inside.world, "waiting_for_lease", "another")
            answer = await http.get("/readyz")
        assert (answer.status_code, answer.json()["parts"]) == (
            503,
            {"primary": "ok", "ETH node": "ok", "ETH lease": "another worker has it"},
        )
        assert (await http.get("/livez")).status_code == 200
        assert 'payout_worker_lease_epoch{asset="ETH"} 0.0' in (await http.get("/metrics")).text
        await said(inside.world, "lease_taken", "another")
        assert await until(partial(_has_lease, http))
    assert await inside.world.stop_worker(worker) == 0


async def _has_lease(http: httpx.AsyncClient) -> bool:
    return bool((await http.get("/readyz")).json()["parts"]["ETH lease"] == "ok")


class _Held:
    """A node that answers once it is let go."""

    def __init__(self, node: Any) -> None:
        self._node = node
        self.goes_on = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        async def answer(*asked: Any) -> Any:
            await self.goes_on.wait()
            return await getattr(self._node, name)(*asked)

        return answer


async def test_it_is_ready_only_when_it_watches_the_next_address(inside: Inside) -> None:
    node, health, stop = _Held(inside.ports.node), Health(), Stop()
    ports = replace(inside.ports, node=node)
    payout, purchase = (unit.rail(ports.asset) for unit in inside.units)
    units = [
        Served(payout, Payouts(ports, payout, stop).run_pass),
        Served(purchase, Purchases(ports, purchase, stop).run_pass),
    ]
    check = partial(check_node, ports.core, node, ports.asset)
    share = Share(ports.store, inside.keeper.holder, 60)
    worker = Worker(ports.asset, units, check=check, keeper=inside.keeper, stop=stop, health=health, share=share)
    running = asyncio.create_task(worker.run())
    await _until(health, {"ETH lease": "ok"})
    assert (await health.parts())["ETH purchase"] == "its first pass is under way"
    assert not (await inside.rail()).sells
    node.goes_on.set()
    await _until(health, {"ETH lease": "ok", "ETH payout": "ok", "ETH purchase": "ok"})
    assert (await inside.rail()).sells
    stop.name = "SIGTERM"
    worker.wake()
    await running


async def _until(health: Health, parts: dict[str, str]) -> None:
    for _ in range(3_000):
        if parts.items() <= (await health.parts()).items():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(await health.parts())


async def test_a_restarted_worker_takes_its_lease_back_at_once(inside: Inside) -> None:
    worker = inside.world.start_worker("another", LEASE_SECONDS="600")
    await said(inside.world, "waiting_for_lease", "another")
    async with asyncio.timeout(5):
        own = await _retaken(inside.world)
    assert own == inside.taken.tenure.epoch
    assert await inside.world.stop_worker(worker) == 0


async def _retaken(world: World) -> int | None:
    """Takes the lease under the same identity, as a restart does; its state folder must be free for that."""
    identity = (world.folder / "inside" / "identity").read_text()
    again = world.folder / "restarted"
    again.mkdir()
    (again / "identity").write_text(identity)
    async with open_inside(world, "restarted") as restarted:
        return restarted.taken.own_before
