"""Show the admins' desk: rails, queue, and what waits for a decision."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.purchase import Rail
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case


@dataclass(frozen=True, slots=True)
class Desk:
    """Every rail with its switch, how many payouts are queued and on their way, and the oldest reviews."""

    rails: list[Rail]
    queued: int
    in_flight: int
    reviews_waiting: int
    reviews: list[Withdrawal]


@use_case(Access.SUPPORT)
async def show_desk(ports: Ports, caller: Caller) -> Desk:
    """The desk as it is now; at most ten reviews, oldest first."""
    return Desk(
        rails=await ports.store.find(Rail, {}),
        queued=await ports.store.count(Withdrawal, {"state": PayoutState.QUEUED}),
        in_flight=await ports.store.count(Withdrawal, {"state": PayoutState.BATCHED}),
        reviews_waiting=await ports.store.count(Withdrawal, {"state": PayoutState.REVIEW}),
        reviews=await ports.store.find(Withdrawal, {"state": PayoutState.REVIEW}, order_by=("created_at",), limit=10),
    )
