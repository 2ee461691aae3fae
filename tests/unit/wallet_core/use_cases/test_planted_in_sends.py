"""What comes back goes to the day it came from, a run is made once: and tests that would not see it otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.wallet_core.use_cases.test_recurring import FIRST, Run, daily, lease_of
from tests.unit.wallet_core.world import ITD, World
from wallet_core.domain.claimable import ClaimableState
from wallet_core.domain.kyc import GiveBackLimit, Operation, day_of, used
from wallet_core.domain.people import Caller
from wallet_core.use_cases import recurring
from wallet_core.use_cases.ask_claim import ask_claim
from wallet_core.use_cases.claim_links import start_parameter
from wallet_core.use_cases.claimables import claimable_of, giving_back
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.quote_send import ByLink, quote_send

Patch = Callable[[Any, str, Any], None]
LATE = datetime(2026, 11, 22, 23, 55, tzinfo=UTC)
DAYS = ("2026-11-22", "2026-11-23", "2026-12-06")


async def people(world: World) -> tuple[Caller, Caller]:
    """Alice with money, and Bob."""
    alice, bob = await world.person(1, "alice"), await world.person(2, "bob")
    await world.fund(alice, 100)
    return alice, bob


async def sent(world: World, sender: Caller, to: str | ByLink) -> str:
    """Five ITD."""
    quote = await quote_send(world.ports, sender, "5", to)
    await confirm_send(world.ports, sender, quote.intent.id, await world.code(sender))
    return quote.intent.id


async def taken(world: World, caller: Caller, operation: Operation) -> list[int]:
    """How many whole ITD are taken of the three days."""
    guards = await world.guards(caller)
    return [used(guards, operation, day).amount_minor // ITD for day in DAYS]


async def expired_across_days(world: World) -> tuple[list[int], list[int]]:
    """Sent before midnight, asked for after it, over two weeks later; on each of the days something else was sent."""
    alice, bob = await people(world)
    world.clock.now = LATE
    await sent(world, alice, "@bob")
    held = await sent(world, alice, ByLink())
    world.clock.turn(minutes=10)
    await sent(world, alice, "@bob")
    await ask_claim(world.ports, bob, start_parameter(world.ports, held))
    assert (await taken(world, alice, Operation.SEND), await taken(world, bob, Operation.RECEIVE)) == (
        [10, 5, 0],
        [5, 10, 0],
    )
    world.clock.now = LATE + timedelta(days=14, minutes=1)
    await sent(world, alice, "@bob")
    found = await claimable_of(world.ports, held)
    await world.ports.ledger.post(giving_back(found, ClaimableState.RETURNED, "test"))
    return await taken(world, alice, Operation.SEND), await taken(world, bob, Operation.RECEIVE)


def given_back_to_today(patch: Patch) -> None:
    """The limit goes back to the day on which it does."""
    apply = GiveBackLimit.apply
    patch(GiveBackLimit, "apply", lambda self, found, now: apply(replace(self, day=day_of(now)), found, now))


async def test_what_expires_gives_both_days_back_what_they_gave(world: World) -> None:
    assert await expired_across_days(world) == ([5, 5, 5], [5, 5, 5])


async def test_a_limit_that_is_given_back_to_today_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    given_back_to_today(monkeypatch.setattr)
    assert await expired_across_days(world) != ([5, 5, 5], [5, 5, 5])


async def run_twice(world: World) -> int:
    """What Bob has after a run whose time was set back in the database, with all that belonged to it; in whole ITD."""
    alice, bob = await people(world)
    await world.post(changes=(lease_of(world),))
    run = Run(world)
    send = await daily(world, alice)
    before = (await run.send()).document()
    await run.until(FIRST)
    run.write(send, **before)
    await run.until(FIRST)
    return (await world.money(bob))[0] // ITD


async def test_a_run_is_made_once_by_its_key(world: World) -> None:
    assert await run_twice(world) == 5


async def test_a_run_without_its_key_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recurring, "_key", lambda _send: f"recurring:{new_id()}")
    assert await run_twice(world) == 10
