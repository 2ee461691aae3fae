"""Gathers what the policies look at: for a request everything, for many queued payouts what counts again, at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from wallet_core.domain.accounts import Account, available
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.intent import Intent
from wallet_core.domain.kyc import Operation, used
from wallet_core.domain.level_table import whole
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.policies import PolicyFacts
from wallet_core.domain.policies.facts import MOST_REQUESTS, EarlierRequest, most_similar
from wallet_core.domain.purchase import Rail
from wallet_core.domain.screening import ScreenedAddress, screening_id
from wallet_core.ports import After, Ports, Where
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.limits import LimitsToday, Today, today

#: A request that was taken back or refused makes no address known, and is counted by no policy.
_SERIOUS: Final = tuple(state for state in PayoutState if state not in (PayoutState.CANCELLED, PayoutState.REFUSED))
#: How far back requests are looked at.
_LOOKED_BACK: Final = timedelta(days=7)
#: How far back addresses are compared: who copies one from a history copies one that still is in use.
_ADDRESSES_LOOKED_BACK: Final = timedelta(days=365)

#: A person, and an address of a coin.
_AskedFor = tuple[int, Asset, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks to have paid: ITD minor units, ``total_minor`` with the fee, and what the address gets."""

    id: str
    person: int
    asset: Asset
    address: str
    amount_minor: int
    total_minor: int
    coin_minor: int

    @classmethod
    def of(cls, terms: Intent | Withdrawal) -> Asked:
        """What an offer or a payout asks for. Raises ``InvariantViolated`` for an offer without an address."""
        asset, address = terms.payee if isinstance(terms, Intent) else (terms.asset, terms.address)
        return cls(
            terms.id, terms.person, asset, address, terms.amount_minor, terms.total_minor, coin_minor=terms.coin_minor
        )


@dataclass(frozen=True, slots=True)
class _Around:
    """What several requests of one rail have in common, each part read once."""

    rail: Rail
    when: Today
    guards: Mapping[int, Guards]
    #: When a person first asked for an address, and those for which all that was asked is still under review.
    since: Mapping[_AskedFor, datetime]
    in_review: Collection[_AskedFor]
    screened: Mapping[str, ScreenedAddress]


async def policy_facts(ports: Ports, asked: Asked) -> PolicyFacts:
    """All facts about one request. Raises ``Refused(RAIL_OFF)`` for an unknown rail.

    The person's guards are read before anything that other requests of theirs change, so that nothing was missed while
    ``request_count`` stays what it was.
    """
    facts = (await facts_of(ports, asked.asset, (asked,)))[asked.id]
    used = _own(asked.person, facts.now - _ADDRESSES_LOOKED_BACK)
    known = _since(await _first_asked(ports, used))
    addresses = [address for _, asset, address in known if asset is asked.asset]
    similar, characters = most_similar(asked.address, addresses)
    lots = facts.card_lots
    more = {
        "requests": await _requests(ports, asked, facts.now),
        "similar_address": similar,
        "similar_characters": characters,
        # The balance matters only where some of it may be young.
        "available_minor": await balance_minor(ports.store, available(asked.person)) if lots else 0,
        "hot_minor": await balance_minor(ports.store, Account(asked.asset, "hot")),
    }
    return facts.model_copy(update=more)


async def request_facts(ports: Ports, asked: Asked, limits: LimitsToday) -> PolicyFacts:
    """The same about a request that takes a limit: with what the levels allow, which was read before."""
    version, facts = limits.version, await policy_facts(ports, asked)
    rows = tuple(row for row in whole(version) if row.operation == Operation.PAYOUT)
    return facts.model_copy(update={"level_table": version.number, "payout_levels": rows})


async def policy_facts_of(ports: Ports, withdrawals: Sequence[Withdrawal]) -> dict[str, PolicyFacts]:
    """The facts about queued payouts of one rail, by id, in as many queries for one as for five hundred.

    What only a request is asked for is left out: see ``PolicyFacts``. Raises ``Refused(RAIL_OFF)`` for an unknown rail.
    """
    if not withdrawals:
        return {}
    return await facts_of(ports, withdrawals[0].asset, [Asked.of(withdrawal) for withdrawal in withdrawals])


async def facts_of(ports: Ports, asset: Asset, asked: Collection[Asked]) -> dict[str, PolicyFacts]:
    """The same about what is not a payout yet. Raises ``Refused(RAIL_OFF)`` for an unknown rail."""
    around = await _around(ports, asset, asked)
    return {one.id: _facts(one, around) for one in asked}


async def _around(ports: Ports, asset: Asset, asked: Collection[Asked]) -> _Around:
    rail = await ports.store.get(Rail, asset)
    if rail is None:
        raise Refused(Reason.RAIL_OFF, asset=asset, assets=())
    people, addresses = tuple({one.person for one in asked}), tuple({one.address for one in asked})
    # First of all: see ``policy_facts``.
    guards = await ports.store.find(Guards, {"_id": people}, limit=len(people))
    first = await _first_asked(ports, {"person": people, "address": addresses})
    screening = {"_id": tuple(screening_id(asset, address) for address in addresses), "listed": True}
    return _Around(
        rail=rail,
        when=await today(ports),
        guards={one.id: one for one in guards},
        since=_since(first),
        in_review=_in_review(first),
        screened={one.address: one for one in await ports.store.find(ScreenedAddress, screening, limit=len(addresses))},
    )


async def _first_asked(ports: Ports, where: Where) -> dict[tuple[_AskedFor, PayoutState], datetime]:
    """When a person first asked for an address of a coin, for all that fit, by the state in which it is now.

    ``where`` names no asset, or MongoDB might walk through the whole queue instead of the person's own.
    """
    first = await ports.store.earliest(Withdrawal, where, "created_at", ("person", "asset", "address", "state"))
    return {
        ((person, Asset(asset), address), PayoutState(state)): at
        for (person, asset, address, state), at in first.items()
        if state in _SERIOUS
    }


def _since(first: Mapping[tuple[_AskedFor, PayoutState], datetime]) -> dict[_AskedFor, datetime]:
    since: dict[_AskedFor, datetime] = {}
    for (asked_for, _state), at in first.items():
        since[asked_for] = min(at, since.get(asked_for, at))
    return since


def _in_review(first: Collection[tuple[_AskedFor, PayoutState]]) -> frozenset[_AskedFor]:
    decided = {asked_for for asked_for, state in first if state is not PayoutState.REVIEW}
    return frozenset(asked_for for asked_for, _state in first if asked_for not in decided)


async def used_addresses(ports: Ports, person: int, addresses: Sequence[str]) -> frozenset[tuple[Asset, str]]:
    """Those of these addresses that the person asked for before, with their coins."""
    if not addresses:
        return frozenset()
    first = await _first_asked(ports, {"person": person, "address": tuple(addresses)})
    return frozenset((asset, address) for (_, asset, address), _state in first)


def _facts(asked: Asked, around: _Around) -> PolicyFacts:
    guards = around.guards.get(asked.person) or Guards(id=asked.person)
    screened = around.screened.get(asked.address)
    freeze = guards.freeze(around.when.now)
    address: _AskedFor = (asked.person, asked.asset, asked.address)
    today_used = used(guards, Operation.PAYOUT, around.when.day)
    return PolicyFacts(
        now=around.when.now,
        person=asked.person,
        asset=asked.asset,
        address=asked.address,
        amount_minor=asked.amount_minor,
        total_minor=asked.total_minor,
        coin_minor=asked.coin_minor,
        rail=around.rail.state,
        request_count=guards.requests,
        level=guards.level,
        frozen_at=freeze.at if freeze else None,
        frozen_by=freeze.by if freeze else None,
        frozen_reason=freeze.reason if freeze else None,
        frozen_until=freeze.until if freeze else None,
        debt_minor=guards.debt_minor,
        disputes=len(guards.disputes),
        withdrawals_from=guards.withdrawals_from,
        enrolled_at=guards.enrolled_at,
        member_since=guards.member_since,
        address_since=around.since.get(address),
        address_in_review=address in around.in_review,
        screened=screened.why if screened else None,
        day=around.when.day,
        day_ends_at=around.when.ends_at,
        day_count=today_used.count,
        day_minor=today_used.amount_minor,
        card_lots=guards.card_lots,
    )


def _own(person: int, since: datetime) -> Where:
    """What the person themselves asked for since then, refunds included; the database has an index for exactly this."""
    return {"person": person, "mass_send": None, "state": _SERIOUS, "created_at": After(since)}


async def _requests(ports: Ports, asked: Asked, now: datetime) -> tuple[EarlierRequest, ...]:
    where = {**_own(asked.person, now - _LOOKED_BACK), "case": None}
    # The latest ones count, should there ever be more.
    found = await ports.store.find(Withdrawal, where, order_by=("-created_at",), limit=MOST_REQUESTS)
    return tuple(_earlier(withdrawal, asked, now) for withdrawal in reversed(found))


def _earlier(withdrawal: Withdrawal, asked: Asked, now: datetime) -> EarlierRequest:
    same = (withdrawal.asset, withdrawal.address, withdrawal.amount_minor)
    return EarlierRequest(
        at=withdrawal.created_at or now,
        amount_minor=withdrawal.amount_minor,
        is_same=same == (asked.asset, asked.address, asked.amount_minor),
    )
