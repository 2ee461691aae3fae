"""Show the admins' desk: every rail with its queue and its batches, and what waits for a decision."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from wallet_core.domain.case import Case, CaseState
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.mode import Switchboard
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import BATCHES_IN_FLIGHT, Batch, PayoutState, Withdrawal
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.purchase import Rail
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.switchboard import switchboard


@dataclass(frozen=True, slots=True)
class RailDesk:
    """A rail, its queue with the time of the oldest request in it, and what is on its way."""

    rail: Rail
    queued: int
    oldest_at: datetime | None
    in_flight: int
    batches: int
    #: Batches of which it is not known whether the network has them.
    unknown: int
    #: What a worker last saw in its hot wallet; None where none has looked.
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Every rail, and the oldest reviews, as they were at ``now``."""

    now: datetime
    rails: list[RailDesk]
    reviews_waiting: int
    reviews: list[Withdrawal]
    cases_open: int = 0
    board: Switchboard = field(default_factory=Switchboard)


@use_case(Access.SUPPORT)
async def show_desk(ports: Ports, caller: Caller) -> Desk:
    """The desk as it is now; at most ten reviews, oldest first."""
    rails = await ports.store.find(Rail, {})
    # With the coin, the index on coin and state serves them.
    waiting = {"asset": tuple(Asset), "state": PayoutState.REVIEW}
    return Desk(
        now=await ports.store.now(),
        rails=list(await asyncio.gather(*(_rail(ports, rail) for rail in rails))),
        reviews_waiting=await ports.store.count(Withdrawal, waiting),
        reviews=await ports.store.find(Withdrawal, waiting, order_by=("created_at",), limit=10),
        cases_open=await ports.store.count(Case, {"state": CaseState.OPEN}),
        board=await switchboard(ports),
    )


async def _rail(ports: Ports, rail: Rail) -> RailDesk:
    queued = {"asset": rail.id, "state": PayoutState.QUEUED}
    in_flight = {"asset": rail.id, "state": BATCHES_IN_FLIGHT}
    oldest = await ports.store.find(Withdrawal, queued, order_by=("created_at",), limit=1)
    return RailDesk(
        rail,
        queued=await ports.store.count(Withdrawal, queued),
        oldest_at=oldest[0].created_at if oldest else None,
        in_flight=await ports.store.count(Withdrawal, {**queued, "state": PayoutState.BATCHED}),
        batches=await ports.store.count(Batch, in_flight),
        unknown=await ports.store.count(Batch, {**in_flight, "unknown": True}),
        level=await ports.store.get(Level, rail.id),
    )
