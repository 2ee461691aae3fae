"""Taking a lease, keeping it and letting it go: who works on a hot wallet.

A worker takes back its own lease at once, by the identity in its state folder. Another one takes it once the holder has
let it go, or was silent for ``LEASE_SECONDS`` of database time. All begin a new epoch, which makes every older worker
harmless.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from payout_worker.tenure import Tenure
from wallet_core.domain.errors import Refused
from wallet_core.domain.lease import Heartbeat, Lease, ReleaseLease, TakeLease
from wallet_core.domain.ledger import Posting
from wallet_core.ports import Ledger, Store

_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Taken:
    """A lease that was taken, and the epoch in which the same worker had held it right before; None if it had not."""

    tenure: Tenure
    own_before: int | None


@dataclass
class LeaseKeeper:
    """Takes one lease for one worker and keeps it alive."""

    ledger: Ledger
    store: Store
    lease: str
    holder: str
    lease_seconds: int
    #: The epoch of a holder that was never heard of, and since when it has been watched.
    _unheard: tuple[int, datetime] | None = field(default=None, init=False)

    async def take(self) -> Taken | None:
        """Begins a new epoch; None while another worker has the lease. Raises ``Unavailable``."""
        present = await self.store.get(Lease, self.lease)
        if present is not None and not self._is_ours(present) and not await self._is_silent(present):
            return None
        before = present.epoch if present else 0
        try:
            await self.ledger.post(self._taking(before))
        except Refused:
            return None
        tenure = Tenure(self.lease, before + 1, self.holder)
        now = await self.store.now()
        await self.store.put(Heartbeat(id=self.lease, epoch=tenure.epoch, holder=self.holder, at=now))
        own = present is None or present.holder == self.holder
        return Taken(tenure, before if own else None)

    async def beat(self, tenure: Tenure) -> bool:
        """Tells that the holder is alive; False when another epoch has begun. Raises ``Unavailable``."""
        now = await self.store.now()
        still = {"epoch": tenure.epoch, "holder": tenure.holder}
        return await self.store.swap(Heartbeat, self.lease, still, {"at": now})

    async def release(self, tenure: Tenure, to: str = "") -> None:
        """Lets the lease go, for one worker or for whoever comes first; no posting of this tenure commits any more.

        Raises ``Unavailable``, and ``Refused(LEASE_LOST)`` when it was lost before.
        """
        released = ReleaseLease(tenure.lease, tenure.epoch, to)
        facts = {"lease": tenure.lease, "epoch": tenure.epoch, "to": to}
        by = f"worker:{tenure.holder}"
        await self.ledger.post(Posting(self._key(), "lease_released", by, changes=(released,), facts=facts))

    async def fall_silent(self, tenure: Tenure) -> None:
        """Lets a lease go that guards no posting: its holder seems to be silent for long. Raises ``Unavailable``.

        Nothing is posted: what the lease is for may be to seal all that was.
        """
        still = {"epoch": tenure.epoch, "holder": tenure.holder}
        await self.store.swap(Heartbeat, self.lease, still, {"at": _LONG_AGO})

    def _is_ours(self, present: Lease) -> bool:
        """Whether nobody need be waited for: who let it go for another one waits as everybody else does."""
        return present.released_for in ("", self.holder) or (
            present.released_for is None and present.holder == self.holder
        )

    async def _is_silent(self, present: Lease) -> bool:
        now = await self.store.now()
        beat = await self.store.get(Heartbeat, self.lease)
        if beat is not None and beat.epoch == present.epoch:
            return now - beat.at > timedelta(seconds=self.lease_seconds)
        # It died between taking the lease and its first heartbeat, or is about to beat.
        if self._unheard is None or self._unheard[0] != present.epoch:
            self._unheard = (present.epoch, now)
        return now - self._unheard[1] > timedelta(seconds=self.lease_seconds)

    def _taking(self, before: int) -> Posting:
        taken = TakeLease(self.lease, self.holder, before)
        facts = {"lease": self.lease, "epoch": before + 1, "holder": self.holder}
        return Posting(self._key(), "lease_taken", f"worker:{self.holder}", changes=(taken,), facts=facts)

    def _key(self) -> str:
        return f"lease:{self.lease}:{secrets.token_hex(8)}"
