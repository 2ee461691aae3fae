"""The table of limits wherever a limit is taken, at its turns, and what happens when somebody wrote into it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.level_tables import changed_rows, rows_of, sealed, store_table
from tests.unit.wallet_core.use_cases.policing import rich, spoil
from tests.unit.wallet_core.world import ADDRESS, ITD, World, reason_of, refusal
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import Reason
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.kyc import Limit, Operation
from wallet_core.domain.level_table import KNOWN_FOR, LevelTable
from wallet_core.domain.people import Caller
from wallet_core.domain.record import Target
from wallet_core.use_cases import confirm_send as sending
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.level_tables import known_levels
from wallet_core.use_cases.limits import limits_today
from wallet_core.use_cases.quote_purchase import quote_purchase
from wallet_core.use_cases.quote_send import quote_send
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.show_limits import show_limits

DELAY = timedelta(seconds=61)


async def limit_of(world: World, level: int, operation: Operation) -> Limit:
    return (await limits_today(world.ports)).version.limit(level, operation)


async def unsound(world: World) -> Reason:
    return await reason_of(known_levels(world.ports, world.clock()))


# What counts, wherever a limit is taken


async def test_sending_goes_by_the_table_and_by_each_persons_level(world: World, owner: Caller) -> None:
    await store_table(world.ports, rows_of({1: 2, 2: 3, 3: 4}))
    alice, bob = await rich(world, 1), await world.person(2)
    await world.post(changes=(_level(bob.person, 3),))

    async def send() -> None:
        quote = await quote_send(world.ports, alice, "1", "@user2")
        await confirm_send(world.ports, alice, quote.intent.id, await world.code(alice))

    for level in (1, 2):
        await world.post(changes=(_level(alice.person, level),))
        for _ in range(2 if level == 1 else 1):
            await send()
        refused = await refusal(send())
        assert (refused.reason, refused.facts["limit_count"]) == (Reason.LIMIT_COUNT, level + 1)
        assert refused.facts["next_level_count"] == level + 2


async def test_a_withdrawal_keeps_the_table_that_judged_it(world: World, owner: Caller) -> None:
    await store_table(world.ports, changed_rows("1 payout 3 40"))
    alice = await rich(world, 1)
    refused = await refusal(quote_withdrawal(world.ports, alice, "40.000001", "ETH", ADDRESS))
    assert (refused.facts["policy"], refused.facts["numbers"]["limit_minor"]) == ("daily_limit", 40 * ITD)
    quote = await quote_withdrawal(world.ports, alice, "40", "ETH", ADDRESS)
    assert quote.remaining.amount_minor == 0


@pytest.mark.parametrize(
    ("table", "reason", "operation"),
    [
        ("1 eth 0 500", Reason.LIMIT_COUNT, Operation.PURCHASE_ETH),
        ("1 eth 5 9", Reason.LIMIT_AMOUNT, Operation.PURCHASE_ETH),
        ("1 purchase 5 9", Reason.LIMIT_AMOUNT, Operation.PURCHASE),
        ("1 btc 0 0", None, None),
    ],
)
async def test_a_purchase_takes_both_limits(
    world: World, owner: Caller, table: str, reason: Reason | None, operation: Operation | None
) -> None:
    await store_table(world.ports, changed_rows(table))
    alice = await rich(world, 1)
    call = quote_purchase(world.ports, alice, "10", "ETH")
    if reason is None:
        assert (await call).remaining.count == 4
        return
    refused = await refusal(call)
    assert (refused.reason, refused.facts["operation"]) == (reason, operation)


async def test_a_send_on_what_was_read_too_long_ago_is_decided_anew(
    world: World, owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was stopped for a minute between reading the table and posting."""
    alice, _bob = await rich(world, 1), await world.person(2)
    quote = await quote_send(world.ports, alice, "1", "@user2")
    reads = []

    async def slow(ports: Any) -> Any:
        limits = await limits_today(ports)
        reads.append(limits)
        if len(reads) == 1:
            world.clock.turn(seconds=KNOWN_FOR.total_seconds())
        return limits

    monkeypatch.setattr(sending, "limits_today", slow)
    await confirm_send(world.ports, alice, quote.intent.id, await world.code(alice))
    assert len(reads) == 2


async def test_a_send_at_the_days_turn_is_taken_from_the_new_day(
    world: World, owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, _bob = await rich(world, 1), await world.person(2)
    midnight = (await limits_today(world.ports)).when.ends_at
    world.clock.now = midnight - timedelta(seconds=31)
    quote = await quote_send(world.ports, alice, "1", "@user2")
    code, days = await world.code(alice), list[str]()

    async def over_midnight(ports: Any) -> Any:
        limits = await limits_today(ports)
        days.append(limits.when.day)
        world.clock.now = midnight
        return limits

    monkeypatch.setattr(sending, "limits_today", over_midnight)
    await confirm_send(world.ports, alice, quote.intent.id, code)
    assert days == ["2026-11-22", "2026-11-23"]
    assert set((await world.guards(alice)).limits) == {"2026-11-23"}


def _level(person: int, level: int) -> ChangeGuards:
    return ChangeGuards(person, lambda guards, _now: guards.with_(level=level))


# Tampering


@pytest.mark.parametrize(
    "fields",
    [
        {"rows": [row.model_dump() for row in changed_rows("1 payout 100 100000")]},
        {"note": "harmless"},
        {"approved_by": 92},
        {"mac": ""},
    ],
)
async def test_what_is_written_into_a_table_stops_what_takes_limits_and_alarms_the_owners_once(
    world: World, owner: Caller, fields: dict[str, Any]
) -> None:
    alice, _bob = await rich(world, 1), await world.person(2)
    quote = await quote_send(world.ports, alice, "1", "@user2")
    await store_table(world.ports, changed_rows("1 payout 3 240"))
    spoil(world, LevelTable, 1, **fields)
    before = await world.money(alice)
    for call in (
        confirm_send(world.ports, alice, quote.intent.id, await world.code(alice)),
        quote_send(world.ports, alice, "1", "@user2"),
        quote_withdrawal(world.ports, alice, "10", "ETH", ADDRESS),
        quote_purchase(world.ports, alice, "10", "ETH"),
        show_limits(world.ports, alice),
    ):
        assert await reason_of(call) is Reason.LEVELS_UNSOUND
    assert await world.money(alice) == before
    alarms = await world.memory.find(OutboxMessage, {"template": "alarm"})
    assert [(m.person, m.facts["alarm"]) for m in alarms] == [(owner.person, "levels_unsound")]


async def test_a_table_that_was_swapped_for_an_earlier_one_or_deleted_is_missed(world: World, owner: Caller) -> None:
    for count in (4, 3):
        await store_table(world.ports, changed_rows(f"1 payout {count} 240"))
    sound = dict(world.memory.documents)
    del world.memory.documents[Target("level_tables", 2)]
    assert await unsound(world) is Reason.LEVELS_UNSOUND
    world.memory.documents = dict(sound)
    assert await limit_of(world, 1, Operation.PAYOUT) == Limit(3, 240 * ITD)
    spoil(world, LevelTable, 2, **{k: v for k, v in sound[Target("level_tables", 1)].items() if k != "_id"})
    assert await unsound(world) is Reason.LEVELS_UNSOUND
    for number in (1, 2):
        del world.memory.documents[Target("level_tables", number)]
    assert await unsound(world) is Reason.LEVELS_UNSOUND


async def test_the_table_that_counts_until_the_next_begins_is_missed_too(world: World, owner: Caller) -> None:
    for count in (4, 3):
        await store_table(world.ports, changed_rows(f"1 payout {count} 240"))
    await store_table(world.ports, changed_rows("1 payout 5 240"), DELAY)
    assert await limit_of(world, 1, Operation.PAYOUT) == Limit(3, 240 * ITD)
    del world.memory.documents[Target("level_tables", 2)]
    assert await unsound(world) is Reason.LEVELS_UNSOUND
    del world.memory.documents[Target("level_tables", 1)]
    assert await unsound(world) is Reason.LEVELS_UNSOUND
    world.clock.turn(seconds=DELAY.total_seconds())
    assert await limit_of(world, 1, Operation.PAYOUT) == Limit(5, 240 * ITD)


async def test_nobody_brings_the_beginning_of_a_table_forward_or_puts_it_off(world: World, owner: Caller) -> None:
    table = await store_table(world.ports, changed_rows("1 payout 5 240"), DELAY)
    for begins_at in (world.clock(), table.begins_at + timedelta(days=365)):
        spoil(world, LevelTable, 1, begins_at=begins_at)
        assert await unsound(world) is Reason.LEVELS_UNSOUND


async def test_a_table_of_a_newer_program_is_not_guessed_at(world: World, owner: Caller) -> None:
    rows = changed_rows("1 payout 5 240")
    newer = (rows[0].model_copy(update={"operation": "lend"}), *rows[1:])
    table = sealed(world.ports, 1, newer, world.clock(), world.clock())
    world.memory.documents[Target("level_tables", 1)] = table.document()
    assert await unsound(world) is Reason.LEVELS_UNSOUND
