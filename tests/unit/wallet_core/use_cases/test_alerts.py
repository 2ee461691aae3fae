"""Alarms on their way into the chat of alerts, and the day that is told once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.unit.wallet_core.desk import told
from tests.unit.wallet_core.world import ETH, ITD, World, reason_of
from wallet_core.domain.accounts import Account, available
from wallet_core.domain.alert import Alert, EndAlert, NoteAlert
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import Reason
from wallet_core.domain.health import Pulse, Verification
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.ledger import credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.purchase import MarkRail
from wallet_core.use_cases.clear_alarm import clear_alarm
from wallet_core.use_cases.close_alert import close_alert
from wallet_core.use_cases.close_quiet_alerts import close_quiet_alerts
from wallet_core.use_cases.fall_back import fall_back
from wallet_core.use_cases.report_day import report_day
from wallet_core.use_cases.show_alerts import show_alerts
from wallet_core.use_cases.tell_alerts import tell_alerts

CHAT = -100_500


@pytest.fixture
def world() -> World:
    return World(alert_chat_id=CHAT)


@pytest.fixture
async def owner(world: World) -> Caller:
    await world.open_rail(genesis="0x0")
    return await world.person(9, role=Role.OWNER)


async def raised(world: World, alarm: str = "fee_capped", subject: str = "b1", **more: Any) -> None:
    await world.post(changes=(NoteAlert(alarm, Asset.ETH, subject, **more),))


async def alert(world: World, alarm: str = "fee_capped") -> Alert:
    found = await world.memory.get(Alert, f"{alarm}:ETH")
    assert found is not None
    return found


def in_chat(world: World) -> list[tuple[str, int]]:
    """What the chat was told, in order: whether news, a reminder or the end, and the count."""
    return [(facts["telling"], facts["count"]) for facts in told(world, CHAT, "alert")]


async def test_the_chat_has_one_message_for_a_kind_of_alarm_with_its_count(world: World, owner: Caller) -> None:
    await raised(world)
    assert await tell_alerts(world.ports) == 1
    assert await tell_alerts(world.ports) == 0
    for subject in ("b2", "b3"):
        await raised(world, subject=subject)
    world.clock.turn(seconds=30)
    assert await tell_alerts(world.ports) == 1
    assert in_chat(world) == [("news", 1), ("news", 3)]
    outbox = await world.memory.find(OutboxMessage, {"person": CHAT})
    assert {message.thread for message in outbox} == {f"alert:fee_capped:ETH:1:{CHAT}"}


async def test_many_kinds_are_told_one_at_a_time(world: World, owner: Caller) -> None:
    for alarm in ("fee_capped", "sweep_reverted", "item_waits"):
        await raised(world, alarm)
    assert [await tell_alerts(world.ports) for _ in range(4)] == [1, 1, 1, 0]


async def test_without_a_chat_nothing_is_put_into_the_outbox(owner: Caller) -> None:
    world = World()
    await raised(world)
    assert await tell_alerts(world.ports) == 0


async def test_a_telling_that_was_cut_comes_once_more_under_the_same_name(world: World, owner: Caller) -> None:
    await raised(world)
    await tell_alerts(world.ports)
    for target in [t for t in world.memory.documents if t.collection == "alert_notes"]:
        del world.memory.documents[target]
    await tell_alerts(world.ports)
    assert in_chat(world) == [("news", 1)]


async def test_an_admin_says_with_a_code_that_it_was_seen_to_and_the_chat_hears_of_it(
    world: World, owner: Caller
) -> None:
    await raised(world)
    await tell_alerts(world.ports)
    assert await reason_of(close_alert(world.ports, owner, "fee_capped:ETH", "000000")) is Reason.WRONG_CODE
    await close_alert(world.ports, owner, "fee_capped:ETH", await world.code(owner))
    assert (await alert(world)).closed_by == 9 and await show_alerts(world.ports, owner) == []
    await tell_alerts(world.ports)
    assert in_chat(world) == [("news", 1), ("closed", 1)]
    (record,) = [r async for r in world.memory.scan(JournalRecord, {"kind": "alert_closed"})]
    assert (record.by, record.facts) == ("person:9", {"alert": "fee_capped:ETH", "episode": 1})
    assert await reason_of(close_alert(world.ports, owner, "fee_capped:ETH", "000000")) is Reason.NOT_FOUND


async def test_what_froze_a_rail_is_ended_by_clearing_it_and_not_otherwise(world: World, owner: Caller) -> None:
    await raised(world, "foreign_spend", "b1", frozen=True)
    await world.post(changes=(MarkRail(Asset.ETH, "alarm", "foreign_spend b1"),))
    assert await reason_of(close_alert(world.ports, owner, "foreign_spend:ETH", "000000")) is Reason.WRONG_STATE
    await clear_alarm(world.ports, owner, Asset.ETH, await world.code(owner))
    assert (await alert(world, "foreign_spend")).closed_by == 9


async def test_what_is_not_critical_ends_when_it_was_quiet_for_a_day(world: World, owner: Caller) -> None:
    await raised(world)
    await raised(world, "item_stopped")
    world.clock.turn(hours=23)
    await close_quiet_alerts(world.ports)
    assert (await alert(world)).closed_at is None
    world.clock.turn(hours=3)
    await close_quiet_alerts(world.ports)
    assert (await alert(world)).closed_at == world.clock() and (await alert(world)).closed_by is None
    assert (await alert(world, "item_stopped")).closed_at is None


async def test_a_hot_wallet_that_is_too_empty_stays_told_until_it_is_filled(world: World, owner: Caller) -> None:
    await raised(world, "hot_wallet_low", "3 ETH")
    world.clock.turn(days=2)
    await close_quiet_alerts(world.ports)
    await tell_alerts(world.ports)
    for _ in range(2):
        await world.post(changes=(EndAlert("hot_wallet_low", Asset.ETH),))
        await tell_alerts(world.ports)
    assert in_chat(world) == [("news", 1), ("closed", 1)]
    # One that began before alerts were noted is over, and no news.
    await world.post(changes=(EndAlert("hot_wallet_low", Asset.BTC),))
    assert await tell_alerts(world.ports) == 0 and await show_alerts(world.ports, owner) == []


async def test_owners_read_in_private_what_the_chat_does_not_take(world: World, owner: Caller) -> None:
    await world.person(8, role=Role.FINANCE)
    await raised(world)
    await tell_alerts(world.ports)
    (message,) = await world.memory.find(OutboxMessage, {"person": CHAT})
    for _ in range(2):
        await fall_back(world.ports, message)
    assert [facts["instead_of"] for facts in told(world, 9, "alert")] == [CHAT]
    assert told(world, 8, "alert") == []


async def well(world: World) -> None:
    """Everything as it should be: both processes alive, the books verified, coins for what is owed."""
    now = world.clock()
    for kind in ("bot", "worker"):
        await world.memory.put(Pulse(id=f"{kind} x", kind=kind, version="1", started_at=now, at=now))
    await world.memory.put(Verification(at=now, records=1, gaps=0, seals=1))


async def test_a_day_is_told_once_with_its_figures(world: World, owner: Caller) -> None:
    ana = await world.person(1)
    await world.fund(ana, 100)
    await well(world)
    done = await asyncio.gather(report_day(world.ports), report_day(world.ports))
    assert sorted(done) == [False, True]
    world.clock.turn(hours=3)
    assert await report_day(world.ports) is False
    (facts,) = told(world, CHAT, "day_report")
    assert (facts["day"], facts["owed_minor"], facts["worth_minor"]) == ("2026-11-22", 100 * ITD, 100 * ITD)
    assert facts["troubles"] == []
    (eth,) = [one for one in facts["holdings"] if one["asset"] == "ETH"]
    assert eth["coin_minor"] == ETH // 20


async def test_two_bots_that_see_different_figures_tell_one_of_them(world: World, owner: Caller) -> None:
    await well(world)
    assert await report_day(world.ports) is True
    journal = [t for t in world.memory.documents if t.collection == "journal" and t.id == "day_reported:2026-11-22"]
    kept = world.memory.documents[journal[0]]
    # The other bot looked before the first one had posted.
    del world.memory.documents[journal[0]]
    world.rates.itd_minor[Asset.ETH] += 1
    original = world.memory.get

    async def blind(kind: Any, record_id: Any) -> Any:
        found = await original(kind, record_id)
        world.memory.documents[journal[0]] = kept
        return found

    world.memory.get = blind  # type: ignore[method-assign]  # the moment between its look and its posting
    assert await report_day(world.ports) is False
    assert len(told(world, CHAT, "day_report")) == 1


async def test_a_day_that_no_bot_saw_is_told_at_the_next_start_and_only_the_last_one(
    world: World, owner: Caller
) -> None:
    await report_day(world.ports)
    world.clock.turn(days=3)
    assert [await report_day(world.ports), await report_day(world.ports)] == [True, False]
    assert [facts["day"] for facts in told(world, CHAT, "day_report")] == ["2026-11-22", "2026-11-25"]


async def test_without_a_chat_finance_and_owners_are_told_in_private() -> None:
    world = World()
    await world.open_rail()
    for person, role in ((7, Role.SUPPORT), (8, Role.FINANCE), (9, Role.OWNER)):
        await world.person(person, role=role)
    await report_day(world.ports)
    assert [len(told(world, person, "day_report")) for person in (7, 8, 9)] == [0, 1, 1]


async def test_what_is_not_well_is_said_instead(world: World, owner: Caller) -> None:
    ana = await world.person(1)
    await world.fund(ana, 100)
    # Coins are gone, an alarm stands, and nobody has verified anything.
    gone = (
        debit(Account(Asset.ETH, "expense:network"), ETH // 100),
        credit(Account(Asset.ETH, "deposits"), ETH // 100),
    )
    await world.post(entries=gone)
    await raised(world, "foreign_spend", frozen=True)
    await world.post(changes=(MarkRail(Asset.ETH, "alarm", "foreign_spend b1"),))
    await report_day(world.ports)
    (facts,) = told(world, CHAT, "day_report")
    assert set(facts["troubles"]) == {"uncovered", "rail", "alarms", "unverified", "silent"}
    assert facts["worth_minor"] == 80 * ITD and await world.money(ana) == (100 * ITD, 0)
    assert available(1).id not in str(facts)
