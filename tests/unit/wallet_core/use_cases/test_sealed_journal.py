"""The journal read along its chain of seals, in memory: what was planted is named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.wallet_core.world import World
from wallet_core.domain.journal import GroupRecord, JournalRecord
from wallet_core.domain.record import Target
from wallet_core.domain.seal import REFUSED, Head, Seal, head_of, seal_after
from wallet_core.use_cases.findings import Findings
from wallet_core.use_cases.overview import overview
from wallet_core.use_cases.seals import Tail, head_of_chain, tail_of_chain
from wallet_core.use_cases.show_head import show_head
from wallet_core.use_cases.verify_books import verify_books


def groups(world: World) -> list[dict[str, Any]]:
    found = [d for t, d in world.memory.documents.items() if t.collection == GroupRecord.collection]
    return sorted(found, key=lambda group: int(group["number"]))


def seal(world: World, head: Head, count: int) -> Head:
    """Chains the oldest groups that wait, as the sealer does it."""
    waiting = [group for group in groups(world) if group["seal"] == 0][:count]
    made = seal_after(head, waiting, world.clock(), world.ports.vault.mac)
    world.memory.documents[Target(Seal.collection, made["_id"])] = made
    for group in waiting:
        group["seal"] = made["_id"]
    return head_of(made)


async def gaps(world: World, given: Head | None = None) -> list[str]:
    return (await verify_books(world.ports, {}, given=given)).gaps


@pytest.fixture
async def sealed(world: World) -> World:
    """Two seals of three groups each, and two groups that wait."""
    for _ in range(8):
        world.clock.turn(seconds=1)
        await world.post()
    seal(world, seal(world, Head(), 3), 3)
    return world


async def test_a_right_chain_has_no_gap_and_its_figures(sealed: World) -> None:
    sealed.clock.turn(seconds=9)
    found = await verify_books(sealed.ports, {})
    assert (found.gaps, found.records, found.sealed, found.tail, found.tail_seconds) == ([], 8, 6, 2, 10.0)
    assert found.head == await head_of_chain(sealed.memory) == await show_head(sealed.ports)
    assert await tail_of_chain(sealed.memory) == Tail(2, 10.0)
    assert (await overview(sealed.ports))["seals"] == {
        "length": 2, "records": 6, "groups waiting": 2, "oldest waits for seconds": 10.0,
    }  # fmt: skip
    assert found.as_dict()["head"]["length"] == 2


async def test_without_any_seal_the_head_is_empty_and_nothing_is_wrong(world: World) -> None:
    assert await head_of_chain(world.memory) == Head() and await tail_of_chain(world.memory) == Tail()
    found = await verify_books(world.ports, {})
    assert (found.gaps, found.head, found.tail_seconds) == ([], Head(), 0.0)


async def test_whoever_wants_to_show_progress_hears_the_total_first(sealed: World) -> None:
    heard: list[tuple[str, int]] = []
    await verify_books(
        sealed.ports, {}, lambda n: heard.append(("record", n)), total=lambda n: heard.append(("total", n))
    )
    assert heard == [("total", 8), *(("record", number) for number in range(1, 9))]


async def test_a_chain_that_lost_its_end_is_seen_by_a_head(sealed: World) -> None:
    head, before = await head_of_chain(sealed.memory), dict(sealed.memory.documents)
    assert await gaps(sealed, head) == []
    for target in (Target("seals", 2), *(Target("groups", f"memory:{n}") for n in range(4, 9))):
        del sealed.memory.documents[target]
    for target, document in before.items():
        if target.collection == JournalRecord.collection and int(document["group"].split(":")[1]) > 3:
            del sealed.memory.documents[target]
    assert await gaps(sealed) == []
    assert await gaps(sealed, head) == [f"the chain was truncated: it has 1 seals, and had 2 on {head.at:%F %T} UTC"]


async def test_groups_that_are_gone_are_named_however_many_there_were(sealed: World) -> None:
    for number in (4, 7):
        del sealed.memory.documents[Target("groups", f"memory:{number}")]
    found = await gaps(sealed)
    assert "group memory:4: deleted, seal 2 lists it" in found
    assert "group memory:7: deleted, its writer went on to 8" in found


async def test_of_very_many_missing_groups_ten_are_named(world: World) -> None:
    for _ in range(50):
        await world.post()
    for number in range(20, 45):
        group = world.memory.documents.pop(Target("groups", f"memory:{number}"))
        del world.memory.documents[Target("journal", group["keys"][0])]
    found = await gaps(world)
    assert found == [f"group memory:{number}: deleted, its writer went on to 50" for number in range(20, 30)]


async def test_a_refused_group_is_named(sealed: World) -> None:
    sealed.memory.documents[Target("groups", "memory:8")]["seal"] = REFUSED
    assert await gaps(sealed) == ["group memory:8: it was refused a seal, its code did not fit"]


async def test_what_stands_beside_the_chain_is_named(sealed: World) -> None:
    group = sealed.memory.documents[Target("groups", "memory:2")]
    record = sealed.memory.documents[Target("journal", group["keys"][0])]
    sealed.memory.documents[Target("groups", "x:1")] = {**group, "_id": "x:1", "writer": "x", "number": 1}
    sealed.memory.documents[Target("journal", "forged")] = {**record, "_id": "forged"}
    assert await gaps(sealed) == [
        "group x:1: inserted or moved, seal 1 does not list it",
        "forged: the record was inserted or moved, group memory:2 does not list it",
    ]


@pytest.mark.parametrize("name", [None, ["x"], 9])
async def test_a_group_that_says_it_is_in_no_seal_at_all_is_named(sealed: World, name: Any) -> None:
    sealed.memory.documents[Target("groups", "memory:8")]["seal"] = name
    assert f"group memory:8: inserted or moved, seal {name} does not list it" in await gaps(sealed)


async def test_seals_that_cannot_be_read_stop_nothing(sealed: World) -> None:
    sealed.memory.documents[Target("seals", 1)] = {"_id": 1, "groups": "nonsense"}
    found = await gaps(sealed)
    assert any(gap.startswith("seal 1: it was changed to something that cannot be read") for gap in found)
    assert "group memory:1: inserted or moved, seal 1 does not list it" in found


def test_the_list_of_gaps_stays_readable() -> None:
    findings = Findings()
    findings.tell(f"gap {number}" for number in range(5_000))
    findings.tell(["another"])
    assert len(findings.gaps) == 1_001
    assert findings.gaps[-1] == "there are more gaps than these 1,000"
