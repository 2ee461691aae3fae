"""The history: every record once, in order, whichever way and with whichever filter one walks it."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests.unit.wallet_core.world import ADDRESS, ITD, World, reason_of
from wallet_core.domain.errors import Reason
from wallet_core.domain.history import Filter
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.people import Caller
from wallet_core.domain.record import Target
from wallet_core.use_cases.cancel_withdrawal import cancel_withdrawal
from wallet_core.use_cases.confirm_purchase import confirm_purchase
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.journal_pages import PAGE_SIZE, Towards
from wallet_core.use_cases.quote_purchase import quote_purchase
from wallet_core.use_cases.quote_send import quote_send
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.show_history import show_history
from wallet_core.use_cases.show_record import RecordDetail, show_record


@pytest.fixture
async def alice(world: World) -> Caller:
    """Alice sent and received a lot, withdrew, bought, and froze her wallet in the end."""
    await world.open_rail()
    alice, bob = await world.person(1, "alice"), await world.person(2, "bob")
    await world.fund(alice, 1_000)
    await world.fund(bob, 100)
    for _ in range(PAGE_SIZE + 2):
        await send(world, alice, "bob", "2")
        await send(world, bob, "alice", "1")
    withdrawal = await withdraw(world, alice)
    await cancel_withdrawal(world.ports, alice, withdrawal)
    await withdraw(world, alice)
    await confirm_purchase(world.ports, alice, (await quote_purchase(world.ports, alice, "10", "ETH")).intent.id)
    await freeze(world.ports, alice)
    return alice


async def send(world: World, sender: Caller, to: str, amount: str) -> str:
    world.clock.turn(seconds=1)
    intent = (await quote_send(world.ports, sender, amount, to)).intent.id
    await confirm_send(world.ports, sender, intent, await world.code(sender))
    return f"send:{intent}"


async def withdraw(world: World, caller: Caller) -> str:
    intent = (await quote_withdrawal(world.ports, caller, "20", "ETH", ADDRESS)).intent.id
    await request_withdrawal(world.ports, caller, intent, await world.code(caller))
    return intent


def expected(world: World, person: int) -> list[JournalRecord]:
    """The person's records, the newest first, read without any paging."""
    mine = (JournalRecord.of(document) for document in audit_records(world) if person in document["people"])
    return sorted(mine, key=lambda record: (-record.place, record.id))


async def walk(world: World, caller: Caller, shown: Filter, towards: Towards) -> list[str]:
    """All keys from one end to the other, the newest first, with a check of every way back."""
    page = await show_history(world.ports, caller, shown, towards)
    pages = [page]
    while (place := page.older if towards is Towards.OLDER else page.newer) is not None:
        page = await show_history(world.ports, caller, shown, towards, place)
        pages.append(page)
    assert all(len(page.rows) <= PAGE_SIZE for page in pages)
    pages = pages if towards is Towards.OLDER else pages[::-1]
    assert pages[0].newer is None and pages[-1].older is None
    assert all(newer.older is not None and older.newer is not None for newer, older in pairwise(pages))
    return [row.key for page in pages for row in page.rows]


BELONGS: dict[Filter, Callable[[JournalRecord], bool]] = {
    Filter.ALL: lambda record: True,
    Filter.IN: lambda record: any(e.account == "ITD:person:1:available" and e.side == "credit" for e in record.entries),
    Filter.OUT: lambda record: any(e.account == "ITD:person:1:available" and e.side == "debit" for e in record.entries),
    Filter.TRANSFERS: lambda record: record.kind == "sent",
    Filter.PURCHASES: lambda record: record.kind == "invoice_issued",
    Filter.WITHDRAWALS: lambda record: record.kind.startswith("withdrawal_"),
    Filter.ACCOUNT: lambda record: record.kind in {"person_frozen", "enrolment_begun", "two_factor_enabled"},
}


@pytest.mark.parametrize("towards", Towards)
@pytest.mark.parametrize("shown", Filter)
async def test_walking_shows_every_record_once_and_in_order(
    world: World, alice: Caller, shown: Filter, towards: Towards
) -> None:
    wanted = [record.id for record in expected(world, 1) if BELONGS[shown](record)]
    assert len(wanted) >= (2 * PAGE_SIZE if shown in (Filter.ALL, Filter.TRANSFERS) else 1)
    assert await walk(world, alice, shown, towards) == wanted


async def test_newer_leads_back_to_the_page_before(world: World, alice: Caller) -> None:
    newest = await show_history(world.ports, alice)
    older = await show_history(world.ports, alice, place=newest.older)
    back = await show_history(world.ports, alice, towards=Towards.NEWER, place=older.newer)
    assert back == newest


async def test_what_happens_meanwhile_moves_no_page(world: World, alice: Caller) -> None:
    bob = Caller(2)
    first = await show_history(world.ports, bob)
    second = await show_history(world.ports, bob, place=first.older)
    await freeze(world.ports, bob)
    assert await show_history(world.ports, bob, place=first.older) == second


async def test_records_of_the_same_place_are_never_parted(world: World) -> None:
    """Processes that commit in one millisecond give records that share no account the same place."""
    alice = await world.person(1)
    for document in audit_records(world):
        document["people"] = ()
    for place in (6, *[5] * (PAGE_SIZE + 1), 4, 3):
        await world.post(people=(1,))
        audit_records(world)[-1]["place"] = place
    keys = [record.id for record in expected(world, 1)]
    newest, oldest = keys[: PAGE_SIZE + 2], keys[PAGE_SIZE + 2 :]
    first = await show_history(world.ports, alice)
    assert ([row.key for row in first.rows], first.older) == (newest, 5)
    second = await show_history(world.ports, alice, place=5)
    assert ([row.key for row in second.rows], second.older, second.newer) == (oldest, None, 4)
    upwards = await show_history(world.ports, alice, towards=Towards.NEWER)
    assert [row.key for row in upwards.rows] == keys[1:] and upwards.newer == 5


def audit_records(world: World) -> list[dict[str, Any]]:
    """The journal as it is stored, in the order of posting."""
    return [d for target, d in world.memory.documents.items() if target.collection == JournalRecord.collection]


async def test_a_place_beyond_the_end_shows_nothing_and_leads_nowhere(world: World, alice: Caller) -> None:
    page = await show_history(world.ports, alice, place=-1)
    assert (page.rows, page.newer, page.older) == ([], None, None)


# One record


async def detail(world: World, caller: Caller, kind: str) -> RecordDetail:
    key = next(record.id for record in expected(world, caller.person) if record.kind == kind)
    return await show_record(world.ports, caller, key)


async def test_a_payment_has_its_other_side_and_a_fee_for_its_sender_alone() -> None:
    world = World(send_fee="0.25")
    alice, bob = await world.person(1, "alice"), await world.person(2, "bob")
    await world.fund(alice, 10)
    key = await send(world, alice, "bob", "5")
    mine, theirs = await show_record(world.ports, alice, key), await show_record(world.ports, bob, key)
    assert (mine.other_id, mine.other_name, theirs.other_id, theirs.other_name) == (2, "Bob", 1, "Alice")
    assert (mine.row.available_minor, mine.fee_minor) == (-5 * ITD - ITD // 4, ITD // 4)
    assert (theirs.row.available_minor, theirs.available_after_minor, theirs.fee_minor) == (5 * ITD, 5 * ITD, 0)


async def test_a_withdrawal_has_its_address_coins_fee_and_both_balances(world: World, alice: Caller) -> None:
    shown = await detail(world, alice, "withdrawal_held")
    assert (shown.asset, shown.address, shown.coin_minor) == ("ETH", ADDRESS, 10**16)
    assert (shown.fee_minor, shown.row.available_minor, shown.row.held_minor) == (ITD // 2, -20_500_000, 20_500_000)
    assert shown.held_after_minor == 20_500_000
    assert (await detail(world, alice, "withdrawal_cancelled")).address == ADDRESS


async def test_a_purchase_has_its_invoice(world: World, alice: Caller) -> None:
    shown = await detail(world, alice, "invoice_issued")
    assert shown.invoice is not None and shown.address is not None and shown.asset == "ETH"
    assert shown.row.amount_minor == 0


async def test_a_record_of_others_is_refused(world: World, alice: Caller) -> None:
    held = await detail(world, alice, "withdrawal_held")
    assert await reason_of(show_record(world.ports, Caller(2), held.row.key)) is Reason.NOT_YOURS
    assert await reason_of(show_record(world.ports, alice, "nothing")) is Reason.NOT_FOUND
    assert Target(JournalRecord.collection, held.row.key) in world.memory.documents
