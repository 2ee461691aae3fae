"""Limits of a day, from several processes at once: exactly as many as are allowed, whatever changes meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.integration.core.limit_rivals import Books, Rivals, books_of, started
from tests.support import limit_bugs, set_clock
from tests.support.level_tables import changed_rows, store_table
from tests.support.limit_rival import TAKEN, Order
from tests.support.roles import give_level
from tests.support.wallet import ELSEWHERE, Wallet
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.errors import Refused
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.kyc import LEVELS, Operation
from wallet_core.domain.ledger import Posting
from wallet_core.domain.level_table import KNOWN_FOR, Rows
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.use_cases.cancel_withdrawal import cancel_withdrawal
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.limits import today
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal

REQUESTS, ALLOWED = 100, 3
#: Enough for a planted bug: all that it lets through fight for the same next address.
FEW = 24
#: What a table begins in here: while a request is under way that was read before.
SOON = KNOWN_FOR / 2
OTHERS = 8
#: Of the ways to pay one is enough where everything is run, since they are all taken alike.
_SEEN_ALREADY = frozenset({Operation.PURCHASE_BTC, Operation.PURCHASE_LTC})


def each_operation(*quick: Operation) -> pytest.MarkDecorator:
    """Every operation; those that are not quick are left to the campaign."""
    marks = {operation: () if operation in quick else (pytest.mark.campaign,) for operation in Operation}
    return pytest.mark.parametrize("operation", [pytest.param(each, marks=marks[each]) for each in Operation])


@pytest.fixture(scope="module")
async def rivals(mongo_uri: str) -> AsyncIterator[Rivals]:
    """The processes, started once."""
    async with started(mongo_uri) as made:
        yield made


@pytest.fixture
async def town(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> Wallet:
    """A wallet whose clock is set, and that sells for everything."""
    set_clock.install(monkeypatch)
    await set_clock.reset(wallet.database)
    for asset in (Asset.BTC, Asset.LTC, Asset.USD):
        await _post(wallet, Insert(Rail(id=asset, genesis="00", watched_through=100_000)))
    await _post(wallet, Move(Rail, Asset.ETH, frozenset(RailState), RailState.RUNNING, {"watched_through": 100_000}))
    return wallet


async def _post(wallet: Wallet, *changes: object) -> None:
    await wallet.ports.ledger.post(Posting(f"test:{new_id()}", "test", "test", changes=changes))


async def order_for(wallet: Wallet, operation: Operation, *, tasks: int, again: bool = False, bug: str = "") -> Order:
    """Somebody of level 1 whose limit it is, and people of level 3 whom they deal with."""
    person = await wallet.person(1_000)
    others = [await wallet.person(1_000, level=3) for _ in range(OTHERS)]
    for one in (person, *others):
        await _post(wallet, ChangeGuards(one.person, lambda guards, now: guards.with_(code_at=now)))
    return Order(
        wallet.database.name,
        operation,
        person.person,
        tuple(other.person for other in others),
        tasks=tasks,
        again=again,
        bug=bug,
    )


def allowing(operation: Operation, first: int, second: int) -> Rows:
    """So many at level 1 and at level 2, and enough of everything else."""
    enough = [f"{level} {other} 10000 100000" for level in LEVELS for other in Operation if other is not operation]
    own = (f"1 {operation} {first} 100000", f"2 {operation} {second} 100000", f"3 {operation} 10000 100000")
    return changed_rows(*enough, *own)


async def _raise_level(wallet: Wallet, person: int, level: int) -> None:
    await give_level(wallet.ports, person, level)


async def _to_next_day(wallet: Wallet) -> str:
    """Puts the clock over the day's turn while requests are under way; the new day."""
    when = await today(wallet.ports)
    await set_clock.turn(wallet.database, when.ends_at - when.now)
    return (await today(wallet.ports)).day


async def _of(wallet: Wallet, order: Order) -> Books:
    return await books_of(wallet, order.person, Operation(order.operation))


# A hundred at once


@each_operation(*(set(Operation) - _SEEN_ALREADY))
async def test_a_hundred_at_once_at_a_limit_of_three_are_three(
    town: Wallet, rivals: Rivals, operation: Operation
) -> None:
    await store_table(town.ports, allowing(operation, ALLOWED, 5))
    order = await order_for(town, operation, tasks=REQUESTS)
    outcomes = await rivals.once(order)
    books = await _of(town, order)
    assert (outcomes[TAKEN,], outcomes.total()) == (ALLOWED, REQUESTS), outcomes
    assert (len(books.taken), books.problems(ALLOWED)) == (ALLOWED, [])


# What changes in the middle


@each_operation(Operation.SEND)
async def test_exactly_the_limit_across_the_days_turn_and_changes_of_level_and_table(
    town: Wallet, rivals: Rivals, operation: Operation
) -> None:
    """All the while every process asks without a pause; each change comes while requests are under way."""
    await store_table(town.ports, allowing(operation, 3, 5))
    order = await order_for(town, operation, tasks=2, again=True)
    first = (await today(town.ports)).day
    async with rivals.asking(order):
        await rivals.used_up(order)
        assert (await _of(town, order)).by_day == {first: 3}
        second = await _to_next_day(town)
        await rivals.used_up(order)
        assert (await _of(town, order)).by_day == {first: 3, second: 3}
        await _raise_level(town, order.person, 2)
        await rivals.used_up(order)
        assert (await _of(town, order)).by_day == {first: 3, second: 5}
        raised = await store_table(town.ports, allowing(operation, 3, 7), SOON)
        await rivals.used_up(order)
        assert (await _of(town, order)).by_day == {first: 3, second: 5}, "a table that lies ahead does not count"
        await set_clock.turn(town.database, SOON)
        await rivals.used_up(order)
        assert (await _of(town, order)).by_day == {first: 3, second: 7}
        await store_table(town.ports, allowing(operation, 1, 2), SOON)
        await set_clock.turn(town.database, SOON)
        await _raise_level(town, order.person, 1)
        await rivals.used_up(order)
        third = await _to_next_day(town)
        await rivals.used_up(order)
        await _raise_level(town, order.person, 2)
        await rivals.used_up(order)
    books = await _of(town, order)
    assert books.by_day == {first: 3, second: 7, third: 2}
    assert books.before(raised.begins_at, second) == 5
    assert books.problems(7) == []


async def test_what_is_given_back_after_the_days_turn_goes_to_the_day_it_was_taken_from(town: Wallet) -> None:
    await store_table(town.ports, allowing(Operation.PAYOUT, 2, 5))
    anna = await town.person(1_000)

    async def ask() -> Withdrawal:
        quote = await quote_withdrawal(town.ports, anna, "1", "ETH", ELSEWHERE)
        return await request_withdrawal(town.ports, anna, quote.intent.id, await town.code(anna))

    old = [await ask() for _ in range(2)]
    first, second = (await today(town.ports)).day, await _to_next_day(town)
    new = await ask()
    await cancel_withdrawal(town.ports, anna, old[0].id)
    assert (await books_of(town, anna.person, Operation.PAYOUT)).counted == {first: 1, second: 1}
    await ask()
    with pytest.raises(Refused):
        await ask()
    await cancel_withdrawal(town.ports, anna, new.id)
    await ask()
    assert (await books_of(town, anna.person, Operation.PAYOUT)).counted == {first: 1, second: 2}


# Planted bugs, each of which the same look finds


@pytest.mark.parametrize("bug", [limit_bugs.CHECKED_BEFORE, limit_bugs.COUNTED_BESIDE])
async def test_planted_a_limit_that_is_not_taken_in_the_posting_is_exceeded(
    town: Wallet, rivals: Rivals, bug: str
) -> None:
    await store_table(town.ports, allowing(Operation.SEND, ALLOWED, 5))
    order = await order_for(town, Operation.SEND, tasks=FEW, bug=bug)
    outcomes = await rivals.once(order)
    books = await _of(town, order)
    assert outcomes[TAKEN,] == len(books.taken) > ALLOWED
    assert f"where {ALLOWED} are allowed" in " ".join(books.problems(ALLOWED))


@pytest.mark.campaign
@pytest.mark.parametrize("bug", [limit_bugs.CHECKED_BEFORE, limit_bugs.COUNTED_BESIDE])
@pytest.mark.parametrize("operation", [each for each in Operation if each is not Operation.SEND])
async def test_planted_the_same_of_every_operation(
    town: Wallet, rivals: Rivals, operation: Operation, bug: str
) -> None:
    await store_table(town.ports, allowing(operation, ALLOWED, 5))
    order = await order_for(town, operation, tasks=FEW, bug=bug)
    assert (await rivals.once(order))[TAKEN,] > ALLOWED
    assert (await _of(town, order)).problems(ALLOWED) != []


@pytest.mark.campaign
async def test_planted_a_day_by_the_machines_clock_misses_the_days_turn(town: Wallet, rivals: Rivals) -> None:
    await store_table(town.ports, allowing(Operation.SEND, ALLOWED, 5))
    order = await order_for(town, Operation.SEND, tasks=2, again=True, bug=limit_bugs.MACHINES_DAY)
    first = (await today(town.ports)).day
    async with rivals.asking(order):
        await rivals.used_up(order)
        await _to_next_day(town)
        await rivals.used_up(order)
    assert (await _of(town, order)).by_day == {first: ALLOWED}, "nothing on the new day"


@pytest.mark.campaign
async def test_planted_a_day_by_a_machines_clock_that_is_ahead_gives_the_limit_twice(
    town: Wallet, rivals: Rivals
) -> None:
    """The database's day began a day ago by what the machine says: two days' limits are taken on one."""
    await store_table(town.ports, allowing(Operation.SEND, ALLOWED, 5))
    order = await order_for(town, Operation.SEND, tasks=FEW, bug=limit_bugs.MACHINES_DAY)
    await _to_next_day(town)
    await rivals.once(order)
    assert any("is not on" in problem for problem in (await _of(town, order)).problems(ALLOWED))


@pytest.mark.campaign
async def test_planted_a_table_that_is_read_once_is_never_another(town: Wallet, rivals: Rivals) -> None:
    await store_table(town.ports, allowing(Operation.SEND, ALLOWED, 5))
    order = await order_for(town, Operation.SEND, tasks=2, again=True, bug=limit_bugs.READ_ONCE)
    async with rivals.asking(order):
        await rivals.used_up(order)
        await store_table(town.ports, allowing(Operation.SEND, 5, 5), SOON)
        await set_clock.turn(town.database, 2 * KNOWN_FOR)
        await rivals.used_up(order)
    assert len((await _of(town, order)).taken) == ALLOWED, "and not five"


@pytest.mark.campaign
async def test_planted_a_level_that_is_remembered_is_never_another(town: Wallet, rivals: Rivals) -> None:
    await store_table(town.ports, allowing(Operation.SEND, ALLOWED, 5))
    order = await order_for(town, Operation.SEND, tasks=2, again=True, bug=limit_bugs.LEVEL_REMEMBERED)
    async with rivals.asking(order):
        await rivals.used_up(order)
        await _raise_level(town, order.person, 2)
        await rivals.used_up(order)
    assert len((await _of(town, order)).taken) == ALLOWED, "and not five"
