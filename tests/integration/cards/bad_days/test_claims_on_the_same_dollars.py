"""Several refunds and disputes of one payment, given up, raised again, forgotten: each dollar is claimed once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from payout_worker.cards.card_events import look_into, waiting_events
from tests.faults.cards.verdict import judge
from tests.integration.cards.in_memory import refund_asked, rest
from tests.integration.cards.rail import Rail
from tests.unit.wallet_core.world import ITD, World
from wallet_core.domain.accounts import Account
from wallet_core.domain.card import CardCursor, CardEvent
from wallet_core.domain.card_reversal import ReversalState
from wallet_core.domain.case import Case, CaseState
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import PaymentState
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import Invoice
from wallet_core.use_cases.balances import balance_minor


async def events_only(rail: Rail) -> None:
    """What a webhook makes the worker do between two of its turns."""
    for event in rail.company.table("event"):
        if event["type"].startswith(("charge.dispute", "charge.refund", "refund")):
            about = event["data"]["object"]
            hint = CardEvent(
                id=event["id"], kind=event["type"], at=datetime.now(UTC), payment=about.get("payment_intent")
            )
            if await rail.ports.store.get(CardEvent, hint.id) is None:
                await rail.ports.store.put(hint)
    for waiting in await waiting_events(rail.ports):
        await look_into(rail.ports, rail.taken.tenure, waiting)


async def test_an_inquiry_that_ends_because_it_was_refunded_gives_nothing_back(
    rail: Rail, world: World, alice: Caller
) -> None:
    """Stripe's advice is to refund what is inquired about: the dollars are gone, whatever becomes of the inquiry."""
    invoice = await rail.bought(alice)
    await rail.company.act(invoice.address, "dispute")
    (inquiry,) = rail.company.table("dispute")
    rail.company.change("dispute", inquiry["id"], status="warning_needs_response", is_charge_refundable=True)
    await rail.look()
    assert await world.money(alice) == (0, 100 * ITD)
    await rail.company.act(invoice.address, "refund")
    await rest(rail)
    assert await world.money(alice) == (0, 100 * ITD)
    rail.company.change("dispute", inquiry["id"], status="warning_closed")
    await rest(rail)
    assert await world.money(alice) == (0, 0)
    assert (await rail.payment(invoice)).state is PaymentState.REVERSED
    assert (await rail.guards(alice)).disputes == ()


async def test_a_dispute_that_comes_while_a_refund_is_asked_for_takes_its_money(
    rail: Rail, world: World, alice: Caller
) -> None:
    invoice = await rail.bought(alice)
    await refund_asked(world, invoice)
    await rail.company.act(invoice.address, "dispute")
    await events_only(rail)
    await rest(rail)
    assert rail.company.table("refund") == []
    assert await world.money(alice) == (0, 100 * ITD)
    await rail.company.act(invoice.address, "lose")
    await rest(rail)
    assert await world.money(alice) == (0, 0)
    assert (await rail.guards(alice)).debt_minor == 0


async def test_what_was_refunded_and_came_back_may_be_refunded_again(rail: Rail, world: World, alice: Caller) -> None:
    """A part was given back, the rest was disputed and won: the payment is not reversed, and its rest is refundable."""
    invoice = await rail.bought(alice)
    await rail.company.act(invoice.address, "dispute", amount=51_00)
    await rail.look()
    (dispute,) = rail.company.table("dispute")
    rail.company.change("dispute", dispute["id"], status="warning_needs_response", is_charge_refundable=True)
    await rail.company.act(invoice.address, "refund", amount=50_00)
    await rest(rail)
    rail.company.change("dispute", dispute["id"], status="warning_closed")
    await rest(rail)
    payment = await rail.payment(invoice)
    assert (payment.state, payment.reversed_minor) == (PaymentState.CREDITED, 50_00)
    await refund_asked(world, invoice)
    await rest(rail)
    assert [one["amount"] for one in rail.company.table("refund")] == [50_00, 51_00]
    assert await world.money(alice) == (0, 0)


@pytest.mark.parametrize("end", ["needs_response", "lost"])
async def test_a_dispute_that_is_opened_again_is_followed_again(
    rail: Rail, world: World, alice: Caller, end: str
) -> None:
    invoice = await rail.bought(alice)
    await rail.company.act(invoice.address, "dispute")
    await rail.look()
    await rail.company.act(invoice.address, "win")
    await rest(rail)
    assert await world.money(alice) == (100 * ITD, 0)
    (dispute,) = rail.company.table("dispute")
    rail.company.change("dispute", dispute["id"], status=end)
    await rail.ports.store.put(
        CardEvent(id="evt_again", kind="charge.dispute.updated", at=world.clock(), payment=dispute["payment_intent"])
    )
    await rest(rail)
    is_lost = end == "lost"
    assert await world.money(alice) == (0, 0 if is_lost else 100 * ITD)
    assert len((await rail.guards(alice)).disputes) == (0 if is_lost else 1)
    assert "card_claim_changed" in await rail.alarms()
    cases = await rail.ports.store.find(Case, {}, order_by=("opened_at", "_id"))
    assert sorted(case.state for case in cases) == sorted(
        [CaseState.CLOSED, CaseState.CLOSED if is_lost else CaseState.OPEN]
    )
    if not is_lost:
        rail.company.change("dispute", dispute["id"], status="won")
        await rest(rail)
        assert await world.money(alice) == (100 * ITD, 0)


async def test_money_of_a_refund_that_came_back_is_as_young_as_before(rail: Rail, world: World, alice: Caller) -> None:
    """A stolen card is closed before its refund arrives: the money must not have matured by that."""
    invoice = await rail.bought(alice)
    (lot,) = (await rail.guards(alice)).card_lots
    await refund_asked(world, invoice)
    await rest(rail)
    assert await world.money(alice) == (0, 0)
    await rail.company.act(invoice.address, "fail-refund")
    await rest(rail)
    assert await world.money(alice) == (100 * ITD, 0)
    assert (await rail.guards(alice)).card_lots == (lot,)


async def test_a_claim_whose_event_was_forgotten_is_found_after_a_long_absence(
    rail: Rail, world: World, alice: Caller
) -> None:
    """Stripe keeps events for thirty days, and the worker was away for longer."""
    invoice = await rail.bought(alice)
    await rest(rail)
    await rail.company.act(invoice.address, "refund")
    rail.company.company.state._tables["event"].clear()
    await rest(rail)
    assert await world.money(alice) == (100 * ITD, 0)
    world.clock.turn(days=40)
    await rest(rail)
    assert await world.money(alice) == (0, 0)


async def test_a_quiet_month_is_no_long_absence(rail: Rail, world: World, alice: Caller) -> None:
    invoice = await rail.bought(alice)
    for _ in range(10):
        world.clock.turn(days=5)
        await rail.look()
    await rail.company.act(invoice.address, "refund")
    rail.company.company.state._tables["event"].clear()
    await rest(rail)
    assert await world.money(alice) == (100 * ITD, 0)
    cursor = await rail.ports.store.get(CardCursor, rail.ports.account.name)
    assert cursor is not None
    assert world.clock() - cursor.read_to <= timedelta(hours=25)


async def test_several_disputes_of_one_payment_share_what_it_bought(rail: Rail, world: World, alice: Caller) -> None:
    invoice = await rail.bought(alice)
    await rail.company.act(invoice.address, "dispute", amount=60_00)
    (first,) = rail.company.table("dispute")
    await rest(rail)
    world.clock.turn(hours=1)
    rail.company.company.state.keep("dispute", "dp_second", {**first, "id": "dp_second"})
    await rest(rail)
    assert await world.money(alice) == (0, 100 * ITD)
    assert sorted(one.coin_minor for one in await rail.reversals()) == [41_00, 60_00]
    for dispute, status, left in (("dp_second", "lost", 100), (first["id"], "won", 41)):
        rail.company.change("dispute", dispute, status=status)
        await rest(rail)
        assert sum(await world.money(alice)) // ITD in (left, left - 1)
    payment = await rail.payment(invoice)
    assert (payment.reversed_minor, payment.state) == (60_00, PaymentState.CREDITED)
    assert (await rail.guards(alice)).disputes == ()
    assert {one.id: one.state for one in await rail.reversals()} == {
        first["id"]: ReversalState.RETURNED,
        "dp_second": ReversalState.DONE,
    }


# The card company takes more than was ever paid


async def lost_beyond_what_was_paid(rail: Rail, invoice: Invoice, refunded_minor: int) -> None:
    """So much is refunded, and then all of it is disputed and lost."""
    await rail.company.act(invoice.address, "refund", amount=refunded_minor)
    await rest(rail)
    await rail.company.act(invoice.address, "dispute", amount=101_00)
    await rest(rail)
    await rail.company.act(invoice.address, "lose")
    await rest(rail)


async def borne_minor(rail: Rail) -> tuple[int, int]:
    """What the company owes us and what the house has lost, in US cents."""
    clearing, lost = (Account(Asset.USD, name) for name in ("clearing", "expense:claims"))
    return await balance_minor(rail.ports.store, clearing), await balance_minor(rail.ports.store, lost)


@pytest.mark.parametrize("refunded_minor", [101_00, 50_50])
async def test_what_a_lost_dispute_takes_of_refunded_dollars_is_the_houses_loss(
    rail: Rail, world: World, alice: Caller, refunded_minor: int
) -> None:
    invoice = await rail.bought(alice)
    await lost_beyond_what_was_paid(rail, invoice, refunded_minor)
    assert await borne_minor(rail) == (-refunded_minor, refunded_minor)
    assert await world.money(alice) == (0, 0)
    guards = await rail.guards(alice)
    assert (guards.debt_minor, guards.disputes) == (0, ())
    assert (await rail.alarms()).count("card_claim_doubled") == 1
    verdict = await judge(world.memory, rail.company)
    assert verdict, verdict


@pytest.mark.parametrize("refunded_minor", [101_00, 50_50])
async def test_a_loss_is_booked_back_once_when_its_dispute_is_won_after_all(
    rail: Rail, world: World, alice: Caller, refunded_minor: int
) -> None:
    invoice = await rail.bought(alice)
    await lost_beyond_what_was_paid(rail, invoice, refunded_minor)
    (dispute,) = rail.company.table("dispute")
    for number, status in enumerate(("won", "won", "lost", "won")):
        rail.company.change("dispute", dispute["id"], status=status)
        event = CardEvent(id=f"evt_{number}", kind="charge.dispute.closed", at=world.clock())
        await rail.ports.store.put(event.model_copy(update={"payment": dispute["payment_intent"]}))
        await rest(rail)
        left_minor = 101_00 - refunded_minor
        lost_minor = refunded_minor if status == "lost" else 0
        assert await borne_minor(rail) == (-lost_minor if lost_minor else left_minor, lost_minor)
        assert await world.money(alice) == (0 if lost_minor else left_minor * ITD * 100 // 101_00, 0)


async def test_a_loss_whose_event_was_forgotten_is_found_after_a_long_absence(
    rail: Rail, world: World, alice: Caller
) -> None:
    """All of the payment had gone back before: it is looked at all the same."""
    invoice = await rail.bought(alice)
    await rail.company.act(invoice.address, "refund")
    await rest(rail)
    await rail.company.act(invoice.address, "dispute", amount=101_00)
    await rail.company.act(invoice.address, "lose")
    rail.company.company.state._tables["event"].clear()
    await rest(rail)
    assert await borne_minor(rail) == (0, 0)
    world.clock.turn(days=40)
    await rest(rail)
    assert await borne_minor(rail) == (-101_00, 101_00)


async def test_a_loss_is_the_persons_once_the_refund_of_the_same_dollars_fails(
    rail: Rail, world: World, alice: Caller
) -> None:
    """The refund is paid back to us, so that the dispute took what was paid and no more."""
    invoice = await rail.bought(alice)
    await lost_beyond_what_was_paid(rail, invoice, 50_50)
    await rail.company.act(invoice.address, "fail-refund")
    await rest(rail)
    assert await borne_minor(rail) == (0, 0)
    assert await world.money(alice) == (0, 0)
    assert (await rail.guards(alice)).disputes == ()
    assert (await rail.payment(invoice)).state is PaymentState.REVERSED
    verdict = await judge(world.memory, rail.company)
    assert verdict, verdict
