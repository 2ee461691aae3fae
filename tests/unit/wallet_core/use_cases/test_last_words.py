"""Whatever honest people and admins do about freezes, resets and moves, ``wallet verify`` sees no gap in it."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from tests.unit.wallet_core.use_cases.test_freeze import is_frozen
from tests.unit.wallet_core.world import World
from wallet_core.domain.errors import AlreadyDone, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.last_words import LastWords
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.approve import approve
from wallet_core.use_cases.ask_reset import ask_reset
from wallet_core.use_cases.cancel_reset import cancel_reset
from wallet_core.use_cases.check_reset import check_reset
from wallet_core.use_cases.complete_reset import complete_reset
from wallet_core.use_cases.confirm_enrolment import confirm_enrolment
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.freeze_person import freeze_person
from wallet_core.use_cases.tend_waits import tend_waits
from wallet_core.use_cases.unfreeze import unfreeze
from wallet_core.use_cases.unfreeze_person import unfreeze_person

ALICE, FIRST, SECOND = Caller(1), Caller(8), Caller(9)


async def gaps(world: World) -> list[str]:
    words = LastWords()
    stored = list(world.memory.documents.items())
    journal = [document for target, document in stored if target.collection == JournalRecord.collection]
    for place, record in enumerate(journal):
        words.add({**record, "place": place})
    guards = (document for target, document in stored if target.collection == Guards.collection)
    return [gap for document in guards for gap in words.gaps(document)]


async def act(world: World, what: str) -> None:
    ports = world.ports
    guards = await world.guards(ALICE)
    match what:
        case "freeze":
            await freeze(ports, ALICE)
        case "unfreeze":
            await unfreeze(ports, ALICE, await world.code(ALICE))
        case "frozen for a while":
            until = await ports.store.now() + timedelta(hours=30)
            await freeze_person(ports, FIRST, 1, reason="r", until=until, code=await world.code(FIRST))
        case "frozen for good":
            await freeze_person(ports, FIRST, 1, reason="r", until=None, code=await world.code(FIRST))
        case "unfrozen":
            await unfreeze_person(ports, FIRST, 1, await world.code(FIRST))
        case "ask reset":
            await ask_reset(ports, ALICE)
        case "cancel reset":
            await cancel_reset(ports, ALICE, await world.code(ALICE))
        case "refuse reset":
            await check_reset(ports, FIRST, str(guards.reset), "", await world.code(FIRST))
        case "check reset":
            checked = await check_reset(ports, FIRST, str(guards.reset), "history", await world.code(FIRST))
            await approve(ports, SECOND, str(checked.approval), await world.code(SECOND))
        case "complete reset":
            enrolment = await complete_reset(ports, ALICE)
            await confirm_enrolment(ports, ALICE, world.code_of(enrolment.secret))
        case "time":
            world.clock.turn(hours=26)
        case "tend":
            await tend_waits(ports)


ACTS = (
    "freeze", "unfreeze", "frozen for a while", "frozen for good", "unfrozen", "ask reset", "cancel reset",
    "refuse reset", "check reset", "complete reset", "time", "time", "tend",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
async def test_honest_days_leave_no_gap(world: World, seed: int) -> None:
    await world.person(1)
    await world.person(8, role=Role.OWNER)
    await world.person(9, role=Role.OWNER)
    dice, done = random.Random(seed), []
    for _ in range(40):
        what = dice.choice(ACTS)
        try:
            await act(world, what)
        except (Refused, AlreadyDone):
            continue
        done.append(what)
        assert await gaps(world) == [], done
        guards = await world.guards(ALICE)
        frozen = await is_frozen(world, ALICE)
        assert frozen or guards.reset is None, done
        assert not frozen or guards.frozen_at is not None, done


@pytest.mark.parametrize("after", [(), ("account_moved",)])
async def test_a_freeze_that_somebody_took_out_of_the_database_is_seen(world: World, after: tuple[str, ...]) -> None:
    await world.person(1)
    await world.person(8, role=Role.OWNER)
    await act(world, "frozen for good")
    for kind in after:
        await world.ports.ledger.post(Posting(f"{kind}:x", kind, "person:2", people=(1,), facts={"move": "x"}))
    assert await gaps(world) == []
    world.memory._keep((await world.guards(ALICE)).model_copy(update={"frozen_at": None}))
    assert await gaps(world) == ["person 1: guards say not frozen, the journal frozen"]
