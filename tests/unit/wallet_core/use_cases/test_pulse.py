"""A process tells that it lives, also after a database that was away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from tests.unit.wallet_core.world import World
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.health import Pulse
from wallet_core.ports import Store
from wallet_core.use_cases import beat_for_ever as beating
from wallet_core.use_cases.beat_for_ever import beat_for_ever


class Away:
    """A store that is away at first."""

    def __init__(self, world: World) -> None:
        self.inner: Any = world.memory
        self.asked = 0
        self.kept = asyncio.Event()

    async def now(self) -> datetime:
        self.asked += 1
        if self.asked == 1:
            raise Unavailable("away")
        found: datetime = await self.inner.now()
        return found

    async def put(self, record: Pulse) -> None:
        await self.inner.put(record)
        self.kept.set()


async def test_it_tells_its_parts_and_loops_and_outlives_a_database_that_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beating, "PULSE_SECONDS", 0)
    away = Away(world)
    store: Store = away  # type: ignore[assignment]  # all that a pulse asks of a store

    async def parts() -> Mapping[str, str]:
        return {"primary": "ok", "BTC node": "no answer"}

    running = asyncio.create_task(beat_for_ever(store, "worker", "w", parts, lambda: {"seal": 1.0, "BTC": 4.0}))
    await away.kept.wait()
    running.cancel()
    pulse = await world.memory.get(Pulse, "worker w")
    assert pulse is not None
    assert (pulse.kind, pulse.unwell(), pulse.slowest()) == ("worker", {"BTC node": "no answer"}, ("BTC", 4.0))
    assert (pulse.started_at, pulse.at) == (world.clock(), world.clock())
