"""A bell that wakes everybody who waits for the next change."""

import asyncio


class Pulse:
    """Between looking at the state and `wait` there must be no other await, or a beat is missed."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Nobody waits any more: the server is going down."""
        return self._stopped

    def beat(self) -> None:
        """Wakes all who wait."""
        if not self._stopped:
            event, self._event = self._event, asyncio.Event()
            event.set()

    def stop(self) -> None:
        """Wakes all who wait, now and from now on."""
        self._stopped = True
        self._event.set()

    async def wait(self, timeout_seconds: float) -> bool:
        """Waits for the next beat; False when the time is over."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        return True
