"""History, statement and daily balances on the real MongoDB: complete, in order, and no dearer in a long journal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from tests.support.wallet import ITD, Wallet, open_wallet
from wallet_core.adapters.mongo.store import MongoStore
from wallet_core.domain.accounts import Side, available, held
from wallet_core.domain.history import KINDS, Filter, Topic, kinds_of
from wallet_core.domain.journal import JournalRecord, place_of
from wallet_core.domain.ledger import Posting, credit, debit
from wallet_core.domain.movements import sent
from wallet_core.domain.people import Caller
from wallet_core.ports import After, Between, Ports, Some
from wallet_core.use_cases.daily_balances import daily_balances
from wallet_core.use_cases.journal_pages import PAGE_SIZE, Towards
from wallet_core.use_cases.show_history import show_history
from wallet_core.use_cases.statement import statement

RECORDS = 2_400
OF_TOPIC = {Topic.PURCHASES: "purchase_pending", Topic.WITHDRAWALS: "batch_formed", Topic.ACCOUNT: "person_frozen"}


@pytest.fixture(scope="module")
async def books(mongo_uri: str) -> AsyncIterator[tuple[Wallet, Caller]]:
    """Somebody's long life, written by two processes at once in many groups; the rare things are in its middle."""
    name = "test_reading"
    async with open_wallet(mongo_uri, name) as one, open_wallet(mongo_uri, name) as other:
        try:
            anna, ben = await one.person(5_000), await one.person(5_000)
            rare = [audit(kind, n, anna) for kind in OF_TOPIC.values() for n in range(PAGE_SIZE + 1)]
            await lively(one, other, anna, ben, range(RECORDS // 2))
            await one.ports.ledger.post_many(rare)
            await lively(one, other, anna, ben, range(RECORDS // 2, RECORDS))
            yield one, anna
        finally:
            await one.database.client.drop_database(name)


async def lively(one: Wallet, other: Wallet, anna: Caller, ben: Caller, numbers: range) -> None:
    """Many payments, half of them by each of two processes."""
    await asyncio.gather(
        one.ports.ledger.post_many([payment(n, anna, ben) for n in numbers[::2]]),
        other.ports.ledger.post_many([payment(n, anna, ben) for n in numbers[1::2]]),
    )


def audit(kind: str, number: int, person: Caller) -> Posting:
    return Posting(f"{kind}:{number}", kind, "test", people=(person.person,))


def payment(number: int, anna: Caller, ben: Caller) -> Posting:
    """Mostly from Anna to Ben, sometimes back, and sometimes Anna's money is set aside or given back."""
    match number % 8:
        case 0:
            entries = sent(ben.person, anna.person, ITD // 7, 0)
        case 1:
            entries = (debit(available(anna.person), ITD), credit(held(anna.person), ITD))
        case 2:
            entries = (debit(held(anna.person), ITD // 2), credit(available(anna.person), ITD // 2))
        case _:
            entries = sent(anna.person, ben.person, ITD // 9, 0)
    return Posting(f"payment:{number}", "sent", "test", entries=entries)


class Finds(CommandListener):
    """Every ``find`` on the journal that a client sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Notes the part of the command that decides what is read."""
        if event.command_name == "find" and event.command["find"] == JournalRecord.collection:
            self.sent.append({part: event.command[part] for part in ("find", "filter", "sort", "limit")})

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Not needed."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Not needed."""


@asynccontextmanager
async def explained(uri: str, wallet: Wallet) -> AsyncIterator[tuple[Ports, list[dict[str, Any]]]]:
    """Ports whose readings of the journal are explained by the database afterwards, into the list."""
    finds, stats = Finds(), list[dict[str, Any]]()
    async with AsyncMongoClient[dict[str, Any]](uri, tz_aware=True, event_listeners=[finds]) as client:
        yield replace(wallet.ports, store=MongoStore(client[wallet.database.name])), stats
    for command in finds.sent:
        told = await wallet.database.command("explain", command, verbosity="executionStats")
        stats.append(told["executionStats"])


async def records_of(wallet: Wallet, person: Caller) -> list[JournalRecord]:
    """The person's records, the newest first, read without any paging."""
    everything = [record async for record in wallet.ports.store.scan(JournalRecord, {"people": person.person})]
    return sorted(everything, key=lambda record: (-record.place, record.id))


def belongs(record: JournalRecord, shown: Filter, person: Caller) -> bool:
    spendable = {entry.side for entry in record.entries if entry.account == available(person.person).id}
    match shown:
        case Filter.ALL:
            return True
        case Filter.IN | Filter.OUT:
            return (Side.CREDIT if shown is Filter.IN else Side.DEBIT) in spendable
    return record.kind in kinds_of(Topic(shown))


@pytest.mark.parametrize("towards", Towards)
@pytest.mark.parametrize("shown", Filter)
async def test_walking_shows_every_record_once_and_in_order(
    books: tuple[Wallet, Caller], shown: Filter, towards: Towards
) -> None:
    wallet, anna = books
    is_older = towards is Towards.OLDER
    page = await show_history(wallet.ports, anna, shown, towards)
    pages = [page]
    while (place := page.older if is_older else page.newer) is not None:
        page = await show_history(wallet.ports, anna, shown, towards, place)
        pages.append(page)
    keys = [row.key for page in (pages if is_older else reversed(pages)) for row in page.rows]
    wanted = [record.id for record in await records_of(wallet, anna) if belongs(record, shown, anna)]
    assert len(wanted) > PAGE_SIZE and keys == wanted


async def test_the_times_of_the_records_of_two_processes_are_in_the_order_of_their_balances(
    books: tuple[Wallet, Caller],
) -> None:
    wallet, anna = books
    records = (await records_of(wallet, anna))[::-1]
    writers = {record.group.partition(":")[0] for record in records if record.entries}
    assert len(writers) >= 2
    balance = 0
    for record in records:
        for entry in record.entries:
            if entry.account == available(anna.person).id:
                balance += entry.amount_minor if entry.side is Side.CREDIT else -entry.amount_minor
                assert entry.after_minor == balance


@pytest.mark.parametrize("shown", Filter)
async def test_a_page_reads_a_pages_worth_of_records_however_long_the_journal_is(
    books: tuple[Wallet, Caller], mongo_uri: str, shown: Filter
) -> None:
    wallet, anna = books
    records = [record for record in await records_of(wallet, anna) if belongs(record, shown, anna)]
    middle = records[len(records) // 2].place
    async with explained(mongo_uri, wallet) as (ports, stats):
        for towards in Towards:
            for place in (None, middle):
                await show_history(ports, anna, shown, towards, place)
    assert len(stats) >= 4 and len(records) > PAGE_SIZE
    for stat in stats:
        # Where nearly all records belong to a filter, the planner passes over the few others.
        assert stat["totalDocsExamined"] <= 2 * PAGE_SIZE
        assert stat["totalKeysExamined"] <= PAGE_SIZE + 1 + 2 * len(KINDS)


async def test_the_balance_of_a_day_is_one_record_however_long_the_journal_is(
    books: tuple[Wallet, Caller], mongo_uri: str
) -> None:
    wallet, anna = books
    async with explained(mongo_uri, wallet) as (ports, stats):
        days = await daily_balances(ports, anna, 30)
    assert days[-1].balance_minor == sum(await wallet.balance(anna)) and days[0].balance_minor == 0
    assert len(stats) == 2 * 30
    assert max(stat["totalDocsExamined"] for stat in stats) == 1


async def test_a_statement_reads_its_range_and_one_record_before_it_for_each_account(
    books: tuple[Wallet, Caller], mongo_uri: str
) -> None:
    wallet, anna = books
    moving = [record for record in await records_of(wallet, anna) if record.entries][::-1]
    start, end = moving[RECORDS // 3].at, moving[RECORDS // 2].at
    assert start < end
    async with explained(mongo_uri, wallet) as (ports, stats):
        made = await statement(ports, anna, start, end)
    wanted = [record for record in moving if place_of(start) <= record.place < place_of(end)]
    assert list(dict.fromkeys(line.reference for line in made.lines)) == [record.id for record in wanted]
    assert made.movements == len(wanted) > 0
    assert sum(stat["totalDocsExamined"] for stat in stats) <= made.movements + 2
    before = [record for record in moving if record.place < place_of(start)]
    assert made.opening_minor == {name: balance_after(before, anna, name) for name in ("available", "held")}


def balance_after(records: list[JournalRecord], person: Caller, name: str) -> int:
    account = {"available": available, "held": held}[name](person.person).id
    signs = {Side.CREDIT: 1, Side.DEBIT: -1}
    return sum(signs[e.side] * e.amount_minor for record in records for e in record.entries if e.account == account)


async def test_the_statement_of_a_whole_life_ends_at_the_cached_balance(books: tuple[Wallet, Caller]) -> None:
    wallet, anna = books
    now = await wallet.ports.store.now()
    made = await statement(wallet.ports, anna, now - timedelta(days=1), now + timedelta(days=1))
    assert made.opening_total_minor == 0
    assert tuple(made.closing_minor.values()) == await wallet.balance(anna)
    assert sum(line.change_minor for line in made.lines) == made.closing_total_minor


async def test_a_movement_at_the_start_is_in_the_range_and_one_at_the_end_is_not(wallet: Wallet) -> None:
    anna, ben = await wallet.person(10), await wallet.person()
    ats = []
    for number in range(3):
        entries = sent(anna.person, ben.person, ITD, 0)
        ats.append((await wallet.ports.ledger.post(Posting(f"edge:{number}", "sent", "test", entries=entries))).at)
    made = await statement(wallet.ports, anna, ats[0], ats[2])
    assert [line.reference for line in made.lines] == ["edge:0", "edge:1"]
    assert (made.opening_total_minor, made.closing_total_minor) == (10 * ITD, 8 * ITD)
    after = await statement(wallet.ports, anna, ats[2], ats[2] + timedelta(milliseconds=1))
    assert [line.reference for line in after.lines] == ["edge:2"]


async def test_the_store_knows_bounds_and_elements_of_lists(wallet: Wallet) -> None:
    anna = await wallet.person(10)
    record = (await records_of(wallet, anna))[0]
    mine, place, store = {"people": anna.person}, record.place, wallet.ports.store
    assert await store.count(JournalRecord, {**mine, "place": After(place - 1)}) == 1
    assert await store.count(JournalRecord, {**mine, "place": After(place)}) == 0
    assert await store.count(JournalRecord, {**mine, "place": Between(place, place + 1)}) == 1
    assert await store.count(JournalRecord, {**mine, "place": Between(place - 1, place)}) == 0
    for side, count in ((Side.CREDIT, 1), (Side.DEBIT, 0)):
        there = Some({"account": available(anna.person).id, "side": side})
        assert await store.count(JournalRecord, {"entries": there}) == count
