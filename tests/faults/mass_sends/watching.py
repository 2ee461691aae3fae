"""What somebody sees who looks at a mass send all the time: its counters may only grow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from tests.faults.world import World
from wallet_core.domain.mass_send import MassSend, MassState

COUNTERS: Final = ("paid", "returned", "refused", "queued", "paid_minor", "payouts_ended")
_POLL_SECONDS: Final = 0.02


@dataclass
class Watch:
    """The newest look at it, how often it was looked at, and whatever went back."""

    send: MassSend
    looks: int = 0
    backwards: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether every line has its end."""
        return self.send.state is MassState.DONE

    @property
    def moved(self) -> int:
        """Lines that are no longer waiting for their turn."""
        return self.send.done + self.send.queued - self.send.payouts_ended

    def see(self, send: MassSend) -> None:
        """Compares it with how it was."""
        for name in COUNTERS:
            before, after = getattr(self.send, name), getattr(send, name)
            if after < before:
                self.backwards.append(f"{name} went from {before} to {after}")
        self.send, self.looks = send, self.looks + 1


@asynccontextmanager
async def watching(world: World, send: MassSend) -> AsyncIterator[Watch]:
    """Looks at it while the block runs."""
    watch = Watch(send)

    async def look() -> None:
        while True:
            found = await world.ports.store.get(MassSend, send.id)
            assert found is not None
            watch.see(found)
            await asyncio.sleep(_POLL_SECONDS)

    looking = asyncio.create_task(look())
    try:
        yield watch
    finally:
        looking.cancel()
        found = await world.ports.store.get(MassSend, send.id)
        assert found is not None
        watch.see(found)
