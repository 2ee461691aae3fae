"""Where a payout stands in its chain's queue."""

from __future__ import annotations

from typing import NamedTuple

from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.ports import Before, Ports


class QueuePlace(NamedTuple):
    """The place, counted from 1, and how many payouts there are in the queue with this one."""

    place: int
    length: int


async def queue_place(ports: Ports, withdrawal: Withdrawal) -> QueuePlace:
    """Counts the queued payouts of the same coin that are older, as the worker orders them.

    One that is about to be queued is counted as if it were already.
    """
    queued = {"asset": withdrawal.asset, "state": PayoutState.QUEUED}
    waiting = await ports.store.count(Withdrawal, queued)
    is_in = withdrawal.state is PayoutState.QUEUED and withdrawal.created_at is not None
    length = waiting if is_in else waiting + 1
    if withdrawal.created_at is None:
        return QueuePlace(length, length)
    older = await ports.store.count(Withdrawal, {**queued, "created_at": Before(withdrawal.created_at)})
    twins = {**queued, "created_at": withdrawal.created_at, "_id": Before(withdrawal.id)}
    place = older + await ports.store.count(Withdrawal, twins) + 1
    # Somebody may have left the queue between the counts.
    return QueuePlace(place, max(place, length))
