"""The dictionary that stands in for the database keeps the same rules."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.wallet_core.world import NOON, World
from wallet_core.domain.accounts import Side, available
from wallet_core.domain.chat import Draft, SentMessage, Tap
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.guards import Guards
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.movements import sent
from wallet_core.domain.people import Caller
from wallet_core.ports import After, Before, Between, Some


def tap(name: str, minutes: int, **fields: object) -> Tap:
    expires_at = NOON + timedelta(minutes=minutes)
    return Tap.model_validate(
        {"id": name, "card": "c", "person": 1, "chat": 1, "action": "a", "expires_at": expires_at} | fields
    )


async def names(world: World, where: dict[str, object], **options: Any) -> list[str]:
    return [found.id for found in await world.memory.find(Tap, where, **options)]


@pytest.fixture
async def world(world: World) -> World:
    for number, name in enumerate("abcd"):
        await world.memory.put(tap(name, minutes=number, person=number % 2, used_at=NOON if name == "d" else None))
    return world


async def test_a_record_is_read_as_it_was_put(world: World) -> None:
    assert await world.memory.get(Tap, "b") == tap("b", 1, person=1)
    assert await world.memory.get(Tap, "z") is None
    assert await world.memory.get(Draft, "b") is None


async def test_conditions_find_what_fits_and_nothing_else(world: World) -> None:
    assert await names(world, {"person": 1}) == ["b", "d"]
    assert await names(world, {"id": "b"}) == []
    assert await names(world, {"_id": ("a", "d", "z")}) == ["a", "d"]
    assert await names(world, {"expires_at": Before(NOON + timedelta(minutes=1))}) == ["a"]
    assert await names(world, {"expires_at": Before(NOON + timedelta(minutes=1), inclusive=True)}) == ["a", "b"]
    assert await names(world, {"expires_at": After(NOON + timedelta(minutes=1))}) == ["c", "d"]
    assert await names(world, {"expires_at": Between(NOON, NOON + timedelta(minutes=2))}) == ["a", "b"]
    assert await names(world, {"used_at": None}) == ["a", "b", "c"]
    assert await names(world, {"used_at": Before(NOON)}) == ["a", "b", "c"]
    assert await names(world, {"used_at": After(NOON - timedelta(minutes=1))}) == ["d"]


async def test_one_element_of_a_list_has_to_fit_as_a_whole(world: World) -> None:
    alice, bob = await world.person(1), await world.person(2)
    await world.fund(alice, 5)
    await world.post(entries=sent(1, 2, 3, 0))

    async def count(person: Caller, *sides: Side) -> int:
        return await world.memory.count(
            JournalRecord, {"entries": Some({"account": available(person.person).id, "side": sides})}
        )

    assert [await count(alice, Side.CREDIT), await count(alice, Side.DEBIT), await count(alice, *Side)] == [1, 1, 2]
    assert [await count(bob, Side.CREDIT), await count(bob, Side.DEBIT), await count(bob)] == [1, 0, 0]


async def test_results_come_in_order_page_by_page(world: World) -> None:
    assert await names(world, {}, order_by=("-expires_at",)) == ["d", "c", "b", "a"]
    assert await names(world, {}, order_by=("person", "-_id")) == ["c", "a", "d", "b"]
    assert await names(world, {}, limit=2, skip=1) == ["b", "c"]


async def test_counting_and_scanning_see_what_finding_sees(world: World) -> None:
    assert await world.memory.count(Tap, {"person": 1}) == 2
    assert {found.id async for found in world.memory.scan(Tap, {})} == set("abcd")


async def test_a_snapshot_does_not_see_what_comes_later(world: World) -> None:
    async with world.memory.snapshot() as frozen:
        await world.memory.remove(Tap, "a")
        assert await frozen.count(Tap, {}) == 4
    assert await world.memory.count(Tap, {}) == 3


async def test_of_two_swaps_from_the_same_state_one_succeeds(world: World) -> None:
    unused = {"used_at": None}
    assert await world.memory.swap(Tap, "a", unused, {"used_at": NOON})
    assert not await world.memory.swap(Tap, "a", unused, {"used_at": NOON})
    assert not await world.memory.swap(Tap, "z", {}, {"used_at": NOON})


async def test_what_guards_money_is_written_by_the_ledger_alone(world: World) -> None:
    with pytest.raises(InvariantViolated):
        await world.memory.put(Guards(id=1))
    with pytest.raises(InvariantViolated):
        await world.memory.swap(Guards, 1, {}, {"level": 3})
    with pytest.raises(InvariantViolated):
        await world.memory.remove(Guards, 1)


async def test_removing_what_is_not_there_is_no_error(world: World) -> None:
    await world.memory.remove(SentMessage, "z")
    assert await world.memory.count(Tap, {}) == 4


async def test_batches_are_plain_documents_in_order_and_no_longer_than_asked(world: World) -> None:
    found = [batch async for batch in world.memory.batches(Tap, {}, order_by=("-_id",), size=3)]
    assert [[document["_id"] for document in batch] for batch in found] == [["d", "c", "b"], ["a"]]
    assert [batch async for batch in world.memory.batches(Tap, {"_id": ("z",)})] == []
