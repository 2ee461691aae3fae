"""Shares of several workers: they become even, nothing goes to and fro, and nothing goes to who could not serve it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payout_worker.lease import LeaseKeeper
from payout_worker.share import Share
from payout_worker.tenure import Tenure
from wallet_core.adapters.in_memory import InMemory
from wallet_core.domain.changes import Advance
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.lease import Wish
from wallet_core.domain.purchase import Rail


@pytest.fixture
def memory() -> InMemory:
    return InMemory()


def share(memory: InMemory, worker: str, *leases: str, pause_seconds: float = 60) -> Share:
    made = Share(memory, worker, pause_seconds)
    for lease in leases:
        made.begin(lease)
    return made


@pytest.mark.parametrize(("has", "other_has", "gives"), [(3, 0, True), (2, 0, True), (1, 0, False), (2, 1, False)])
async def test_a_rail_goes_where_it_makes_shares_more_even(
    memory: InMemory, has: int, other_has: int, gives: bool
) -> None:
    ours = share(memory, "one", *"abc"[:has])
    await share(memory, "two", *"xyz"[:other_has]).wish("a")
    assert await ours.heir("a") == ("two" if gives else None)


async def test_of_several_the_one_with_the_fewest_gets_it(memory: InMemory) -> None:
    await share(memory, "two", "x").wish("a")
    await share(memory, "three").wish("a")
    assert await share(memory, "one", "a", "b", "c").heir("a") == "three"


async def test_one_at_a_time_and_then_none_for_a_while(memory: InMemory) -> None:
    ours, other = share(memory, "one", "a", "b", "c", "d"), share(memory, "two")
    for lease in "abcd":
        await other.wish(lease)
    assert await ours.heir("a") == "two"
    assert await ours.heir("b") is None
    ours.end("a")
    assert await ours.heir("b") is None
    ours.pause_seconds = 0
    assert await ours.heir("b") == "two"


async def test_an_old_wish_is_of_somebody_who_is_gone(memory: InMemory) -> None:
    long_ago = await memory.now() - timedelta(minutes=1)
    await memory.put(Wish(id="a two", lease="a", worker="two", has=0, at=long_ago))
    assert await share(memory, "one", "a", "b", "c").heir("a") is None


async def test_a_wish_that_was_taken_back_or_is_our_own_gives_nothing_away(memory: InMemory) -> None:
    ours, other = share(memory, "one", "a", "b", "c"), share(memory, "two")
    await other.wish("a")
    await other.wish_no_more("a")
    await ours.wish("a")
    assert await ours.heir("a") is None


async def test_who_cannot_serve_gives_it_to_anybody_who_can(memory: InMemory) -> None:
    ours = share(memory, "one", "a")
    assert await ours.heir("a", must_go=True) is None
    await share(memory, "two", "x", "y").wish("a")
    assert await ours.heir("a", must_go=True) == "two"


def keeper(memory: InMemory, holder: str) -> LeaseKeeper:
    return LeaseKeeper(memory, memory, "ETH:1:0x", holder, 600)


async def taken(memory: InMemory, holder: str) -> Tenure | None:
    found = await keeper(memory, holder).take()
    return found.tenure if found else None


async def test_a_lease_that_was_let_go_is_taken_at_once_and_its_last_holder_posts_nothing_more(
    memory: InMemory,
) -> None:
    first = await taken(memory, "one")
    assert first is not None and await taken(memory, "two") is None
    await keeper(memory, "one").release(first)
    with pytest.raises(Refused) as refused:
        await memory.post(first.posting("blocks_seen", "x", Advance(Rail, "ETH", "seen_height", 0, 1)))
    assert refused.value.reason is Reason.LEASE_LOST
    second = await taken(memory, "two")
    assert second is not None and second.epoch == first.epoch + 1
    with pytest.raises(Refused):
        await keeper(memory, "one").release(Tenure(first.lease, first.epoch, "one"), "three")


async def test_a_lease_that_is_meant_for_one_worker_is_taken_by_no_other(memory: InMemory) -> None:
    first = await taken(memory, "one")
    assert first is not None
    await keeper(memory, "one").release(first, "two")
    assert [await taken(memory, "one"), await taken(memory, "three")] == [None, None]
    assert await taken(memory, "two") is not None


async def test_where_its_heir_never_comes_anybody_takes_it_after_lease_seconds(memory: InMemory) -> None:
    first = await taken(memory, "one")
    assert first is not None
    await keeper(memory, "one").release(first, "two")
    impatient = LeaseKeeper(memory, memory, first.lease, "one", -1)
    again = await impatient.take()
    assert again is not None and again.own_before == first.epoch
