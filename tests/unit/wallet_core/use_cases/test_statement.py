"""Statements and daily balances: right at every boundary, and where there is nothing."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from tests.unit.wallet_core.world import NOON, World, reason_of, refusal
from wallet_core.domain.accounts import available, held
from wallet_core.domain.errors import InvariantViolated, Reason
from wallet_core.domain.ledger import credit, debit
from wallet_core.domain.movements import sent
from wallet_core.domain.people import Caller
from wallet_core.domain.statement import MOST_MOVEMENTS, Statement
from wallet_core.use_cases import books
from wallet_core.use_cases.daily_balances import DayBalance, daily_balances
from wallet_core.use_cases.export_statement import export_statement
from wallet_core.use_cases.statement import statement

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def alice(world: World) -> Caller:
    """Alice has 10 from the day before, and movements exactly at both ends of the 23rd."""
    alice = await world.person(1)
    await world.person(2)
    await world.fund(alice, 0.00001)
    for at, minor in ((MIDNIGHT, 1), (MIDNIGHT + timedelta(hours=9), 2), (MIDNIGHT + DAY, 3)):
        world.clock.now = at
        await world.post(entries=sent(1, 2, minor, 0))
    world.clock.now = MIDNIGHT + DAY * 2
    return alice


async def of_the_23rd(world: World, caller: Caller) -> Statement:
    return await statement(world.ports, caller, MIDNIGHT, MIDNIGHT + DAY)


async def test_what_happens_at_the_start_is_in_it_and_what_happens_at_the_end_is_not(
    world: World, alice: Caller
) -> None:
    made = await of_the_23rd(world, alice)
    assert [line.change_minor for line in made.lines] == [-1, -2]
    assert (made.opening_minor, made.closing_minor) == ({"available": 10, "held": 0}, {"available": 7, "held": 0})
    assert made.lines[0].at == MIDNIGHT


async def test_ranges_that_meet_share_no_movement_and_leave_none_out(world: World, alice: Caller) -> None:
    ends = [NOON - DAY, MIDNIGHT, MIDNIGHT + DAY, MIDNIGHT + 2 * DAY]
    parts = [await statement(world.ports, alice, start, end) for start, end in pairwise(ends)]
    whole = await statement(world.ports, alice, ends[0], ends[-1])
    assert tuple(line for part in parts for line in part.lines) == whole.lines
    assert [part.opening_minor for part in parts[1:]] == [part.closing_minor for part in parts[:-1]]


async def test_the_closing_balance_of_now_is_the_balance(world: World, alice: Caller) -> None:
    await world.post(entries=(debit(available(1), 2), credit(held(1), 2)))
    made = await statement(world.ports, alice, NOON, NOON + 9 * DAY)
    assert tuple(made.closing_minor.values()) == await world.money(alice) == (2, 2)
    assert made.made_at == world.clock.now


async def test_a_range_without_movements_has_what_was_there_before(world: World, alice: Caller) -> None:
    late = await statement(world.ports, alice, MIDNIGHT + DAY * 5, MIDNIGHT + DAY * 6)
    assert (late.lines, late.movements) == ((), 0)
    assert late.opening_minor == late.closing_minor == {"available": 4, "held": 0}
    early = await statement(world.ports, alice, NOON - DAY * 9, NOON - DAY * 8)
    assert early.opening_minor == early.closing_minor == {"available": 0, "held": 0}


async def test_somebody_without_any_movement_has_an_empty_statement(world: World) -> None:
    nobody = await world.person(7)
    made = await of_the_23rd(world, nobody)
    assert (made.lines, made.opening_total_minor, made.closing_total_minor) == ((), 0, 0)


async def test_an_operator_sees_the_same(world: World, alice: Caller) -> None:
    assert await export_statement(world.ports, 1, MIDNIGHT, MIDNIGHT + DAY) == await of_the_23rd(world, alice)


async def test_a_range_that_ends_before_it_begins_is_refused(world: World, alice: Caller) -> None:
    for end in (MIDNIGHT, MIDNIGHT - DAY):
        assert await reason_of(statement(world.ports, alice, MIDNIGHT, end)) is Reason.BAD_RANGE


async def test_more_movements_than_a_statement_has_are_refused_with_the_number(
    world: World, alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_MOVEMENTS == 10_000
    monkeypatch.setattr(books, "MOST_MOVEMENTS", 2)
    assert (await of_the_23rd(world, alice)).movements == 2
    refused = await refusal(statement(world.ports, alice, MIDNIGHT, MIDNIGHT + 2 * DAY))
    assert refused.reason is Reason.RANGE_TOO_LONG and refused.facts["most"] == 2


async def test_a_record_that_was_changed_is_no_statement(world: World, alice: Caller) -> None:
    record = next(d for d in world.memory.documents.values() if d.get("at") == MIDNIGHT and "entries" in d)
    record["entries"][0]["after_minor"] += 1
    with pytest.raises(InvariantViolated):
        await of_the_23rd(world, alice)


# Each of the last days


def minors(days: list[DayBalance]) -> dict[str, int]:
    return {f"{day.day}": day.balance_minor for day in days}


async def test_each_day_has_what_was_there_when_it_ended(world: World, alice: Caller) -> None:
    await world.post(entries=(debit(available(1), 2), credit(held(1), 2)))
    days = await daily_balances(world.ports, alice, 5)
    assert minors(days) == {"2026-11-21": 0, "2026-11-22": 10, "2026-11-23": 7, "2026-11-24": 4, "2026-11-25": 4}


async def test_a_day_begins_at_the_wallets_own_hour() -> None:
    world = World(day_starts_at_hour=6)
    alice = await world.person(1)
    world.clock.now = datetime(2026, 11, 23, 5, 59, 59, tzinfo=UTC)
    await world.fund(alice, 0.000005)
    world.clock.now = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    await world.fund(alice, 0.000002)
    assert minors(await daily_balances(world.ports, alice, 3)) == {"2026-11-21": 0, "2026-11-22": 5, "2026-11-23": 7}


async def test_one_day_is_today(world: World, alice: Caller) -> None:
    assert await daily_balances(world.ports, alice, 1) == [DayBalance(date(2026, 11, 25), 4)]


@pytest.mark.parametrize("days", [0, -1, 367])
async def test_no_days_and_more_than_a_year_are_refused(world: World, alice: Caller, days: int) -> None:
    assert await reason_of(daily_balances(world.ports, alice, days)) is Reason.BAD_RANGE
