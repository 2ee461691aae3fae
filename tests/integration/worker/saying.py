"""What a worker said in its log."""

from __future__ import annotations

import asyncio

from tests.faults.world import World


async def said(world: World, event: str, name: str = "worker", seconds: float = 30) -> dict[str, object]:
    """Waits until the worker's log has a line of this event, and returns it."""
    for _ in range(int(seconds / 0.1)):
        lines = [line for line in world.log_of(name) if line["event"] == event]
        if lines:
            return lines[-1]
        await asyncio.sleep(0.1)
    raise AssertionError(f"the worker never said {event}: {world.log_of(name)}")
