"""Buying: a locked rate, an address of its own, and never an address that nobody watches."""

import pytest

from tests.unit.wallet_core.world import ETH, ITD, World, reason_of, refusal
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import AlreadyDone, Reason
from wallet_core.domain.kyc import Operation, used
from wallet_core.domain.money import Asset, plain
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import Invoice, Rail
from wallet_core.use_cases.confirm_purchase import confirm_purchase
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.quote_purchase import quote_purchase
from wallet_core.use_cases.show_coins import show_coins

DAY = "2026-11-22"


@pytest.fixture
async def alice(world: World) -> Caller:
    await world.open_rail(watched_through=1)
    return await world.person(1)


async def ordered(world: World, caller: Caller, amount: str = "200") -> str:
    return (await quote_purchase(world.ports, caller, amount, "eth")).intent.id


async def test_an_offer_holds_rate_fee_and_coins_and_takes_no_limit(world: World, alice: Caller) -> None:
    quote = await quote_purchase(world.ports, alice, "200", " eth ")
    assert (quote.intent.amount_minor, quote.intent.fee_minor) == (200 * ITD, 2 * ITD)
    assert quote.intent.coin_minor == 101 * ETH // 1_000
    assert (quote.remaining.count, quote.remaining.amount_minor) == (4, 300 * ITD)
    assert used(await world.guards(alice), Operation.PURCHASE, DAY).count == 0


async def test_an_offer_says_of_whom_and_of_when_its_rate_is(world: World, alice: Caller) -> None:
    intent = (await quote_purchase(world.ports, alice, "200", "ETH")).intent
    assert (intent.rate_minor, intent.rate_source, intent.rate_at) == (2_000 * ITD, "ticker.example", world.clock.now)


async def test_who_buys_pays_the_spread_in_coins(world: World, alice: Caller) -> None:
    world.rates.spread_basis_points = 100
    intent = (await quote_purchase(world.ports, alice, "198", "ETH")).intent
    assert intent.rate_minor == 1_980 * ITD
    assert intent.coin_minor == 101 * ETH // 1_000


@pytest.mark.parametrize(
    ("amount", "asset", "reason"),
    [
        ("0.99", "ETH", Reason.BELOW_MINIMUM),
        ("x", "ETH", Reason.BAD_AMOUNT),
        ("501", "ETH", Reason.LIMIT_AMOUNT),
        ("5", "BTC", Reason.RAIL_OFF),
        ("5", "DOGE", Reason.UNKNOWN_ASSET),
        ("5", "", Reason.UNKNOWN_ASSET),
    ],
)
async def test_what_cannot_be_bought_is_not_offered(
    world: World, alice: Caller, amount: str, asset: str, reason: Reason
) -> None:
    assert await reason_of(quote_purchase(world.ports, alice, amount, asset)) is reason


async def test_a_coin_that_only_pays_out_is_refused_for_buying_and_that_is_said(world: World, alice: Caller) -> None:
    await world.open_payouts(Asset.BTC)
    refused = await refusal(quote_purchase(world.ports, alice, "5", "BTC"))
    assert (refused.reason, refused.facts["pays_out"], refused.facts["assets"]) == (Reason.RAIL_OFF, True, (Asset.ETH,))
    assert not (await refusal(quote_purchase(world.ports, alice, "5", "LTC"))).facts["pays_out"]
    coins = await show_coins(world.ports, alice, Operation.PURCHASE)
    assert (coins.open, set(coins.not_yet)) == ((Asset.ETH,), {Asset.BTC, Asset.LTC})


async def test_an_invoice_keeps_the_rate_that_was_offered(world: World, alice: Caller) -> None:
    intent = await ordered(world, alice)
    world.rates.itd_minor[Asset.ETH] = 1
    invoice = await confirm_purchase(world.ports, alice, intent)
    assert (invoice.rate_minor, invoice.coin_minor) == (2_000 * ITD, 101 * ETH // 1_000)
    assert invoice.address == world.ports.addresses[Asset.ETH].deposit(0)
    assert (invoice.expires_at - world.clock()).total_seconds() == world.ports.settings.invoice_seconds
    assert used(await world.guards(alice), Operation.PURCHASE, DAY).amount_minor == 200 * ITD


async def test_no_two_invoices_share_an_address(world: World, alice: Caller) -> None:
    one = await confirm_purchase(world.ports, alice, await ordered(world, alice))
    other = await confirm_purchase(world.ports, alice, await ordered(world, alice))
    assert one.address != other.address
    assert (one.index, other.index) == (0, 1)


async def test_an_address_that_nobody_watches_is_not_given_out(world: World, alice: Caller) -> None:
    orders = [await ordered(world, alice, "5") for _ in range(3)]
    for order in orders[:2]:
        await confirm_purchase(world.ports, alice, order)
    assert await reason_of(confirm_purchase(world.ports, alice, orders[2])) is Reason.RAIL_OFF
    assert await reason_of(quote_purchase(world.ports, alice, "5", "ETH")) is Reason.RAIL_OFF
    rail = await world.memory.get(Rail, Asset.ETH)
    assert rail is not None
    assert rail.next_index == 2
    assert used(await world.guards(alice), Operation.PURCHASE, DAY).count == 2


async def test_confirming_twice_gives_the_same_invoice(world: World, alice: Caller) -> None:
    intent = await ordered(world, alice)
    invoice = await confirm_purchase(world.ports, alice, intent)
    with pytest.raises(AlreadyDone) as done:
        await confirm_purchase(world.ports, alice, intent)
    assert done.value.result == invoice
    assert await world.memory.count(Invoice, {}) == 1


async def test_an_expired_offer_gives_no_invoice(world: World, alice: Caller) -> None:
    intent = await ordered(world, alice)
    world.clock.turn(seconds=world.ports.settings.intent_seconds + 1)
    assert await reason_of(confirm_purchase(world.ports, alice, intent)) is Reason.EXPIRED


async def test_a_purchase_is_not_confirmed_as_a_send_nor_by_another(world: World, alice: Caller) -> None:
    intent = await ordered(world, alice)
    assert await reason_of(confirm_send(world.ports, alice, intent)) is Reason.NOT_FOUND
    assert await reason_of(confirm_purchase(world.ports, await world.person(2), intent)) is Reason.NOT_YOURS


async def test_the_days_limit_is_taken_when_the_invoice_is_made(world: World, alice: Caller) -> None:
    first, second = await ordered(world, alice, "300"), await ordered(world, alice, "300")
    await confirm_purchase(world.ports, alice, first)
    assert await reason_of(confirm_purchase(world.ports, alice, second)) is Reason.LIMIT_AMOUNT


@pytest.mark.parametrize(
    ("asset", "minimum_minor"),
    [
        # At 60,000 and 2,000 ITD a coin: what nodes pass on and 68 vB at 20; one wei and 21,000 gas at 20 gwei.
        (Asset.BTC, (546 + 68 * 20) * 600),
        (Asset.ETH, 840_001),
    ],
)
async def test_what_would_not_be_worth_moving_is_not_sold(asset: Asset, minimum_minor: int) -> None:
    world = World(min_purchase="0.1")
    await world.post(changes=(Insert(Rail(id=asset, genesis="00", watched_through=1_000)),))
    alice = await world.person(1)
    below, least = (plain(minor, Asset.ITD) for minor in (minimum_minor - 1, minimum_minor))
    refused = await refusal(quote_purchase(world.ports, alice, below, asset))
    assert (refused.reason, refused.facts) == (Reason.BELOW_MINIMUM, {"minimum_minor": minimum_minor})
    assert (await quote_purchase(world.ports, alice, least, asset)).intent.amount_minor == minimum_minor
