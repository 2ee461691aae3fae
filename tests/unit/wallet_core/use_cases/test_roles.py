"""Roles: sealed, changed by two, told to everybody; what is written into the database opens nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.wallet_core.desk import told
from tests.unit.wallet_core.world import World, reason_of
from wallet_core.domain import guards
from wallet_core.domain.approval import Approval
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Access, Caller, Role
from wallet_core.domain.purchase import RailState
from wallet_core.domain.record import Document, Target
from wallet_core.ports import Ports
from wallet_core.use_cases import admins, gate
from wallet_core.use_cases.approve import approve
from wallet_core.use_cases.approve_at_server import approve_at_server
from wallet_core.use_cases.change_role import change_role
from wallet_core.use_cases.gate import admit
from wallet_core.use_cases.grant_role import grant_role
from wallet_core.use_cases.list_admins import list_admins
from wallet_core.use_cases.set_rail import set_rail
from wallet_core.use_cases.show_desk import show_desk

OTTO, OLGA, BEN = 21, 22, 23


@pytest.fixture
async def otto(world: World) -> Caller:
    await world.open_rail()
    return await world.person(OTTO, "otto", role=Role.OWNER)


@pytest.fixture
async def olga(world: World) -> Caller:
    return await world.person(OLGA, "olga", role=Role.OWNER)


@pytest.fixture
async def ben(world: World) -> Caller:
    return await world.person(BEN, "ben")


def plant(world: World, person: int, **fields: Any) -> None:
    """What somebody writes who has the database."""
    world.memory.documents[Target(Guards.collection, person)] |= fields


async def ask(world: World, by: Caller, person: int, role: Role | None) -> Approval:
    asked = await change_role(world.ports, by, person, role, await world.code(by))
    assert asked is not None
    return asked


# Sealed


async def opened(world: World, ben: Caller) -> bool:
    """Whether somebody who made themselves an owner in the database can look at the desk, and switch a rail."""
    code, tries = await world.code(ben), []
    for call in (show_desk(world.ports, ben), set_rail(world.ports, ben, Asset.ETH, RailState.CLOSED, code)):
        try:
            await call
            tries.append(True)
        except Refused as refused:
            assert refused.reason is Reason.NOT_ALLOWED
            tries.append(False)
    assert len(set(tries)) == 1
    return tries[0]


@pytest.mark.parametrize("stolen", [False, True], ids=["made up", "another owner's seal"])
async def test_a_role_that_is_written_into_the_database_opens_nothing_and_the_owners_are_told_once(
    world: World, otto: Caller, ben: Caller, stolen: bool
) -> None:
    owner = await world.guards(otto)
    plant(world, BEN, role="owner", role_number=owner.role_number, role_mac=owner.role_mac if stolen else "f" * 64)
    assert not await opened(world, ben)
    assert (await admit(world.ports, ben, Access.ENROLLED)).role is None
    assert [message["alarm"] for message in told(world, OTTO, "alarm")] == ["role_forged"]
    assert told(world, BEN, "alarm") == []
    assert [(one.person, one.counts) for one in await list_admins(world.ports)] == [(OTTO, True), (BEN, False)]


async def test_a_role_that_was_taken_away_is_not_put_back_with_its_old_seal(
    world: World, otto: Caller, ben: Caller
) -> None:
    await grant_role(world.ports, BEN, Role.OWNER, "two owners are better")
    before = dict(world.memory.documents[Target(Guards.collection, BEN)])
    await grant_role(world.ports, BEN, None, "he left")
    plant(world, BEN, **{name: before[name] for name in ("role", "role_number", "role_mac")})
    assert not await opened(world, ben)


async def test_an_old_seal_that_is_put_back_between_two_looks_opens_nothing(
    world: World, otto: Caller, ben: Caller
) -> None:
    await grant_role(world.ports, BEN, Role.OWNER, "two owners are better")
    before = dict(world.memory.documents[Target(Guards.collection, BEN)])
    await grant_role(world.ports, BEN, None, "he left")
    planted = (await world.guards(ben)).model_copy(update={"role": Role.OWNER, "role_number": 7})
    plant(world, BEN, **{name: before[name] for name in ("role", "role_number", "role_mac")})
    assert await admins.role_of(world.ports, planted) is None


def unsealed(patch: pytest.MonkeyPatch) -> None:
    """The role is believed as it stands in the database."""

    async def believed(_ports: Ports, found: Guards) -> Role | None:
        return found.role

    patch.setattr(gate, "role_of", believed)
    patch.setattr(guards, "sealed_role", lambda found, _fits: found.role)


async def test_this_test_sees_a_planted_owner(
    world: World, otto: Caller, ben: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsealed(monkeypatch)
    plant(world, BEN, role="owner")
    assert await opened(world, ben)


async def test_this_test_sees_a_role_that_was_put_back(
    world: World, otto: Caller, ben: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: Any) -> bool:
        return False

    monkeypatch.setattr(admins, "_is_outdated", never)
    await grant_role(world.ports, BEN, Role.OWNER, "why")
    before = dict(world.memory.documents[Target(Guards.collection, BEN)])
    await grant_role(world.ports, BEN, None, "why")
    plant(world, BEN, **{name: before[name] for name in ("role", "role_number", "role_mac")})
    assert await opened(world, ben)


async def test_what_is_planted_between_the_gate_and_the_posting_opens_nothing(
    world: World, otto: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard in the posting looks at the seal by itself, and sees a role that is taken in that moment."""
    code = await world.code(otto)
    post: Callable[..., Any] = world.memory.post

    async def overtaken(posting: Any) -> Any:
        if posting.kind == "rail_switched":
            plant(world, OTTO, role="owner", role_number=7)
        return await post(posting)

    monkeypatch.setattr(world.memory, "post", overtaken)
    assert await reason_of(set_rail(world.ports, otto, Asset.ETH, RailState.CLOSED, code)) is Reason.NOT_ALLOWED


# By two


async def test_one_owner_asks_and_another_one_agrees(world: World, otto: Caller, olga: Caller, ben: Caller) -> None:
    asked = await ask(world, otto, BEN, Role.FINANCE)
    assert (await world.guards(ben)).role is None
    assert [m["own"] for m in told(world, OTTO, "approval")] == [True]
    assert await reason_of(approve(world.ports, otto, asked.id, await world.code(otto))) is Reason.NOT_ALLOWED
    await approve(world.ports, olga, asked.id, await world.code(olga))
    assert (await admit(world.ports, ben, Access.FINANCE)).role is Role.FINANCE
    assert [len(told(world, person, "role_changed")) for person in (OTTO, OLGA, BEN)] == [1, 1, 1]
    record = await world.memory.get(JournalRecord, f"role:{BEN}:1")
    assert record is not None and (record.kind, record.by) == ("role_granted", f"person:{OLGA}")
    assert record.facts | {"asked_by": OTTO, "role": "finance"} == record.facts
    assert {OTTO, OLGA, BEN} == set(record.people)


async def test_a_change_that_was_asked_for_is_void_once_the_role_was_changed(
    world: World, otto: Caller, olga: Caller, ben: Caller
) -> None:
    first, second = await ask(world, otto, BEN, Role.FINANCE), await ask(world, otto, BEN, Role.OWNER)
    await approve(world.ports, olga, first.id, await world.code(olga))
    code = await world.code(olga)
    assert await reason_of(approve(world.ports, olga, second.id, code)) is Reason.CHANGED_MEANWHILE
    assert (await world.guards(ben)).role is Role.FINANCE


async def test_what_was_asked_cannot_be_made_something_else_in_the_database(
    world: World, otto: Caller, olga: Caller, ben: Caller
) -> None:
    asked = await ask(world, otto, BEN, Role.SUPPORT)
    document: Document = world.memory.documents[Target(Approval.collection, asked.id)]
    document["what"] = {**document["what"], "role": "owner"}
    with pytest.raises(Exception, match="says something else"):
        await approve(world.ports, olga, asked.id, await world.code(olga))
    assert (await world.guards(ben)).role is None


@pytest.mark.parametrize("gone", ["frozen", "no owner any more", "put back"])
async def test_who_asked_and_is_not_entitled_any_more_gets_nothing_approved(
    world: World, otto: Caller, olga: Caller, ben: Caller, gone: str
) -> None:
    asked, code = await ask(world, otto, BEN, Role.OWNER), await world.code(olga)
    before = dict(world.memory.documents[Target(Guards.collection, OTTO)])
    if gone == "frozen":
        plant(world, OTTO, frozen_at=world.clock(), frozen_by="x")
    else:
        await world.set_role(OTTO, Role.FINANCE)
    if gone == "put back":
        plant(world, OTTO, **{name: before[name] for name in ("role", "role_number", "role_mac")})
    expected = Reason.FROZEN if gone == "frozen" else Reason.NOT_ALLOWED
    assert await reason_of(approve(world.ports, olga, asked.id, code)) is expected
    assert (await world.guards(ben)).role is None


async def test_the_server_is_the_second_pair_of_eyes_where_there_is_one_owner(
    world: World, otto: Caller, ben: Caller
) -> None:
    asked = await ask(world, otto, BEN, Role.OWNER)
    done = await approve_at_server(world.ports, asked.id)
    assert done.decided_by == 0 and (await admit(world.ports, ben, Access.OWNER)).role is Role.OWNER
    with pytest.raises(AlreadyDone):
        await approve_at_server(world.ports, asked.id)


# One's own


async def test_whoever_wants_less_asks_nobody_but_the_last_owner_stays(
    world: World, otto: Caller, olga: Caller
) -> None:
    assert await change_role(world.ports, otto, OTTO, Role.SUPPORT, await world.code(otto)) is None
    assert (await world.guards(otto)).role is Role.SUPPORT
    code = await world.code(olga)
    assert await reason_of(change_role(world.ports, olga, OLGA, None, code)) is Reason.LAST_OWNER
    assert (await admit(world.ports, olga, Access.OWNER)).role is Role.OWNER


async def test_nobody_without_the_second_factor_is_given_a_role_in_the_chat(world: World, otto: Caller) -> None:
    assert await reason_of(change_role(world.ports, otto, 999, Role.FINANCE, "000000")) is Reason.NOT_FOUND


# On the server


async def test_once_an_owner_has_enrolled_the_server_must_say_why(world: World, ben: Caller) -> None:
    await grant_role(world.ports, OTTO, Role.OWNER)
    await grant_role(world.ports, OTTO, Role.OWNER)
    assert (await world.guards(Caller(OTTO))).role_number == 2
    await world.person(OTTO, "otto")
    assert await reason_of(grant_role(world.ports, BEN, Role.OWNER)) is Reason.OWNER_EXISTS
    assert await reason_of(grant_role(world.ports, OTTO, None, "  ")) is Reason.OWNER_EXISTS
    await grant_role(world.ports, BEN, Role.OWNER, "Otto lost his telephone")
    notices = told(world, OTTO, "role_changed")
    assert (notices[-1]["person"], notices[-1]["break_glass"]) == (BEN, "Otto lost his telephone")
    record = await world.memory.get(JournalRecord, f"role:{BEN}:1")
    assert record is not None and record.facts["break_glass"] == "Otto lost his telephone"
