"""When queued payouts are taken up: at an interval, when many wait, when one waits for long, or because an admin asks.

Few and large batches are cheap where a transaction pays many; nobody should wait for long all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.changes import Advance
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.purchase import Rail
from wallet_core.ports import Before, Between
from wallet_core.settings import Settings

_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Limits:
    """So many payouts that wait, or one that has waited for so long, make a batch due."""

    length: int
    age: timedelta

    @classmethod
    def of(cls, settings: Settings, asset: Asset) -> Self:
        """What the settings say for a chain."""
        if asset is Asset.ETH:
            return cls(settings.eth_batch_length, timedelta(seconds=settings.eth_batch_age_seconds))
        coins = settings.coins(asset)
        return cls(coins.batch_length, timedelta(seconds=coins.batch_age_seconds))


class Trigger:
    """Tells once for each reason; what was left waiting the last time is no reason again."""

    def __init__(self, ports: WorkerPorts) -> None:
        self._ports = ports
        self._limits = Limits.of(ports.settings, ports.asset)
        # A start looks at the queue at once.
        self._soon = True
        self._left = 0
        self._oldest: datetime | None = None

    def form_soon(self) -> None:
        """The interval is over."""
        self._soon = True

    async def is_due(self) -> bool:
        """Whether the queue is to be taken up now."""
        return self._soon or await self._is_asked() or await self._is_long_or_old()

    async def taken_up(self, tenure: Tenure) -> None:
        """The whole queue was looked at; what is still in it waits for something of its own."""
        self._soon = False
        self._left = await self.waiting()
        self._oldest = await self._ports.store.now() - self._limits.age
        rail = await self._ports.store.get(Rail, self._ports.asset)
        if rail is not None and rail.pay_heard < rail.pay_asked:
            heard = Advance(Rail, rail.id, "pay_heard", rail.pay_heard, rail.pay_asked)
            await self._ports.ledger.post(tenure.posting("pay_now_heard", rail.id, heard))

    async def waiting(self) -> int:
        """How many payouts may go now."""
        return await self._ports.store.count(Withdrawal, await self._waiting())

    async def _is_asked(self) -> bool:
        rail = await self._ports.store.get(Rail, self._ports.asset)
        return rail is not None and rail.pay_heard < rail.pay_asked

    async def _is_long_or_old(self) -> bool:
        waiting = await self._waiting()
        count = await self._ports.store.count(Withdrawal, waiting)
        self._left = min(self._left, count)
        if count - self._left >= self._limits.length:
            return True
        old_before = await self._ports.store.now() - self._limits.age
        grown_old = {**waiting, "created_at": Between(self._oldest or _LONG_AGO, old_before)}
        return bool(await self._ports.store.count(Withdrawal, grown_old))

    async def _waiting(self) -> dict[str, object]:
        now = await self._ports.store.now()
        return {
            "asset": self._ports.asset,
            "state": PayoutState.QUEUED,
            "not_before": Before(now, inclusive=True),
        }
