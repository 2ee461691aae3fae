"""Gathers what the policies look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.policies import PolicyFacts
from wallet_core.domain.purchase import Rail
from wallet_core.ports import Ports
from wallet_core.use_cases.limits import Today, today

_SERIOUS = tuple(state for state in PayoutState if state not in (PayoutState.CANCELLED, PayoutState.REFUSED))


async def policy_facts(ports: Ports, person: int, asset: Asset, address: str, amount_minor: int) -> PolicyFacts:
    """The facts about a withdrawal of so many ITD minor units. Raises ``Refused(RAIL_OFF)`` for an unknown rail."""
    rail = await ports.store.get(Rail, asset)
    if rail is None:
        raise Refused(Reason.RAIL_OFF, asset=asset, assets=())
    # A request that was taken back or refused makes no address known.
    to_it = {"person": person, "asset": asset, "address": address, "state": _SERIOUS}
    earlier = await ports.store.find(Withdrawal, to_it, order_by=("created_at",), limit=1)
    guards = await ports.store.get(Guards, person) or Guards(id=person)
    since = earlier[0].created_at if earlier else None
    return _facts(ports, await today(ports), rail, guards, amount_minor=amount_minor, address_since=since)


async def policy_facts_of(ports: Ports, withdrawals: Sequence[Withdrawal]) -> dict[str, PolicyFacts]:
    """The facts about each of some withdrawals on one rail, by its id, read together.

    Raises ``Refused(RAIL_OFF)`` for an unknown rail.
    """
    asset = withdrawals[0].asset
    rail = await ports.store.get(Rail, asset)
    if rail is None:
        raise Refused(Reason.RAIL_OFF, asset=asset, assets=())
    people = tuple({withdrawal.person for withdrawal in withdrawals})
    guards = {found.id: found for found in await ports.store.find(Guards, {"_id": people}, limit=len(people))}
    since, when = await _addresses_since(ports, withdrawals, people), await today(ports)
    return {
        one.id: _facts(
            ports,
            when,
            rail,
            guards.get(one.person) or Guards(id=one.person),
            amount_minor=one.amount_minor,
            address_since=since.get((one.person, one.address)),
        )
        for one in withdrawals
    }


async def _addresses_since(
    ports: Ports, withdrawals: Sequence[Withdrawal], people: tuple[int, ...]
) -> Mapping[tuple[int, str], datetime]:
    """When each person first asked for an address."""
    asset, addresses = withdrawals[0].asset, tuple({withdrawal.address for withdrawal in withdrawals})
    since: dict[tuple[int, str], datetime] = {}
    # By nothing else, and in no order, or MongoDB might walk through the whole queue for it.
    async for page in ports.store.batches(Withdrawal, {"person": people, "address": addresses}):
        for found in page:
            if found["asset"] == asset and found["state"] in _SERIOUS:
                who, at = (found["person"], found["address"]), found["created_at"]
                since[who] = min(at, since.get(who, at))
    return since


def _facts(
    ports: Ports, when: Today, rail: Rail, guards: Guards, *, amount_minor: int, address_since: datetime | None
) -> PolicyFacts:
    return PolicyFacts(
        now=when.now,
        guards=guards,
        amount_minor=amount_minor,
        rail=rail.state,
        address_since=address_since,
        day=when.day,
        day_ends_at=when.ends_at,
        review_above_minor=ports.settings.itd("review_above"),
        new_address_wait_seconds=ports.settings.new_address_wait_seconds,
    )
