"""What the card company may answer on a bad day: poisonous objects, answers that never come, too many questions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.stripe import events
from bot.sandbox.stripe.faults import Fault
from payout_worker.cards.card_events import waiting_events
from tests.integration.cards.in_memory import open_worker, ordered_unseen, refund_asked, rest
from tests.integration.cards.rail import Rail
from tests.support.card_company import Company
from tests.unit.wallet_core.world import ITD, World
from wallet_core.adapters.stripe_checkout import open_stripe
from wallet_core.domain.card import CardEvent, ClaimKind
from wallet_core.domain.card_reversal import CardReversal, ReversalState
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.payment import PaymentState
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import InvoiceState
from wallet_core.domain.record import Target


async def test_a_page_that_was_opened_and_never_shown_leaves_no_event_behind(
    rail: Rail, world: World, alice: Caller
) -> None:
    """Its answer was lost, and then its time was over: the event of its end is about an order that has ended."""
    invoice = await ordered_unseen(world, alice)
    rail.company.company.faults.pending.append(Fault("POST /v1/checkout/sessions", 500, applied=True))
    with pytest.raises(Unavailable):
        await rail.look()
    world.clock.turn(days=2)
    rail.company.company.state._tables["idempotency"] = {}
    await rest(rail)
    assert (await rail.invoice(invoice)).state is InvoiceState.EXPIRED
    assert await waiting_events(rail.ports) == []


@pytest.mark.parametrize("call", ["POST /v1/checkout/sessions", "POST /v1/refunds"])
async def test_a_request_that_fails_for_a_day_keeps_nobody_else_waiting(
    rail: Rail, world: World, alice: Caller, call: str
) -> None:
    """Stripe keeps an answer by its idempotency key for a day, a failure as well."""
    bob = await world.person(2)
    paid, refunded = await rail.ordered(bob), await rail.bought(alice, "20")
    if call == "POST /v1/refunds":
        await refund_asked(world, refunded)
    else:
        await ordered_unseen(world, alice)
    rail.company.company.faults.pending.append(Fault(call, 500, times=1_000))
    await rail.company.act(paid.address, "pay")
    with pytest.raises(Unavailable):
        await rail.look()
    assert await world.money(bob) == (100 * ITD, 0)


async def test_an_event_that_makes_no_sense_is_left_out(rail: Rail, world: World, alice: Caller) -> None:
    invoice = await rail.ordered(alice)
    events.record(rail.company.company.state, "charge.refunded", {"object": "checkout.session"})
    await rail.company.act(invoice.address, "pay")
    await rest(rail)
    assert await world.money(alice) == (100 * ITD, 0)


async def test_events_that_were_stopped_do_not_fill_the_queue(
    rail: Rail, world: World, alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payout_worker.cards.card_events._MOST_PER_PASS", 2)
    invoice = await rail.bought(alice)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    for number in range(3):
        poison = CardEvent(id=f"evt_{number}", kind="checkout.session.completed", at=long_ago, session="cs_none")
        await rail.ports.store.put(poison)
    await rail.company.act(invoice.address, "refund")
    await rest(rail, 4)
    assert await world.money(alice) == (0, 0)


async def test_a_bank_debit_that_comes_after_all_is_credited(rail: Rail, world: World, alice: Caller) -> None:
    invoice = await rail.ordered(alice)
    await rail.company.act(invoice.address, "pay-later")
    await rail.look()
    await rail.company.act(invoice.address, "fail")
    await rest(rail)
    assert (await rail.payment(invoice)).state is PaymentState.GONE
    rail.company.change("checkout.session", invoice.address, payment_status="paid")
    await rail.ports.store.put(
        CardEvent(
            id="evt_late", kind="checkout.session.async_payment_succeeded", at=world.clock(), session=invoice.address
        )
    )
    await rest(rail)
    assert await world.money(alice) == (100 * ITD, 0)
    assert (await rail.payment(invoice)).state is PaymentState.CREDITED


async def test_a_page_of_ours_that_was_paid_and_never_adopted_is_an_alarm(
    rail: Rail, world: World, alice: Caller
) -> None:
    invoice, other = await rail.ordered(alice), await rail.ordered(alice, "20")
    await rail.company.act(other.address, "pay")
    rail.company.change("checkout.session", other.address, metadata={"invoice": invoice.id, "person": "1"})
    orphan = {**rail.company.table("checkout.session")[-1], "id": "cs_test_orphan"}
    rail.company.company.state.keep("checkout.session", "cs_test_orphan", orphan)
    await rail.ports.store.put(
        CardEvent(id="evt_orphan", kind="checkout.session.completed", at=world.clock(), session="cs_test_orphan")
    )
    await rest(rail)
    assert await world.money(alice) == (0, 0)
    assert await rail.alarms() == ["card_mismatch"] * 2


async def test_owners_hear_when_the_company_opens_no_pages(rail: Rail, world: World, alice: Caller) -> None:
    """A shop without a name, for instance: everybody's order would end as if they had been late."""
    invoice = await ordered_unseen(world, alice)
    rail.company.company.faults.pending.append(Fault("POST /v1/checkout/sessions", 400))
    await rest(rail)
    assert (await rail.invoice(invoice)).state is InvoiceState.EXPIRED
    assert await rail.alarms() == ["card_page_refused"]


async def test_an_order_that_is_too_late_for_a_page_is_no_alarm(rail: Rail, world: World, alice: Caller) -> None:
    invoice = await ordered_unseen(world, alice)
    world.clock.turn(minutes=45)
    await rest(rail)
    assert (await rail.invoice(invoice)).state is InvoiceState.EXPIRED
    assert await rail.alarms() == []


async def test_open_disputes_cost_a_few_questions_a_turn(
    rail: Rail, world: World, alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They stay open for months, and events tell how they end; Stripe answers only so many questions a second."""
    for number in range(60):
        found = CardReversal(
            id=f"dp_{number}", kind=ClaimKind.DISPUTE, state=ReversalState.OPEN, person=alice.person, invoice="0" * 32,
            payment=f"USD:pi_{number}:0", claim=f"dp_{number}", coin_minor=1, opened_at=world.clock(),
        )  # fmt: skip
        world.memory.documents[Target(found.collection, found.id)] = found.document()
    asked: list[str] = []

    async def look(_ports: Any, _tenure: Any, reversal_id: str) -> bool:
        asked.append(reversal_id)
        return False

    monkeypatch.setattr("payout_worker.card_purchases.look_at_reversal", look)
    await rail.look()
    assert len(asked) == 60
    for _ in range(3):
        asked.clear()
        await rail.look()
        assert 0 < len(asked) <= 20
    assert len(rail.items.item_ids) == 60


async def test_the_first_reading_misses_nothing_when_clocks_differ(made: tuple[World, Company], tmp_path: Path) -> None:
    """The database is an hour ahead of the card company."""
    world, company = made
    async with open_worker(world, company, tmp_path) as rail:
        alice = await world.person(1)
        state = rail.company.company.state
        state.now = lambda: int(world.clock().timestamp()) - 3_600  # type: ignore[method-assign]  # one that is slow
        invoice = await rail.bought(alice)
        await rest(rail)
        await rail.company.act(invoice.address, "refund")
        await rest(rail)
        assert await world.money(alice) == (0, 0)


async def test_a_page_is_opened_although_a_setting_changed_after_its_first_try(
    rail: Rail, world: World, alice: Caller
) -> None:
    """Stripe refuses a key that comes again with other parameters."""
    invoice = await ordered_unseen(world, alice)
    await rail.ports.cards.open_session(invoice)
    changed = world.ports.settings.model_copy(update={"card_return_url": "https://t.me/another"})
    async with open_stripe(changed) as cards:
        session = await cards.open_session(invoice)
    await rail.look()
    (first, second) = rail.company.table("checkout.session")
    assert (session.id, (await rail.invoice(invoice)).address) == (second["id"], first["id"])
