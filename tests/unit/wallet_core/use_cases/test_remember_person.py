"""Profiles: what Telegram last told, and usernames that change hands."""

from tests.unit.wallet_core.world import World
from wallet_core.domain.people import Caller, Person
from wallet_core.ports import Ports
from wallet_core.use_cases.remember_person import remember_person


async def remember(ports: Ports, person: int, username: str | None, name: str = "Alice") -> Person:
    return await remember_person(ports, Caller(person), display_name=name, username=username, language="en")


async def test_a_profile_is_kept_and_its_username_is_found_in_any_case(world: World) -> None:
    person = await remember(world.ports, 1, "AliceW")
    assert (person.username, person.username_key) == ("AliceW", "alicew")
    assert await world.memory.get(Person, 1) == person


async def test_what_did_not_change_is_not_written_again(world: World) -> None:
    first = await remember(world.ports, 1, "alice")
    world.clock.turn(minutes=59)
    assert await remember(world.ports, 1, "alice") == first
    assert (await remember(world.ports, 1, "alice", name="Alicia")).seen_at == world.clock()


async def test_that_somebody_was_seen_is_noted_once_an_hour(world: World) -> None:
    first = await remember(world.ports, 1, "alice")
    world.clock.turn(hours=1)
    assert await remember(world.ports, 1, "alice") == first.model_copy(update={"seen_at": world.clock()})


async def test_a_username_that_moved_no_longer_finds_its_former_owner(world: World) -> None:
    await remember(world.ports, 1, "alice")
    await remember(world.ports, 2, "Alice", name="Mallory")
    found = await world.memory.find(Person, {"username_key": "alice"})
    assert [person.id for person in found] == [2]
    former = await world.memory.get(Person, 1)
    assert former is not None
    assert (former.username, former.display_name) == (None, "Alice")


async def test_people_without_a_username_do_not_collide(world: World) -> None:
    await remember(world.ports, 1, None)
    await remember(world.ports, 2, None, name="Bob")
    assert await world.memory.count(Person, {"username_key": None}) == 2
