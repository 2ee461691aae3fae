"""What waits and what is offered, where somebody writes into the database, and where two find it otherwise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payout_worker.failures import Failures
from payout_worker.ports import UnitPorts
from payout_worker.tenure import Tenure
from payout_worker.watchers.unclaimed import return_unclaimed
from tests.unit.wallet_core.use_cases.test_claims import LATER, sent_to, state_of
from tests.unit.wallet_core.world import ITD, World, reason_of
from wallet_core.domain.changes import Insert
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.claimable import Claimable, ClaimableState, ClaimBy
from wallet_core.domain.errors import InvariantViolated, Reason
from wallet_core.domain.guards import CardLot
from wallet_core.domain.inline_offer import InlineOffer
from wallet_core.domain.intent import confirmed
from wallet_core.domain.lease import MASS_LEASE, Lease
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.record import Target
from wallet_core.use_cases.ask_claim import ask_claim
from wallet_core.use_cases.claim import claim
from wallet_core.use_cases.claim_links import start_parameter
from wallet_core.use_cases.claim_offer import claim_offer
from wallet_core.use_cases.claimables import giving_back
from wallet_core.use_cases.limits import limits_today
from wallet_core.use_cases.quote_send import ByLink, Picked
from wallet_core.use_cases.sending import Held, holding
from wallet_core.use_cases.suggest_offer import suggest_offer
from wallet_core.use_cases.take_back_send import take_back_send


@pytest.fixture
async def alice(world: World) -> Caller:
    alice = await world.person(1, "alice")
    await world.fund(alice, 400)
    return alice


@pytest.fixture
async def bob(world: World) -> Caller:
    return await world.person(2, "bob")


def write(world: World, claimable_id: str, **fields: Any) -> None:
    """Somebody writes into the database."""
    world.memory.documents[Target(Claimable.collection, claimable_id)].update(fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"recipient": 2},
        {"by": ClaimBy.FIRST},
        {"amount_minor": 9 * ITD},
        {"fee_minor": ITD},
        {"person": 3},
        {"day": "2026-11-23"},
        {"note": "a gift"},
        {"card_lots": (CardLot(invoice="i", amount_minor=1, matures_at=datetime(2027, 1, 1, tzinfo=UTC)),)},
    ],
    ids=lambda fields: next(iter(fields)),
)
async def test_whoever_writes_into_the_database_gets_nothing_of_what_waits(
    world: World, alice: Caller, bob: Caller, fields: dict[str, Any]
) -> None:
    held = await sent_to(world, alice, Picked(LATER, "Zoe"))
    write(world, held, **fields)
    for end in (claim(world.ports, bob, held), take_back_send(world.ports, alice, held)):
        with pytest.raises(InvariantViolated):
            await end
    assert (await world.money(alice), await world.money(bob)) == ((395 * ITD, 5 * ITD), (0, 0))


async def test_an_offer_that_nobody_typed_holds_nothing(world: World, alice: Caller, bob: Caller) -> None:
    await sent_to(world, alice, "@bob", "1")
    typed = await suggest_offer(world.ports, alice, "5")
    forged = typed.model_copy(update={"id": "f" * 32, "amount_minor": 40 * ITD})
    await world.ports.store.put(forged)
    with pytest.raises(InvariantViolated):
        await claim_offer(world.ports, bob, forged.id)
    assert await world.ports.store.get(InlineOffer, typed.id) == typed
    assert await world.money(alice) == (399 * ITD, 0)


async def test_two_taps_that_find_the_recipients_day_otherwise_do_not_contradict_each_other(
    world: World, alice: Caller, bob: Caller
) -> None:
    """The first filled it: the second would hold the same send, and is refused."""
    sent = await sent_to(world, alice, "@bob", "5")
    tap = await holding(
        world.ports,
        alice,
        Held(sent, ClaimBy.PERSON, 5 * ITD, 0, bob.person, "Bob", changes=(confirmed(sent),)),
        await limits_today(world.ports),
    )
    assert await reason_of(world.ports.ledger.post(tap)) is Reason.WRONG_STATE


async def test_who_gives_it_back_by_what_they_read_before_is_refused(world: World, alice: Caller, bob: Caller) -> None:
    held = await sent_to(world, alice, ByLink())
    read = await state_of(world, held)
    await ask_claim(world.ports, bob, start_parameter(world.ports, held))
    await take_back_send(world.ports, alice, held)
    stale = world.ports.ledger.post(giving_back(read, ClaimableState.TAKEN_BACK, "test"))
    assert await reason_of(stale) is Reason.WRONG_STATE


async def works(world: World) -> Callable[[], Awaitable[None]]:
    """A pass of a worker that has the lease."""
    lease = Lease(
        id=MASS_LEASE, epoch=1, holder="w", renewed_at=world.clock(), until=world.clock() + timedelta(days=400)
    )
    await world.post(changes=(Insert(lease),))
    core, failures = world.ports, Failures("unclaimed")
    ports = UnitPorts(core, core.settings, core.ledger, core.store, Asset.ITD)

    async def look() -> None:
        await return_unclaimed(ports, Tenure(MASS_LEASE, 1, "w"), failures)

    return look


async def test_the_worker_returns_what_is_over_and_leaves_what_was_changed_to_the_owners(
    world: World, alice: Caller
) -> None:
    await world.person(99, role=Role.OWNER)
    look = await works(world)
    right, changed = [await sent_to(world, alice, Picked(LATER, "Zoe")) for _ in range(2)]
    write(world, changed, amount_minor=ITD)
    await look()
    assert await world.money(alice) == (390 * ITD, 10 * ITD)
    world.clock.turn(days=15)
    for _ in range(2):
        await look()
    assert (await state_of(world, right)).state is ClaimableState.RETURNED
    assert await world.money(alice) == (395 * ITD, 5 * ITD)
    told = await world.ports.store.find(OutboxMessage, {"template": "alarm"})
    assert [message.facts["subject"].split()[0] for message in told] == [changed]
