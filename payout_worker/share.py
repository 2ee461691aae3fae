"""Which of several workers has which rails. See "Several workers" in ``docs/operations.md``.

Who waits for a lease and could serve its rail leaves a wish, with the number of rails that it has. Who has two more
than that gives one away, one at a time, and then none for a while: so shares become even, and nothing goes to and fro.
All of this only saves work; what keeps two workers apart is the lease's epoch.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from wallet_core.domain.lease import Wish
from wallet_core.ports import Store

log = structlog.get_logger(__name__)

#: How often a wish is made again.
WISH_SECONDS: Final = 1.5
#: An older one is of a worker that is gone, or whose node is away.
_FRESH: Final = timedelta(seconds=3 * WISH_SECONDS)
#: Moving one rail between shares that differ by less makes them no more even.
_TOO_MANY: Final = 2
_MOST_WISHES: Final = 100


@dataclass
class Share:
    """The rails that this worker has. For ``pause_seconds`` after it gave one away it gives no other."""

    store: Store
    worker: str
    pause_seconds: float
    _has: set[str] = field(default_factory=set, init=False)
    #: The lease that is being given away, and when the last one was.
    _giving: str | None = field(default=None, init=False)
    _gave_at: float = field(default=float("-inf"), init=False)

    async def wish(self, lease: str) -> None:
        """Tells the holder of a lease that this worker could serve its rail now. Raises ``Unavailable``."""
        now = await self.store.now()
        await self.store.put(Wish(id=self._id(lease), lease=lease, worker=self.worker, has=len(self._has), at=now))

    async def wish_no_more(self, lease: str) -> None:
        """Waits for it no longer. Raises ``Unavailable``."""
        await self.store.remove(Wish, self._id(lease))

    def begin(self, lease: str) -> None:
        """The lease was taken."""
        self._has.add(lease)
        if self._giving == lease:
            # It was lost before it could be given away.
            self._giving = None

    def end(self, lease: str) -> None:
        """The lease is gone, lost or given away."""
        self._has.discard(lease)
        if self._giving == lease:
            self._giving, self._gave_at = None, time.monotonic()

    async def heir(self, lease: str, *, must_go: bool = False) -> str | None:
        """The worker that this lease is to be given to now, None to keep it; whoever gets a name gives it away.

        ``must_go``: this worker cannot serve the rail, so anybody who can is better. Raises ``Unavailable``.
        """
        now = await self.store.now()
        wishes = await self.store.find(Wish, {"lease": lease}, limit=_MOST_WISHES)
        fresh = [wish for wish in wishes if wish.worker != self.worker and wish.at > now - _FRESH]
        if not fresh or self._giving is not None or time.monotonic() < self._gave_at + self.pause_seconds:
            return None
        neediest = min(fresh, key=lambda wish: (wish.has, wish.worker))
        if not must_go and len(self._has) - neediest.has < _TOO_MANY:
            return None
        self._giving = lease
        log.info("giving_away", lease=lease, to=neediest.worker, has=len(self._has), other_has=neediest.has)
        return neediest.worker

    def _id(self, lease: str) -> str:
        return f"{lease} {self.worker}"
