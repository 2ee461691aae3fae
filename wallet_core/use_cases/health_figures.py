"""How every process is, what waits to be told, and what the worker saw of the chains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from wallet_core.domain.chat import OutboxMessage, OutboxState
from wallet_core.domain.health import Pulse, Verification
from wallet_core.domain.lease import Heartbeat
from wallet_core.domain.purchase import Rail
from wallet_core.domain.seal import Head
from wallet_core.ports import After, Ports
from wallet_core.use_cases.seals import Tail, head_of_chain, tail_of_chain

_MOST_PROCESSES: Final = 20
#: What has been silent for longer is not coming back.
_FORGOTTEN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Messages that wait, and since when the oldest does."""

    count: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class HealthView:
    """As it was at ``now``."""

    now: datetime
    pulses: list[Pulse]
    #: Who holds which lease, and when they last said so.
    leases: list[Heartbeat]
    rails: list[Rail]
    outbox: Backlog
    head: Head
    tail: Tail
    verification: Verification | None


async def health_now(ports: Ports) -> HealthView:
    """What processes told of themselves, and what is seen of their work."""
    store = ports.store
    now = await store.now()
    recent = {"at": After(now - _FORGOTTEN)}
    return HealthView(
        now=now,
        pulses=await store.find(Pulse, recent, order_by=("_id",), limit=_MOST_PROCESSES),
        leases=await store.find(Heartbeat, {}, limit=_MOST_PROCESSES),
        rails=await store.find(Rail, {}),
        outbox=await _backlog(ports),
        head=await head_of_chain(store),
        tail=await tail_of_chain(store),
        verification=await store.get(Verification, "last"),
    )


async def _backlog(ports: Ports) -> Backlog:
    waiting = {"state": OutboxState.WAITING}
    oldest = await ports.store.find(OutboxMessage, waiting, order_by=("at", "order"), limit=1)
    return Backlog(await ports.store.count(OutboxMessage, waiting), oldest[0].at if oldest else None)
