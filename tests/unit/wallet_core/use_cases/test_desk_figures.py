"""What the desk shows: one batch, hot wallets, rates, fees, health, and what does not work."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import pytest

from tests.unit.wallet_core.world import ETH, ITD, World, reason_of
from wallet_core.domain.accounts import Account
from wallet_core.domain.agreement import NoRate, no_rate
from wallet_core.domain.changes import Insert
from wallet_core.domain.chat import OutboxMessage, OutboxState
from wallet_core.domain.errors import Reason
from wallet_core.domain.health import Pulse, Verification
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.ledger import credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Attempt, Batch, BatchState
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.purchase import MarkRail, RailState
from wallet_core.domain.quote import Heard
from wallet_core.use_cases.findings import Findings
from wallet_core.use_cases.note_verification import note_verification
from wallet_core.use_cases.set_rail import set_rail
from wallet_core.use_cases.show_batch import show_batch
from wallet_core.use_cases.show_fees import show_fees
from wallet_core.use_cases.show_health import show_health
from wallet_core.use_cases.show_hot_wallets import show_hot_wallets
from wallet_core.use_cases.show_rates import show_rates
from wallet_core.use_cases.show_service import show_service


@pytest.fixture
async def helper(world: World) -> Caller:
    await world.open_rail(genesis="0x0", seen_height=120)
    return await world.person(5, role=Role.SUPPORT)


async def batched(world: World, name: str = "b1", state: BatchState = BatchState.BROADCAST, **fields: Any) -> None:
    payouts = tuple(f"w{n}" for n in range(20))
    batch = Batch(id=name, asset=Asset.ETH, state=state, payouts=payouts, sender="hot", **fields)
    attempts = (
        Attempt(id=f"{name}:{n}", batch=name, number=n, txid=f"0x{n}", raw=b"", price_minor=n) for n in range(1, 15)
    )
    changes = (Insert(batch, stamp="created_at"), *(Insert(attempt, stamp="created_at") for attempt in attempts))
    await world.post(changes=changes)


async def test_a_batch_is_shown_with_its_newest_attempts_and_its_payouts_page_by_page(
    world: World, helper: Caller
) -> None:
    await batched(world)
    pages = [await show_batch(world.ports, helper, "b1", page) for page in (0, 1, 3, 4)]
    assert [(view.number, view.has_more) for view in pages] == [(1, True), (1, True), (3, False), (4, False)]
    assert [attempt.number for attempt in pages[0].attempts] == list(range(14, 4, -1))
    assert pages[0].seen_height == 120
    assert await reason_of(show_batch(world.ports, helper, "nothing")) is Reason.NOT_FOUND


async def test_fees_show_what_the_newest_batch_that_is_out_offered(world: World, helper: Caller) -> None:
    assert [chain.price_minor for chain in (await show_fees(world.ports, helper)).chains] == [0, 0, 0]
    await batched(world, "old", BatchState.SETTLED)
    world.clock.turn(hours=1)
    await batched(world, "new", BatchState.BROADCAST)
    await batched(world, "unsent", BatchState.FORMED)
    entries = debit(Account(Asset.ETH, "expense:network"), 7), credit(Account(Asset.ETH, "hot"), 7)
    await world.post(entries=entries)
    view = await show_fees(world.ports, helper)
    (eth,) = [chain for chain in view.chains if chain.asset is Asset.ETH]
    assert (eth.price_minor, eth.priced_at, eth.network_minor) == (14, world.clock(), 7)
    assert (eth.withdrawal_minor, view.purchase_basis_points) == (ITD // 2, 100)


async def test_hot_wallets_are_shown_as_the_worker_saw_them_and_by_the_books(world: World, helper: Caller) -> None:
    level = Level(
        id=Asset.ETH, address="0xhot", free_minor=1, queued_minor=0, floor_minor=5, ceiling_minor=0, at=world.clock()
    )
    await world.memory.put(level)
    entries = debit(Account(Asset.ETH, "cold"), ETH), credit(Account(Asset.ETH, "equity"), ETH)
    await world.post(entries=entries)
    wallets = {wallet.asset: wallet for wallet in (await show_hot_wallets(world.ports, helper)).wallets}
    assert (wallets[Asset.ETH].level, wallets[Asset.ETH].cold_minor) == (level, ETH)
    assert (wallets[Asset.BTC].level, wallets[Asset.BTC].hot_minor) == (None, 0)


async def test_a_coin_without_a_rate_is_shown_with_why_and_what_was_heard(
    world: World, helper: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = (Heard("a.example", ITD, world.clock()), Heard("b.example"))

    def silent(asset: Asset) -> Awaitable[object]:
        refused = no_rate(asset, NoRate.APART)
        refused.facts["heard"] = heard
        raise refused

    fine = await show_rates(world.ports, helper)
    assert {view.asset for view in fine.rates if view.rate} == {Asset.BTC, Asset.ETH, Asset.LTC}
    monkeypatch.setattr(world.rates, "rate", silent)
    view = (await show_rates(world.ports, helper)).rates[0]
    assert (view.rate, view.why, view.heard) == (None, "apart", heard)


async def test_health_shows_processes_of_the_last_day_what_waits_and_the_last_verification(
    world: World, helper: Caller
) -> None:
    now = world.clock()
    for name, hours in (("bot a", 0), ("worker b", 23), ("bot gone", 25)):
        world.clock.turn(hours=-hours)
        pulse = Pulse(id=name, kind=name.split()[0], version="1", started_at=world.clock(), at=world.clock())
        await world.memory.put(pulse)
        world.clock.now = now
    waiting = OutboxMessage(id="m", person=1, template="sent", facts={}, at=now, order=0, state=OutboxState.WAITING)
    await world.memory.put(waiting)
    await note_verification(world.ports, Findings(records=7, gaps=["a gap"]))
    view = await show_health(world.ports, helper)
    assert [(pulse.id, pulse.is_silent(now)) for pulse in view.pulses] == [("bot a", False), ("worker b", True)]
    # The other one has the helper's recovery codes.
    assert (view.outbox.count, view.outbox.oldest_at) == (2, now)
    assert view.verification == Verification(at=now, records=7, gaps=1, seals=0)


async def test_people_are_shown_what_does_not_work_and_nothing_of_what_nobody_ever_served(
    world: World, helper: Caller
) -> None:
    owner, ana = await world.person(9, role=Role.OWNER), await world.person(1)
    await world.open_payouts(Asset.BTC, genesis=None, state=RailState.PAUSED)
    assert (await show_service(world.ports, ana)).rails == ()
    await set_rail(world.ports, owner, Asset.ETH, RailState.FINISHING, await world.code(owner), why="a move")
    (rail,) = (await show_service(world.ports, ana)).rails
    assert (rail.id, rail.state, rail.switched_at) == (Asset.ETH, RailState.FINISHING, world.clock())
    await set_rail(world.ports, owner, Asset.ETH, RailState.RUNNING, await world.code(owner))
    world.clock.turn(minutes=1)
    await world.post(changes=(MarkRail(Asset.ETH, "alarm", "foreign_spend x"),))
    since = world.clock()
    world.clock.turn(minutes=1)
    # Marked once more, it has stood since it was marked first.
    await world.post(changes=(MarkRail(Asset.ETH, "alarm", "foreign_spend x"),))
    (rail,) = (await show_service(world.ports, ana)).rails
    assert rail.alarm_at == since
