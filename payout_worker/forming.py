"""Makes batches out of the queue: admits payouts, shares out the hot wallet's coins, and forms.

What cannot be in a batch keeps nobody else from one: whatever fails with many is tried with fewer, and what fails by
itself is tried after all others from then on.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from payout_worker.failures import Failures
from payout_worker.families import Room
from payout_worker.ports import WorkerPorts
from payout_worker.signals import Stop
from payout_worker.steps.admission import Known, admit
from payout_worker.steps.form_batch import form_batch, queued, room_now
from payout_worker.tenure import Tenure
from wallet_core.domain.errors import Reason, Refused, Unavailable
from wallet_core.domain.guards import Guards
from wallet_core.domain.multi_send import MOST_SHARED_REVERTS
from wallet_core.domain.payout import Batch, PayoutState, Withdrawal
from wallet_core.domain.purse import Purse

log = structlog.get_logger(__name__)

#: Of the payouts that fail by themselves, which costs questions to the node, so many are tried in one look.
_MOST_IN_VAIN: Final = 20
#: What keeps every payout from being formed.
_FOR_ALL: Final = (Reason.RAIL_OFF, Reason.LEASE_LOST)


@dataclass
class Learned:
    """What earlier looks at the queue teach the next one.

    ``alone`` are payouts that failed by themselves, the one that was tried last at the end; and those that take nothing
    in company, ``apart``, which never share a batch. ``most`` are so many that a database that is too slow for a large
    batch takes together; None while it has no trouble.
    """

    alone: dict[str, None] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)
    most: int | None = None

    def unanswered(self, size: int) -> None:
        """A batch of this size was not taken: the next one is half as large."""
        self.most = max(1, size // 2)

    def formed(self, size: int) -> None:
        """A batch of this size was taken: the next one may be larger by a quarter."""
        if self.most is not None and size >= self.most:
            self.most += self.most // 4 + 1


class Forming:
    """One look at the whole queue."""

    def __init__(self, ports: WorkerPorts, tenure: Tenure, failures: Failures, stop: Stop, learned: Learned) -> None:
        self._ports = ports
        self._tenure = tenure
        self._failures = failures
        self._stop = stop
        self._learned = learned
        self._alone = learned.alone
        self._apart = learned.apart
        self._in_vain = 0
        self._is_short = False
        self._picked: list[Withdrawal] = []
        #: Whether another look at once may form more.
        self.again = False

    async def batches(self) -> AsyncIterator[Batch]:
        """Forms batch after batch. Raises ``Refused(RAIL_OFF)`` while nothing can be formed, and ``LeaseLostError``."""
        room, purse = await self._room(None)
        old_before = await self._ports.store.now() - timedelta(seconds=self._ports.settings.starve_after_seconds)
        known, later = {*self._alone, *self._apart}, dict[str, Withdrawal]()
        async for page in queued(self._ports):
            if self._ends():
                self.again = True
                break
            later |= self._alone_of(page)
            for payout in await self._admitted([payout for payout in page if payout.id not in self._alone]):
                if self._ends():
                    self.again = True
                    break
                if await self._takes(purse, payout, old_before):
                    self._picked.append(payout)
                if len(self._picked) >= min(room.most_payouts, self._learned.most or room.most_payouts):
                    if batch := await self._formed(room):
                        yield batch
                    room, purse = await self._room(purse)
        else:
            self._forget(known - later.keys())
        if batch := await self._formed(room):
            yield batch
        async for batch in self._one_by_one(later, purse, old_before):
            yield batch

    def _forget(self, gone: set[str]) -> None:
        """Whoever is not in the queue any more."""
        self._apart -= gone
        for name in gone:
            self._alone.pop(name, None)

    def _alone_of(self, page: Sequence[Withdrawal]) -> dict[str, Withdrawal]:
        """Those of a page that are tried by themselves, also for what they did to others, or failed to take of them."""
        for payout in page:
            if payout.reverts or payout.shared_reverts >= MOST_SHARED_REVERTS or payout.id in self._apart:
                self._alone.setdefault(payout.id)
        return {payout.id: payout for payout in page if payout.id in self._alone}

    async def _one_by_one(
        self, later: dict[str, Withdrawal], purse: Purse, old_before: datetime
    ) -> AsyncIterator[Batch]:
        """Those that failed by themselves before, in turn, until one does not: then they may share a batch again."""
        for payout in [later[name] for name in self._alone if name in later]:
            if self._ends():
                return
            room, purse = await self._room(purse)
            if not await self._admitted([payout]) or not await self._takes(purse, payout, old_before):
                del self._alone[payout.id]
                continue
            self._picked.append(payout)
            if batch := await self._formed(room):
                self._alone.clear()
                self.again = True
                yield batch
                return

    def _ends(self) -> bool:
        return self._stop.name is not None or self._in_vain >= _MOST_IN_VAIN

    async def _room(self, before: Purse | None) -> tuple[Room, Purse]:
        room = await room_now(self._ports, self._tenure)
        set_aside_minor = before.set_aside_minor if before else 0
        return room, Purse(room.available_minor, room.cost_minor, set_aside_minor)

    async def _admitted(self, payouts: Sequence[Withdrawal]) -> list[Withdrawal]:
        """Those that may be batched now. What is asked for all at once is asked for each alone where one harms all."""
        sound = [payout for payout in payouts if not self._failures.has_stopped(payout.id)]
        if not sound:
            return []
        try:
            known = await Known.of(self._ports, sound)
        except Exception as error:
            if len(sound) == 1:
                await self._fails(sound[0], error)
                return []
            _raise_for_all(error)
            return [payout for one in sound for payout in await self._admitted([one])]
        return [payout for payout in sound if await self._is_admitted(payout, known)]

    async def _is_admitted(self, payout: Withdrawal, known: Known) -> bool:
        try:
            return await admit(self._ports, self._tenure, payout, known)
        except Exception as error:
            await self._fails(payout, error)
        return False

    async def _takes(self, purse: Purse, payout: Withdrawal, old_before: datetime) -> bool:
        if purse.take(payout.coin_minor):
            return True
        if payout.created_at and payout.created_at < old_before:
            purse.set_aside(payout.coin_minor)
        try:
            self._fall_short(purse, payout)
        except Refused as refused:
            await self._fails(payout, refused)
        return False

    def _fall_short(self, purse: Purse, payout: Withdrawal) -> None:
        """The oldest that the hot wallet cannot pay stands for all of them."""
        short = {"available_minor": purse.available_minor, "needed_minor": payout.coin_minor}
        if self._is_short:
            log.debug("payout_waits", payout=payout.id, reason=Reason.HOT_WALLET_SHORT, **short)
            return
        self._is_short = True
        raise Refused(Reason.HOT_WALLET_SHORT, **short)

    async def _formed(self, room: Room) -> Batch | None:
        """A batch of what was picked, without those that cannot be in it after all; None when there is none."""
        wanted, self._picked = self._picked, []
        size, batch = len(wanted), None
        while wanted and not self._ends():
            try:
                formed = await form_batch(self._ports, self._tenure, room, wanted[:size])
            except Exception as error:
                if isinstance(error, Unavailable):
                    self._learned.unanswered(size)
                wanted, size = await self._fewer(wanted, size, error)
                continue
            batch = formed.batch
            self._learned.formed(size)
            self._apart.update(payout.id for payout in formed.apart)
            self.again |= bool(formed.apart)
            for payout in wanted[:size]:
                self._failures.went_on(payout.id)
            wanted = wanted[size:]
            break
        self.again |= bool(wanted)
        return batch

    async def _fewer(self, wanted: list[Withdrawal], size: int, error: Exception) -> tuple[list[Withdrawal], int]:
        """Whom to try with instead, and with how many of them: the youngest wait."""
        _raise_for_all(error)
        is_short = isinstance(error, Refused) and error.reason is Reason.HOT_WALLET_SHORT
        unchanged = wanted if is_short else await self._unchanged(wanted)
        if len(unchanged) < len(wanted):
            return unchanged, len(unchanged)
        if size > 1:
            return wanted, size * 9 // 10
        first, *others = wanted
        self._set_aside(first)
        await self._fails(first, error)
        return others, len(others)

    def _set_aside(self, payout: Withdrawal) -> None:
        self._in_vain += 1
        # Coins that were meant for it may be enough for others.
        self.again |= payout.id not in self._alone
        self._alone.pop(payout.id, None)
        self._alone[payout.id] = None

    async def _unchanged(self, payouts: Sequence[Withdrawal]) -> list[Withdrawal]:
        """Those that may still be paid: one was cancelled, maybe, or its person frozen, since it was admitted."""
        ids, people = tuple(p.id for p in payouts), tuple({p.person for p in payouts})
        store = self._ports.store
        queued_now = {"_id": ids, "state": PayoutState.QUEUED}
        there = {p.id: p.terms() for p in await store.find(Withdrawal, queued_now, limit=len(ids))}
        guards = await store.find(Guards, {"_id": people}, limit=len(people))
        now = await store.now()
        frozen = {person.id for person in guards if person.freeze(now)}
        return [p for p in payouts if there.get(p.id) == p.terms() and p.person not in frozen]

    async def _fails(self, payout: Withdrawal, error: Exception) -> None:
        if isinstance(error, Refused) and error.reason is Reason.RAIL_OFF:
            raise error
        await self._failures.after(self._ports, self._tenure, payout.id, error)


def _raise_for_all(error: Exception) -> None:
    if isinstance(error, Unavailable) or (isinstance(error, Refused) and error.reason in _FOR_ALL):
        raise error
