"""Every use case, tried by everybody: exactly what ``docs/roles.md`` says, and the rest recorded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.everybody import NUMBERS, refusals, settle
from tests.support.roles_table import on_the_page
from tests.unit.wallet_core.use_cases.test_gate import CHAT, arguments
from tests.unit.wallet_core.world import World
from wallet_core.domain.errors import AlreadyDone, Reason, Refused, WalletError
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.people import Access, Caller

TABLE = on_the_page()


@pytest.mark.parametrize("name", CHAT)
async def test_a_use_case_is_open_to_exactly_those_of_the_page(world: World, name: str) -> None:
    function, plain = CHAT[name], name.split(".", maxsplit=1)[0]
    await settle(world)
    await world.open_rail()
    for persona, number in NUMBERS.items():
        refused = await _refused(function, world, Caller(number))
        assert refused != TABLE["use case", plain][persona], persona
    is_admins = function.access > Access.ENROLLED
    closed = {number for who, number in NUMBERS.items() if is_admins and not TABLE["use case", plain][who]}
    assert await refusals(world) == dict.fromkeys(closed, plain)


async def _refused(function: Any, world: World, caller: Caller) -> bool:
    try:
        await function(world.ports, caller, **arguments(function))
    except Refused as refused:
        by_gate = refused.reason is Reason.NOT_ALLOWED or refused.reason is Reason.ENROL_FIRST
        return by_gate and function.access is not Access.ANYONE
    except (AlreadyDone, WalletError):
        return False
    return False


async def test_who_tries_again_and_again_fills_no_journal(world: World) -> None:
    await settle(world)
    function, person = CHAT["set_rail.set_rail"], Caller(NUMBERS["person"])
    for _ in range(50):
        assert await _refused(function, world, person)
    assert await world.memory.count(JournalRecord, {"kind": "admin_refused"}) == 1
    world.clock.turn(hours=1)
    assert await _refused(function, world, person)
    assert await world.memory.count(JournalRecord, {"kind": "admin_refused"}) == 2


async def test_this_test_sees_a_door_left_open(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A use case that forgot its role would be reached by a plain person."""
    await settle(world)

    async def open_door(*_: Any) -> None:
        return None

    monkeypatch.setattr("wallet_core.use_cases.gate.admit", open_door)
    assert not await _refused(CHAT["show_desk.show_desk"], world, Caller(NUMBERS["person"]))
    assert not TABLE["use case", "show_desk"]["person"]
