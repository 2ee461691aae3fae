"""Withdrawing: a code always, the policies inside the request, and money held or not touched at all."""

from datetime import timedelta

import pytest

from tests.unit.wallet_core.world import (
    ADDRESS,
    BTC_ADDRESS,
    ETH,
    ITD,
    LTC_ADDRESS,
    OTHER_ADDRESS,
    World,
    reason_of,
    refusal,
)
from wallet_core.domain.errors import AlreadyDone, Reason
from wallet_core.domain.guards import frozen
from wallet_core.domain.intent import Intent, IntentState
from wallet_core.domain.kyc import Operation, Used, used
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal, move_payout
from wallet_core.domain.people import Caller
from wallet_core.domain.policies import Verdict
from wallet_core.domain.purchase import RailState
from wallet_core.use_cases.cancel_withdrawal import cancel_withdrawal
from wallet_core.use_cases.confirm_purchase import confirm_purchase
from wallet_core.use_cases.quote_purchase import quote_purchase
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.show_coins import show_coins

DAY = "2026-11-22"
FEE = ITD // 2


@pytest.fixture
async def alice(world: World) -> Caller:
    await world.open_rail()
    alice = await world.person(1)
    await world.fund(alice, 1_000)
    return alice


async def offered(world: World, caller: Caller, amount: str = "20", address: str = ADDRESS) -> str:
    return (await quote_withdrawal(world.ports, caller, amount, "ETH", address)).intent.id


async def requested(world: World, caller: Caller, amount: str = "20", address: str = ADDRESS) -> Withdrawal:
    intent = await offered(world, caller, amount, address)
    return await request_withdrawal(world.ports, caller, intent, await world.code(caller))


async def state_of(world: World, withdrawal: Withdrawal) -> PayoutState:
    stored = await world.memory.get(Withdrawal, withdrawal.id)
    assert stored is not None
    return stored.state


# The offer


async def test_an_offer_fixes_rate_coins_and_fee_and_holds_nothing(world: World, alice: Caller) -> None:
    quote = await quote_withdrawal(world.ports, alice, "20", "eth", ADDRESS.lower())
    assert (quote.intent.amount_minor, quote.intent.fee_minor) == (20 * ITD, FEE)
    assert (quote.intent.coin_minor, quote.intent.address) == (ETH // 100, ADDRESS)
    assert quote.balance_after_minor == 1_000 * ITD - 20 * ITD - FEE
    assert (quote.remaining.count, quote.remaining.amount_minor) == (2, 230 * ITD)
    assert quote.decision.verdict is Verdict.APPROVE


async def test_who_withdraws_pays_the_spread_in_coins(world: World, alice: Caller) -> None:
    world.rates.spread_basis_points = 100
    intent = (await quote_withdrawal(world.ports, alice, "20.2", "ETH", ADDRESS)).intent
    assert (intent.rate_minor, intent.rate_source, intent.rate_at) == (2_020 * ITD, "ticker.example", world.clock.now)
    assert intent.coin_minor == ETH // 100
    assert await world.money(alice) == (1_000 * ITD, 0)


@pytest.mark.parametrize(
    ("amount", "asset", "address", "reason"),
    [
        ("0.5", "ETH", ADDRESS, Reason.BELOW_MINIMUM),
        ("x", "ETH", ADDRESS, Reason.BAD_AMOUNT),
        ("20", "BTC", ADDRESS, Reason.RAIL_OFF),
        ("20", "ETH", "somewhere", Reason.BAD_ADDRESS),
        ("20", "ETH", ADDRESS[:-1] + "D", Reason.BAD_CHECKSUM),
        ("20", "ETH", "0x" + "0" * 40, Reason.ZERO_ADDRESS),
        ("251", "ETH", ADDRESS, Reason.POLICY),
    ],
)
async def test_what_cannot_be_withdrawn_is_not_offered(  # noqa: PLR0917 - one for each column
    world: World, alice: Caller, amount: str, asset: str, address: str, reason: Reason
) -> None:
    assert await reason_of(quote_withdrawal(world.ports, alice, amount, asset, address)) is reason
    assert await world.memory.count(Intent, {}) == 0


@pytest.mark.parametrize(
    ("asset", "address", "coin_minor"),
    [(Asset.BTC, BTC_ADDRESS, 33_333), (Asset.LTC, LTC_ADDRESS.upper(), 25_000_000)],
)
async def test_bitcoin_and_litecoin_are_paid_in_whole_satoshi_and_the_rest_is_not_given_out(
    world: World, alice: Caller, asset: Asset, address: str, coin_minor: int
) -> None:
    await world.open_payouts(asset)
    quote = await quote_withdrawal(world.ports, alice, "20", asset, f" {address} ")
    assert (quote.intent.coin_minor, quote.intent.address) == (coin_minor, address.lower())
    assert quote.intent.fee_minor == world.ports.settings.withdrawal_fee_minor(asset)
    withdrawal = await request_withdrawal(world.ports, alice, quote.intent.id, await world.code(alice))
    assert (withdrawal.asset, withdrawal.state) == (asset, PayoutState.QUEUED)


async def test_a_coin_that_no_worker_ever_served_is_not_paid_in(world: World, alice: Caller) -> None:
    await world.open_payouts(Asset.BTC, genesis=None)
    for asset in (Asset.BTC, Asset.LTC):
        refused = await refusal(quote_withdrawal(world.ports, alice, "20", asset, BTC_ADDRESS))
        assert (refused.reason, refused.facts["assets"]) == (Reason.RAIL_OFF, (Asset.ETH,))
    assert (await show_coins(world.ports, alice, Operation.PAYOUT)).open == (Asset.ETH,)


async def test_an_address_of_another_coin_is_named_as_what_it_is(world: World, alice: Caller) -> None:
    for asset in (Asset.BTC, Asset.LTC):
        await world.open_payouts(asset)
    wrong = ((Asset.BTC, LTC_ADDRESS, Asset.LTC), (Asset.ETH, BTC_ADDRESS, Asset.BTC), (Asset.LTC, ADDRESS, Asset.ETH))
    for asset, address, other in wrong:
        refused = await refusal(quote_withdrawal(world.ports, alice, "20", asset, address))
        assert (refused.reason, refused.facts["address_of"]) == (Reason.BAD_ADDRESS, other)
    refused = await refusal(quote_withdrawal(world.ports, alice, "20", "BTC", "nothing"))
    assert (refused.facts["asset"], refused.facts["network"], refused.facts["address_of"]) == ("BTC", "regtest", None)


async def test_coins_that_no_node_would_pass_on_are_not_offered(world: World, alice: Caller) -> None:
    await world.open_payouts(Asset.BTC)
    world.rates.itd_minor[Asset.BTC] = 1_000_000 * ITD
    refused = await refusal(quote_withdrawal(world.ports, alice, "5.459999", "BTC", BTC_ADDRESS))
    assert (refused.reason, refused.facts["minimum_minor"]) == (Reason.BELOW_MINIMUM, 5_460_000)
    assert (await quote_withdrawal(world.ports, alice, "5.46", "BTC", BTC_ADDRESS)).intent.coin_minor == 546


async def test_nobody_withdraws_to_a_deposit_address_of_this_wallet(world: World, alice: Caller) -> None:
    bob = await world.person(2)
    order = (await quote_purchase(world.ports, bob, "5", "ETH")).intent.id
    deposit = (await confirm_purchase(world.ports, bob, order)).address
    assert await reason_of(offered(world, alice, address=deposit)) is Reason.OWN_ADDRESS


async def test_amount_and_fee_must_both_be_covered(world: World) -> None:
    await world.open_rail()
    poor = await world.person(1)
    await world.fund(poor, 20.4)
    refused = await refusal(offered(world, poor, "20"))
    assert refused.reason is Reason.INSUFFICIENT_FUNDS
    assert refused.facts == {"available_minor": 20_400_000, "needed_minor": 20_500_000}


# The request


async def test_a_request_holds_amount_and_fee_and_queues_what_was_offered(world: World, alice: Caller) -> None:
    withdrawal = await requested(world, alice)
    assert withdrawal.state is PayoutState.QUEUED
    assert (withdrawal.coin_minor, withdrawal.address) == (ETH // 100, ADDRESS)
    assert await world.money(alice) == (979_500_000, 20_500_000)
    assert used(await world.guards(alice), Operation.PAYOUT, DAY).amount_minor == 20 * ITD
    assert set(world.sums().values()) == {0}


async def test_the_payout_has_the_intents_id_and_a_seal_that_fits_its_terms(world: World, alice: Caller) -> None:
    intent = await offered(world, alice)
    withdrawal = await request_withdrawal(world.ports, alice, intent, await world.code(alice))
    assert withdrawal.id == intent
    assert world.ports.vault.mac_fits(withdrawal.terms(), withdrawal.mac)
    changed = withdrawal.model_copy(update={"address": OTHER_ADDRESS})
    assert not world.ports.vault.mac_fits(changed.terms(), withdrawal.mac)


async def test_the_first_payout_to_an_address_waits_a_day_and_a_later_one_does_not(world: World, alice: Caller) -> None:
    first = await requested(world, alice)
    assert first.not_before is not None
    assert first.not_before - world.clock() == timedelta(days=1)
    world.clock.turn(days=1, seconds=1)
    assert (await requested(world, alice)).not_before is None
    assert (await requested(world, alice, address=OTHER_ADDRESS)).not_before is not None


async def test_requesting_twice_holds_once(world: World, alice: Caller) -> None:
    intent = await offered(world, alice)
    withdrawal = await request_withdrawal(world.ports, alice, intent, await world.code(alice))
    with pytest.raises(AlreadyDone) as done:
        await request_withdrawal(world.ports, alice, intent, await world.code(alice))
    assert done.value.result == withdrawal
    assert await world.money(alice) == (979_500_000, 20_500_000)


async def test_no_withdrawal_without_a_right_code(world: World, alice: Caller) -> None:
    intent = await offered(world, alice)
    assert await reason_of(request_withdrawal(world.ports, alice, intent, "000000")) is Reason.WRONG_CODE
    assert await world.money(alice) == (1_000 * ITD, 0)
    assert await world.memory.count(Withdrawal, {}) == 0


async def test_one_code_does_not_serve_two_withdrawals(world: World, alice: Caller) -> None:
    first, second = await offered(world, alice), await offered(world, alice)
    code = await world.code(alice)
    await request_withdrawal(world.ports, alice, first, code)
    assert await reason_of(request_withdrawal(world.ports, alice, second, code)) is Reason.CODE_USED


async def test_a_freeze_between_offer_and_request_wins_and_the_offer_is_over(world: World, alice: Caller) -> None:
    intent = await offered(world, alice)
    await world.post(changes=(frozen(1, "person:1"),))
    refused = await refusal(request_withdrawal(world.ports, alice, intent, await world.code(alice)))
    assert (refused.reason, refused.facts["policy"]) == (Reason.POLICY, "frozen_person")
    stored = await world.memory.get(Intent, intent)
    assert stored is not None
    assert stored.state is IntentState.REFUSED
    assert stored.decision is not None
    assert await world.money(alice) == (1_000 * ITD, 0)


async def test_the_fourth_payout_of_a_day_is_refused_by_name_and_numbers(world: World, alice: Caller) -> None:
    for _ in range(3):
        await requested(world, alice)
    refused = await refusal(offered(world, alice))
    assert (refused.reason, refused.facts["policy"]) == (Reason.POLICY, "daily_limit")
    numbers = refused.facts["numbers"]
    assert (numbers["used_count"], numbers["limit_count"], numbers["next_level_count"]) == (3, 3, 10)


async def test_a_balance_spent_since_the_offer_is_noticed(world: World) -> None:
    await world.open_rail()
    alice = await world.person(1)
    await world.fund(alice, 30)
    first, second = await offered(world, alice), await offered(world, alice)
    await request_withdrawal(world.ports, alice, first, await world.code(alice))
    code = await world.code(alice)
    assert await reason_of(request_withdrawal(world.ports, alice, second, code)) is Reason.INSUFFICIENT_FUNDS
    assert await world.memory.count(Withdrawal, {}) == 1


async def test_a_closed_chain_takes_no_request_and_a_paused_one_queues(world: World) -> None:
    await world.open_rail(state=RailState.PAUSED)
    alice = await world.person(1)
    await world.fund(alice, 100)
    assert (await requested(world, alice)).state is PayoutState.QUEUED
    target = next(t for t in world.memory.documents if t.collection == "rails")
    world.memory.documents[target]["state"] = RailState.CLOSED
    assert (await refusal(offered(world, alice))).facts["policy"] == "paused_chain"


# Taking it back


async def test_cancelling_gives_money_and_limit_back(world: World, alice: Caller) -> None:
    withdrawal = await requested(world, alice)
    await cancel_withdrawal(world.ports, alice, withdrawal.id)
    assert await world.money(alice) == (1_000 * ITD, 0)
    assert used(await world.guards(alice), Operation.PAYOUT, DAY) == Used(0, 0)
    assert await state_of(world, withdrawal) is PayoutState.CANCELLED


async def test_the_limit_goes_back_to_the_day_it_was_taken_from(world: World, alice: Caller) -> None:
    withdrawal = await requested(world, alice)
    world.clock.turn(days=1)
    await requested(world, alice)
    await cancel_withdrawal(world.ports, alice, withdrawal.id)
    guards = await world.guards(alice)
    assert used(guards, Operation.PAYOUT, DAY).count == 0
    assert used(guards, Operation.PAYOUT, "2026-11-23").count == 1


async def test_cancelling_twice_gives_back_once(world: World, alice: Caller) -> None:
    withdrawal = await requested(world, alice)
    await cancel_withdrawal(world.ports, alice, withdrawal.id)
    with pytest.raises(AlreadyDone):
        await cancel_withdrawal(world.ports, alice, withdrawal.id)
    assert await world.money(alice) == (1_000 * ITD, 0)


async def test_what_is_in_a_batch_cannot_be_taken_back(world: World, alice: Caller) -> None:
    withdrawal = await requested(world, alice)
    await world.post(changes=(move_payout(withdrawal.id, PayoutState.QUEUED, PayoutState.BATCHED, batch="b"),))
    assert await reason_of(cancel_withdrawal(world.ports, alice, withdrawal.id)) is Reason.WRONG_STATE
    assert await world.money(alice) == (979_500_000, 20_500_000)


async def test_nobody_takes_back_the_withdrawal_of_another(world: World, alice: Caller) -> None:
    withdrawal = await requested(world, alice)
    assert await reason_of(cancel_withdrawal(world.ports, await world.person(2), withdrawal.id)) is Reason.NOT_YOURS
    assert await reason_of(cancel_withdrawal(world.ports, alice, "no such")) is Reason.NOT_FOUND
