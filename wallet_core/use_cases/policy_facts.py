"""Gathers what the policies look at."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.policies import PolicyFacts
from wallet_core.domain.purchase import Rail
from wallet_core.ports import Ports
from wallet_core.use_cases.limits import today

#: A request that was taken back or refused makes no address known.
SERIOUS = tuple(state for state in PayoutState if state not in (PayoutState.CANCELLED, PayoutState.REFUSED))


async def policy_facts(ports: Ports, person: int, asset: Asset, address: str, amount_minor: int) -> PolicyFacts:
    """The facts about a withdrawal of so many ITD minor units. Raises ``Refused(RAIL_OFF)`` for an unknown rail."""
    rail = await ports.store.get(Rail, asset)
    if rail is None:
        raise Refused(Reason.RAIL_OFF, asset=asset, assets=())
    to_it = {"person": person, "asset": asset, "address": address, "state": SERIOUS}
    earlier = await ports.store.find(Withdrawal, to_it, order_by=("created_at",), limit=1)
    when = await today(ports)
    return PolicyFacts(
        now=when.now,
        guards=await ports.store.get(Guards, person) or Guards(id=person),
        amount_minor=amount_minor,
        rail=rail.state,
        address_since=earlier[0].created_at if earlier else None,
        day=when.day,
        day_ends_at=when.ends_at,
        review_above_minor=ports.settings.itd("review_above"),
        new_address_wait_seconds=ports.settings.new_address_wait_seconds,
    )
