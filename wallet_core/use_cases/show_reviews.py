"""Show the withdrawals that wait for review, one at a time, with everything that was found about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wallet_core.domain.approval import Approval
from wallet_core.domain.guards import Guards
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Access, Caller, Person, access_of
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import admit, use_case
from wallet_core.use_cases.reviews import waiting_approvals


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One withdrawal of those in review, oldest first; ``number`` counts from 1. None where nothing waits there."""

    number: int
    count: int
    withdrawal: Withdrawal | None
    name: str | None = None
    level: int = 1
    member_since: datetime | None = None
    #: Whether it takes two admins, what the first of them asked, and who that was.
    takes_two: bool = False
    asked: Approval | None = None
    asked_name: str | None = None
    #: Whether whoever looks may decide about it, and whether they are the first of two already.
    may_decide: bool = False
    has_asked: bool = False


@use_case(Access.SUPPORT)
async def show_reviews(ports: Ports, caller: Caller, page: int = 1) -> ReviewPage:
    """The withdrawal of a page; the last one for a page beyond it."""
    # With the coin, the index on coin and state serves it.
    waiting = {"asset": tuple(Asset), "state": PayoutState.REVIEW}
    count = await ports.store.count(Withdrawal, waiting)
    number = min(max(1, page), max(1, count))
    found = await ports.store.find(Withdrawal, waiting, order_by=("created_at", "_id"), skip=number - 1, limit=1)
    if not found:
        return ReviewPage(number, count, None)
    return await _page_of(ports, caller, number, count, found[0])


async def _page_of(ports: Ports, caller: Caller, number: int, count: int, withdrawal: Withdrawal) -> ReviewPage:
    guards = await ports.store.get(Guards, withdrawal.person) or Guards(id=withdrawal.person)
    asked = next(iter(await waiting_approvals(ports, withdrawal, caller)), None)
    decides = access_of((await admit(ports, caller, Access.SUPPORT)).role) >= Access.FINANCE
    return ReviewPage(
        number,
        count,
        withdrawal,
        name=await _name(ports, withdrawal.person),
        level=guards.level,
        member_since=guards.member_since,
        takes_two=withdrawal.amount_minor > ports.settings.itd("review_two_admins_above"),
        asked=asked,
        asked_name=await _name(ports, asked.asked_by) if asked else None,
        may_decide=decides and withdrawal.person != caller.person,
        has_asked=asked is not None and asked.asked_by == caller.person,
    )


async def _name(ports: Ports, person: int) -> str | None:
    known = await ports.store.get(Person, person)
    return known.display_name if known else None
