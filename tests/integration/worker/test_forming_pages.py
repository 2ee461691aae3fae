"""The queue is read and admitted page by page: nobody is passed over, and one in a page harms none of the others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from payout_worker.steps import admission, form_batch
from payout_worker.steps.form_batch import queued
from tests.faults.coin_chain import open_chain
from tests.faults.world import World, open_world
from tests.integration.worker.inside import Inside
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import InvariantViolated, Unavailable
from wallet_core.domain.guards import frozen
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.ports import Ports
from wallet_core.use_cases.cancel_withdrawal import cancel_withdrawal
from wallet_core.use_cases.policy_facts import policy_facts_of

BITCOIN = pytest.mark.parametrize("asset", [Asset.BTC])
RIVAL = 50
PAGE = 4

Facts = Callable[[Ports, Sequence[Withdrawal]], Awaitable[dict[str, Any]]]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_batch, "_PAGE", PAGE)


@pytest.fixture
def when_asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[Facts], None]:
    """Puts something before the reading of what the policies look at."""

    def put(facts: Facts) -> None:
        monkeypatch.setattr(admission, "policy_facts_of", facts)

    return put


@pytest.fixture
async def empty_world(
    mongo_uri: str, database_name: str, asset: Asset, tmp_path: Path, premined: Path
) -> AsyncIterator[World]:
    async with (
        open_chain(asset, tmp_path, premined) as chain,
        open_world(mongo_uri, database_name, chain, tmp_path) as made,
    ):
        yield made


async def _cancel(world: World, withdrawal: Withdrawal) -> None:
    await cancel_withdrawal(world.ports, Caller(RIVAL), withdrawal.id)


async def _freeze(world: World, withdrawal: Withdrawal) -> None:
    await world.ports.ledger.post(Posting("test:freeze", "freeze", "test", changes=(frozen(RIVAL, "test"),)))


async def _change(world: World, withdrawal: Withdrawal) -> None:
    await _set(world, withdrawal, coin_minor=withdrawal.coin_minor + 1)


async def _set(world: World, withdrawal: Withdrawal, **fields: Any) -> None:
    moved = Move(Withdrawal, withdrawal.id, frozenset(PayoutState), withdrawal.state, fields)
    await world.ports.ledger.post(Posting(f"test:{withdrawal.id}", "set", "test", changes=(moved,)))


async def _middle_of_a_page(world: World) -> tuple[list[Withdrawal], Withdrawal]:
    """Two pages and a half, and one of another person's in the midst of the second."""
    before = await world.queue(PAGE + 1)
    (one,) = await world.queue(1, person=RIVAL)
    return [*before, *await world.queue(PAGE)], one


async def test_every_page_goes_on_where_the_one_before_it_ended(inside: Inside, world: World) -> None:
    at = await world.ports.store.now() - timedelta(minutes=1)
    for count in range(2 * PAGE + 2):
        pages = [page async for page in queued(inside.ports)]
        there = await world.ports.store.find(Withdrawal, {}, order_by=("created_at", "_id"))
        assert [payout.id for page in pages for payout in page] == [payout.id for payout in there]
        assert [len(page) for page in pages] == [min(PAGE, count - start) for start in range(0, count, PAGE)]
        (one,) = await world.queue(1)
        # Some of them came at the same moment, also across the border of a page.
        await _set(world, one, created_at=at + timedelta(seconds=count // 3))


async def test_who_leaves_the_queue_between_two_pages_hides_nobody(inside: Inside, world: World) -> None:
    payouts = await world.queue(3 * PAGE)
    seen = list[str]()
    async for page in queued(inside.ports):
        seen += [payout.id for payout in page]
        for payout in page[:2]:
            await _set(world, payout, state=PayoutState.CANCELLED)
    assert sorted(seen) == sorted(payout.id for payout in payouts)


@BITCOIN
@pytest.mark.parametrize("leave", [_cancel, _freeze, _change])
@pytest.mark.parametrize("late", [False, True], ids=["before", "while it is admitted"])
async def test_one_in_the_middle_of_a_page_is_left_out_alone(
    inside: Inside,
    world: World,
    when_asked: Callable[[Facts], None],
    leave: Callable[[World, Withdrawal], Awaitable[None]],
    late: bool,
) -> None:
    await world.person(100, person=RIVAL)
    others, one = await _middle_of_a_page(world)
    left = list[str]()

    async def facts_of(ports: Ports, withdrawals: Sequence[Withdrawal]) -> dict[str, Any]:
        facts = await policy_facts_of(ports, withdrawals)
        if one.id in facts and not left:
            left.append(one.id)
            await leave(world, one)
        return facts

    if late:
        when_asked(facts_of)
    else:
        await leave(world, one)
    await inside.pay()
    (batch,) = await inside.batches()
    assert set(batch.payouts) == {payout.id for payout in others}


@BITCOIN
async def test_one_whose_facts_cannot_be_read_is_stopped_alone(
    inside: Inside, world: World, when_asked: Callable[[Facts], None]
) -> None:
    await world.person(0, person=7, role=Role.OWNER)
    await world.person(100, person=RIVAL)
    others, one = await _middle_of_a_page(world)

    async def facts_of(ports: Ports, withdrawals: Sequence[Withdrawal]) -> dict[str, Any]:
        if one.id in {withdrawal.id for withdrawal in withdrawals}:
            raise InvariantViolated("broken")
        return await policy_facts_of(ports, withdrawals)

    when_asked(facts_of)
    await inside.pay()
    assert (await world.states(*others))[PayoutState.BATCHED] == len(others)
    assert [alarm.facts["subject"].split()[0] for alarm in await inside.told("alarm")] == [one.id]


@BITCOIN
async def test_a_stop_ends_the_look_between_two_pages(
    inside: Inside, world: World, when_asked: Callable[[Facts], None]
) -> None:
    await world.queue(3 * PAGE)
    asked = list[int]()

    async def facts_of(ports: Ports, withdrawals: Sequence[Withdrawal]) -> dict[str, Any]:
        asked.append(len(withdrawals))
        inside.payouts._stop.name = "SIGTERM"
        return await policy_facts_of(ports, withdrawals)

    when_asked(facts_of)
    await inside.pay()
    assert (asked, await inside.batches()) == ([PAGE], [])
    inside.payouts._stop.name = None
    # No part of the queue was forgotten.
    when_asked(policy_facts_of)
    await inside.payouts.run_pass(inside.tenure)
    assert (await world.states())[PayoutState.BATCHED] == 3 * PAGE


@BITCOIN
async def test_what_is_too_much_at_once_for_the_database_is_formed_in_smaller_batches(
    inside: Inside, world: World
) -> None:
    payouts = await world.queue(2 * PAGE)
    real, most, sizes = inside.ports.ledger.post, 3, list[int]()

    async def post(posting: Posting) -> Any:
        if posting.kind == "batch_formed":
            sizes.append(posting.facts["payouts"])
            if sizes[-1] > most:
                raise Unavailable("the ledger does not answer")
        return await real(posting)

    inside.ports.ledger.post = post  # type: ignore[method-assign]  # of a port of this test's own
    while (await world.states(*payouts))[PayoutState.BATCHED] < len(payouts):
        with suppress(Unavailable):
            await inside.pay()
    # Halved until it is taken, then larger by a quarter each time.
    assert sizes == [8, 4, 2, 3, 3]


async def test_facts_that_are_read_together_are_those_that_are_read_alone(inside: Inside, world: World) -> None:
    await world.person(100, person=RIVAL)
    first = await world.queue(2)
    again = await world.queue(1, address=first[0].address)
    # Somebody else's, and one that was taken back, make an address no older.
    await world.queue(1, person=RIVAL, address=first[1].address)
    await _set(world, first[0], state=PayoutState.CANCELLED)
    strange = first[0].model_copy(update={"id": "strange", "person": 51})
    asked = [*first, *again, strange]
    together = await policy_facts_of(world.ports, asked)
    for one in asked:
        alone = (await policy_facts_of(world.ports, [one]))[one.id]
        assert together[one.id] == alone.model_copy(update={"now": together[one.id].now})
