"""Ordering by card: no address, a limit of its own beside that of purchases, and only where a worker sells it."""

import pytest

from tests.unit.wallet_core.world import ADDRESS, ITD, World, reason_of, refusal
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.errors import Reason
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.kyc import Operation, used
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import Invoice, Rail, RailState
from wallet_core.use_cases.confirm_purchase import confirm_purchase
from wallet_core.use_cases.quote_purchase import quote_purchase
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.show_coins import show_coins

DAY = "2026-11-22"


@pytest.fixture
async def alice(world: World) -> Caller:
    await world.open_rail()
    await world.post(changes=(Insert(Rail(id=Asset.USD, genesis="acct_1:test", watched_through=0)),))
    return await world.person(1)


async def ordered(world: World, caller: Caller, itd: str) -> Invoice:
    quote = await quote_purchase(world.ports, caller, itd, "usd")
    return await confirm_purchase(world.ports, caller, quote.intent.id)


async def test_an_order_waits_for_its_page_and_costs_whole_cents(world: World, alice: Caller) -> None:
    invoice = await ordered(world, alice, "33.333333")
    assert (invoice.address, invoice.payment_uri, invoice.asset) == ("", "", Asset.USD)
    # 33.333333 and one percent on top are 33.666667 dollars.
    assert (invoice.coin_minor, invoice.rate_minor) == (33_67, ITD)
    assert (invoice.expires_at - world.clock()).total_seconds() == world.ports.settings.card_session_seconds


async def test_many_orders_wait_at_once_without_an_index(world: World, alice: Caller) -> None:
    for _ in range(3):
        await ordered(world, alice, "10")
    rail = await world.memory.get(Rail, Asset.USD)
    assert rail is not None
    assert (rail.next_index, rail.sells) == (0, True)


async def test_a_card_takes_both_limits(world: World, alice: Caller) -> None:
    quote = await quote_purchase(world.ports, alice, "100", "USD")
    assert (quote.remaining.count, quote.remaining.amount_minor) == (2, 150 * ITD)
    await confirm_purchase(world.ports, alice, quote.intent.id)
    guards = await world.guards(alice)
    for operation in (Operation.PURCHASE, Operation.CARD):
        assert used(guards, operation, DAY).amount_minor == 100 * ITD
    assert await reason_of(quote_purchase(world.ports, alice, "151", "USD")) is Reason.LIMIT_AMOUNT
    # With ether there is more left.
    assert (await quote_purchase(world.ports, alice, "151", "ETH")).remaining.amount_minor == 249 * ITD


async def test_two_offers_cannot_both_have_the_rest_of_the_cards_limit(world: World, alice: Caller) -> None:
    first, second = [await quote_purchase(world.ports, alice, "200", "USD") for _ in range(2)]
    await confirm_purchase(world.ports, alice, first.intent.id)
    assert await reason_of(confirm_purchase(world.ports, alice, second.intent.id)) is Reason.LIMIT_AMOUNT
    assert used(await world.guards(alice), Operation.PURCHASE, DAY).count == 1


async def test_nothing_is_paid_out_by_card(world: World, alice: Caller) -> None:
    assert await reason_of(quote_withdrawal(world.ports, alice, "5", "USD", ADDRESS)) is Reason.RAIL_OFF
    assert Asset.USD in (await show_coins(world.ports, alice, Operation.PURCHASE)).open
    assert Asset.USD not in (await show_coins(world.ports, alice, Operation.PAYOUT)).open


async def test_where_no_worker_takes_cards_none_is_offered(world: World) -> None:
    await world.open_rail()
    bob = await world.person(2)
    assert await reason_of(quote_purchase(world.ports, bob, "5", "USD")) is Reason.RAIL_OFF
    coins = await show_coins(world.ports, bob, Operation.PURCHASE)
    assert Asset.USD not in (*coins.open, *coins.not_yet)


async def test_who_owes_may_buy_to_repay_but_not_while_a_payment_is_disputed(world: World, alice: Caller) -> None:
    await world.post(changes=(ChangeGuards(1, lambda guards, _now: guards.with_(debt_minor=5)),))
    await ordered(world, alice, "10")
    before = await quote_purchase(world.ports, alice, "10", "usd")
    await world.post(changes=(ChangeGuards(1, lambda guards, _now: guards.with_(disputes=("dp_1",))),))
    assert await reason_of(quote_purchase(world.ports, alice, "10", "usd")) is Reason.DISPUTED
    assert await reason_of(confirm_purchase(world.ports, alice, before.intent.id)) is Reason.DISPUTED
    assert (await quote_purchase(world.ports, alice, "10", "eth")).intent.asset is Asset.ETH


async def test_a_card_pays_no_less_than_its_company_takes(world: World, alice: Caller) -> None:
    """Stripe charges half a dollar at least: the order would end before anybody could pay it."""
    world.rates.itd_minor[Asset.USD] = 10 * ITD
    refused = await refusal(quote_purchase(world.ports, alice, "4", "USD"))
    assert (refused.reason, refused.facts["minimum_minor"]) == (Reason.BELOW_MINIMUM, 5 * ITD)
    assert (await quote_purchase(world.ports, alice, "5", "USD")).intent.coin_minor == 51


@pytest.mark.parametrize("state", [RailState.PAUSED, RailState.CLOSED])
async def test_admins_can_stop_orders_by_card(world: World, alice: Caller, state: RailState) -> None:
    offered = await quote_purchase(world.ports, alice, "5", "USD")
    await world.post(changes=(Move(Rail, Asset.USD, frozenset(RailState), state),))
    assert await reason_of(quote_purchase(world.ports, alice, "5", "USD")) is Reason.RAIL_OFF
    assert await reason_of(confirm_purchase(world.ports, alice, offered.intent.id)) is Reason.RAIL_OFF
    assert Asset.USD not in (await show_coins(world.ports, alice, Operation.PURCHASE)).open
