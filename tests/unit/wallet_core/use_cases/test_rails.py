"""The switches of a chain, and the alarm that only an owner clears."""

import pytest

from tests.unit.wallet_core.world import World, reason_of
from wallet_core.domain.errors import Reason
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.purchase import MarkRail, Rail, RailState
from wallet_core.use_cases.clear_alarm import clear_alarm
from wallet_core.use_cases.pay_now import pay_now
from wallet_core.use_cases.set_rail import set_rail


@pytest.fixture
async def owner(world: World) -> Caller:
    await world.open_rail()
    return await world.person(9, role=Role.OWNER)


async def rail(world: World) -> Rail:
    found = await world.memory.get(Rail, Asset.ETH)
    assert found is not None
    return found


@pytest.mark.parametrize("state", RailState)
async def test_an_admin_switches_a_chain_with_a_code_and_it_is_written_down(
    world: World, owner: Caller, state: RailState
) -> None:
    await set_rail(world.ports, owner, Asset.ETH, state, await world.code(owner), why="a test")
    assert (await rail(world)).state is state
    (record,) = [r async for r in world.memory.scan(JournalRecord, {"kind": "rail_switched"})]
    facts = {"asset": "ETH", "before": "running", "after": state, "why": "a test"}
    assert (record.by, record.facts) == ("person:9", facts)
    assert ((await rail(world)).switched_at, (await rail(world)).switched_why) == (world.clock(), "a test")


async def test_a_wrong_code_switches_nothing(world: World, owner: Caller) -> None:
    assert await reason_of(set_rail(world.ports, owner, Asset.ETH, RailState.CLOSED, "000000")) is Reason.WRONG_CODE
    assert (await rail(world)).state is RailState.RUNNING


async def test_a_chain_that_this_wallet_does_not_serve_has_no_switch(world: World, owner: Caller) -> None:
    code = await world.code(owner)
    assert await reason_of(set_rail(world.ports, owner, Asset.BTC, RailState.PAUSED, code)) is Reason.NOT_FOUND


async def test_switching_a_chain_on_does_not_clear_its_alarm(world: World, owner: Caller) -> None:
    await world.post(changes=(MarkRail(Asset.ETH, "alarm", "foreign spend"),))
    await set_rail(world.ports, owner, Asset.ETH, RailState.RUNNING, await world.code(owner))
    assert (await rail(world)).alarm == "foreign spend"


async def test_after_an_alarm_is_cleared_payouts_wait_to_be_resumed(world: World, owner: Caller) -> None:
    await world.post(changes=(MarkRail(Asset.ETH, "alarm", "foreign spend"),))
    await clear_alarm(world.ports, owner, Asset.ETH, await world.code(owner))
    assert ((await rail(world)).alarm, (await rail(world)).state) == (None, RailState.PAUSED)


async def test_where_there_is_no_alarm_there_is_none_to_clear(world: World, owner: Caller) -> None:
    assert await reason_of(clear_alarm(world.ports, owner, Asset.ETH, "000000")) is Reason.NOT_FOUND


async def test_paying_at_once_is_asked_for_with_a_code_and_it_is_written_down(world: World, owner: Caller) -> None:
    for asked in (1, 2):
        await pay_now(world.ports, owner, Asset.ETH, await world.code(owner))
        assert ((await rail(world)).pay_asked, (await rail(world)).pay_heard) == (asked, 0)
    records = [r async for r in world.memory.scan(JournalRecord, {"kind": "pay_now_asked"})]
    assert sorted(r.facts["asked"] for r in records) == [1, 2]
    assert {(r.by, r.facts["asset"]) for r in records} == {("person:9", "ETH")}


@pytest.mark.parametrize("state", [RailState.PAUSED, RailState.CLOSED])
async def test_nothing_is_asked_of_a_chain_that_pays_nothing(world: World, owner: Caller, state: RailState) -> None:
    await set_rail(world.ports, owner, Asset.ETH, state, await world.code(owner))
    assert await reason_of(pay_now(world.ports, owner, Asset.ETH, await world.code(owner))) is Reason.RAIL_OFF
    assert await reason_of(pay_now(world.ports, owner, Asset.BTC, await world.code(owner))) is Reason.NOT_FOUND
    assert (await rail(world)).pay_asked == 0


async def test_nothing_is_asked_of_a_frozen_hot_wallet_nor_without_a_code(world: World, owner: Caller) -> None:
    assert await reason_of(pay_now(world.ports, owner, Asset.ETH, "000000")) is Reason.WRONG_CODE
    await world.post(changes=(MarkRail(Asset.ETH, "alarm", "foreign spend"),))
    assert await reason_of(pay_now(world.ports, owner, Asset.ETH, await world.code(owner))) is Reason.RAIL_OFF
    assert (await rail(world)).pay_asked == 0


async def test_an_alarm_is_not_cleared_without_a_code(world: World, owner: Caller) -> None:
    await world.post(changes=(MarkRail(Asset.ETH, "alarm", "foreign spend"),))
    assert await reason_of(clear_alarm(world.ports, owner, Asset.ETH, "000000")) is Reason.WRONG_CODE
    assert (await rail(world)).alarm == "foreign spend"
