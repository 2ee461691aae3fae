"""Withdrawals up to the queue, purchases up to the invoice, and the desk, on the real MongoDB."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tests.support.wallet import ELSEWHERE, ITD, PUBLIC, Wallet, open_wallet
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.intent import Intent, IntentState
from wallet_core.domain.kyc import Operation, used
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.purchase import Invoice, Rail, RailState
from wallet_core.use_cases.cancel_withdrawal import cancel_withdrawal
from wallet_core.use_cases.clear_alarm import clear_alarm
from wallet_core.use_cases.confirm_purchase import confirm_purchase
from wallet_core.use_cases.limits import today
from wallet_core.use_cases.quote_purchase import quote_purchase
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.review_withdrawal import review_withdrawal
from wallet_core.use_cases.set_rail import set_rail
from wallet_core.use_cases.show_desk import show_desk
from wallet_core.use_cases.show_history import show_history

HALF = ITD // 2


async def refusal_of(awaitable: Awaitable[object]) -> Refused:
    with pytest.raises(Refused) as refused:
        await awaitable
    return refused.value


async def requested(wallet: Wallet, caller: Caller, itd: str = "50") -> Withdrawal:
    quote = await quote_withdrawal(wallet.ports, caller, itd, "ETH", ELSEWHERE)
    return await request_withdrawal(wallet.ports, caller, quote.intent.id, await wallet.code(caller))


async def test_a_withdrawal_is_held_and_queued_with_its_decision(wallet: Wallet) -> None:
    anna = await wallet.person(100)
    withdrawal = await requested(wallet, anna)
    assert withdrawal.state is PayoutState.QUEUED
    assert withdrawal.coin_minor == 50 * 10**18 // 2_500
    assert wallet.ports.vault.mac_fits(withdrawal.terms(), withdrawal.mac)
    assert [t["policy"] for t in withdrawal.decision["trace"]][:3] == [
        "frozen_person",
        "owed_money",
        "address_screening",
    ]
    assert await wallet.balance(anna) == (50 * ITD - HALF, 50 * ITD + HALF)
    message = (await wallet.ports.store.find(OutboxMessage, {"template": "withdrawal"}))[0]
    assert (message.facts["step"], message.thread) == ("queued", f"withdrawal:{withdrawal.id}")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("0x52908400098527886E0F7030069857D2E4169Ee7", Reason.BAD_CHECKSUM),
        ("0x" + "0" * 40, Reason.ZERO_ADDRESS),
        ("0x1234", Reason.BAD_ADDRESS),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", Reason.BAD_ADDRESS),
        (PUBLIC["hot"][Asset.ETH], Reason.OWN_ADDRESS),
    ],
)
async def test_a_bad_address_is_refused_with_its_reason(wallet: Wallet, address: str, reason: Reason) -> None:
    anna = await wallet.person(100)
    assert (await refusal_of(quote_withdrawal(wallet.ports, anna, "5", "ETH", address))).reason is reason


async def test_ones_own_deposit_address_is_refused(wallet: Wallet) -> None:
    anna = await wallet.person(100)
    quote = await quote_purchase(wallet.ports, anna, "10", "ETH")
    invoice = await confirm_purchase(wallet.ports, anna, quote.intent.id)
    refusal = await refusal_of(quote_withdrawal(wallet.ports, anna, "5", "ETH", invoice.address))
    assert refusal.reason is Reason.OWN_ADDRESS


async def test_the_fourth_withdrawal_of_a_day_is_refused_with_the_numbers(wallet: Wallet) -> None:
    anna = await wallet.person(100)
    quotes = [await quote_withdrawal(wallet.ports, anna, "5", "ETH", ELSEWHERE) for _ in range(4)]
    for quote in quotes[:3]:
        await request_withdrawal(wallet.ports, anna, quote.intent.id, await wallet.code(anna))
    refusal = await refusal_of(request_withdrawal(wallet.ports, anna, quotes[3].intent.id, await wallet.code(anna)))
    assert (refusal.reason, refusal.facts["policy"]) == (Reason.POLICY, "daily_limit")
    assert refusal.facts["numbers"]["limit_count"] == 3
    intent = await wallet.ports.store.get(Intent, quotes[3].intent.id)
    assert intent is not None and intent.state is IntentState.REFUSED and intent.decision is not None


async def test_a_wrong_code_holds_nothing(wallet: Wallet) -> None:
    anna = await wallet.person(100)
    quote = await quote_withdrawal(wallet.ports, anna, "5", "ETH", ELSEWHERE)
    assert (await refusal_of(request_withdrawal(wallet.ports, anna, quote.intent.id, "12345x"))).reason is (
        Reason.WRONG_CODE
    )
    assert await wallet.balance(anna) == (100 * ITD, 0)


async def test_a_large_withdrawal_is_reviewed_by_somebody_else_with_their_own_code(wallet: Wallet) -> None:
    anna = await wallet.person(600, role=Role.OWNER)
    finance = await wallet.person(role=Role.FINANCE)
    support = await wallet.person(role=Role.SUPPORT)
    withdrawal = await requested(wallet, anna, "201")
    assert withdrawal.state is PayoutState.REVIEW
    waiting = await wallet.ports.store.find(OutboxMessage, {"template": "review_waiting"})
    assert {message.person for message in waiting} == {anna.person, finance.person}
    assert [w.id for w in (await show_desk(wallet.ports, support)).reviews] == [withdrawal.id]

    async def review(caller: Caller, code: str) -> None:
        await review_withdrawal(wallet.ports, caller, withdrawal.id, True, code)

    for caller in (anna, support):
        assert (await refusal_of(review(caller, await wallet.code(caller)))).reason is Reason.NOT_ALLOWED
    assert (await refusal_of(review(finance, "000000"))).reason is Reason.WRONG_CODE
    await review(finance, await wallet.code(finance))
    approved = await wallet.ports.store.get(Withdrawal, withdrawal.id)
    assert approved is not None
    assert (approved.state, approved.reviewed_by) == (PayoutState.QUEUED, finance.person)
    with pytest.raises(AlreadyDone):
        await review(finance, await wallet.code(finance))


async def test_a_refused_review_gives_money_and_limit_back(wallet: Wallet) -> None:
    anna, finance = await wallet.person(600), await wallet.person(role=Role.FINANCE)
    withdrawal = await requested(wallet, anna, "201")
    await review_withdrawal(wallet.ports, finance, withdrawal.id, False, await wallet.code(finance))
    assert await wallet.balance(anna) == (600 * ITD, 0)
    guards = await wallet.ports.store.get(Guards, anna.person)
    assert guards is not None and used(guards, Operation.PAYOUT, withdrawal.limit_day).count == 0


async def test_a_withdrawal_is_cancelled_once_and_by_its_person(wallet: Wallet) -> None:
    anna, ben = await wallet.person(100), await wallet.person()
    withdrawal = await requested(wallet, anna)
    assert (await refusal_of(cancel_withdrawal(wallet.ports, ben, withdrawal.id))).reason is Reason.NOT_YOURS
    await cancel_withdrawal(wallet.ports, anna, withdrawal.id)
    with pytest.raises(AlreadyDone):
        await cancel_withdrawal(wallet.ports, anna, withdrawal.id)
    assert await wallet.balance(anna) == (100 * ITD, 0)


async def test_paused_payouts_queue_and_a_closed_chain_refuses(wallet: Wallet) -> None:
    anna, finance = await wallet.person(100), await wallet.person(role=Role.FINANCE)
    await set_rail(wallet.ports, finance, Asset.ETH, RailState.PAUSED, await wallet.code(finance))
    assert (await requested(wallet, anna, "5")).state is PayoutState.QUEUED
    message = (await wallet.ports.store.find(OutboxMessage, {"template": "withdrawal"}))[0]
    assert message.facts["policy"] == "paused_chain"
    await set_rail(wallet.ports, finance, Asset.ETH, RailState.CLOSED, await wallet.code(finance))
    refusal = await refusal_of(quote_withdrawal(wallet.ports, anna, "5", "ETH", ELSEWHERE))
    assert refusal.facts["policy"] == "paused_chain"


async def test_only_an_owner_clears_an_alarm_and_payouts_stay_paused(wallet: Wallet) -> None:
    finance, owner = await wallet.person(role=Role.FINANCE), await wallet.person(role=Role.OWNER)
    await wallet.set_rail(alarm="foreign spend")
    code = await wallet.code(finance)
    assert (await refusal_of(clear_alarm(wallet.ports, finance, Asset.ETH, code))).reason is Reason.NOT_ALLOWED
    await clear_alarm(wallet.ports, owner, Asset.ETH, await wallet.code(owner))
    rail = await wallet.ports.store.get(Rail, Asset.ETH)
    assert rail is not None and (rail.alarm, rail.state) == (None, RailState.PAUSED)


async def test_thirty_purchases_at_once_get_an_address_each(wallet: Wallet) -> None:
    people = [await wallet.person() for _ in range(30)]
    quotes = [await quote_purchase(wallet.ports, person, "10", "eth") for person in people]
    invoices = await asyncio.gather(
        *(confirm_purchase(wallet.ports, p, q.intent.id) for p, q in zip(people, quotes, strict=True))
    )
    assert {invoice.index for invoice in invoices} == set(range(30))
    assert len({invoice.address for invoice in invoices}) == 30
    assert invoices[0].coin_minor == -(-10_100_000 * 10**18 // (2_500 * ITD))
    with pytest.raises(AlreadyDone) as done:
        await confirm_purchase(wallet.ports, people[0], quotes[0].intent.id)
    assert isinstance(done.value.result, Invoice) and done.value.result.index == invoices[0].index


async def test_no_invoice_has_an_address_that_nobody_watches(wallet: Wallet) -> None:
    anna = await wallet.person()
    quote = await quote_purchase(wallet.ports, anna, "10", "ETH")
    await wallet.set_rail(watched_through=-1)
    assert (await refusal_of(confirm_purchase(wallet.ports, anna, quote.intent.id))).reason is Reason.RAIL_OFF
    guards = await wallet.ports.store.get(Guards, anna.person)
    assert guards is not None and used(guards, Operation.PURCHASE, (await today(wallet.ports)).day).count == 0


async def test_the_quote_follows_the_rate(wallet: Wallet) -> None:
    anna = await wallet.person()
    before = (await quote_purchase(wallet.ports, anna, "100", "ETH")).intent
    wallet.rates.itd_minor[Asset.ETH] = 5_000 * ITD
    after = (await quote_purchase(wallet.ports, anna, "100", "ETH")).intent
    assert before.coin_minor == 2 * after.coin_minor == 101 * 10**18 // 2_500


async def test_an_unknown_coin_and_one_without_a_rail_are_told_apart(wallet: Wallet) -> None:
    anna = await wallet.person()
    assert (await refusal_of(quote_purchase(wallet.ports, anna, "10", "DOGE"))).reason is Reason.UNKNOWN_ASSET
    assert (await refusal_of(quote_purchase(wallet.ports, anna, "10", "BTC"))).reason is Reason.RAIL_OFF


async def test_history_has_pages_of_eight_newest_first(wallet: Wallet) -> None:
    anna = await wallet.person(100)
    for _ in range(3):
        await cancel_withdrawal(wallet.ports, anna, (await requested(wallet, anna, "2")).id)
    await requested(wallet, anna, "3")
    await requested(wallet, anna, "4")
    first = await show_history(wallet.ports, anna)
    second = await show_history(wallet.ports, anna, place=first.older)
    assert (len(first.rows), len(second.rows), first.newer, second.older) == (8, 1, None, None)
    assert first.rows[0].kind == "withdrawal_held" and first.rows[0].amount_minor == -4 * ITD - HALF
    assert second.rows[-1].amount_minor == 100 * ITD


async def test_an_address_that_was_changed_in_the_database_after_the_card_is_never_sealed(
    wallet: Wallet, mongo_client: AsyncMongoClient[dict[str, Any]], database_name: str
) -> None:
    anna = await wallet.person(100)
    quote = await quote_withdrawal(wallet.ports, anna, "5", "ETH", ELSEWHERE)
    thiefs = {"$set": {"address": "0x" + "11" * 20}}
    await mongo_client[database_name]["intents"].update_one({"_id": quote.intent.id}, thiefs)
    with pytest.raises(InvariantViolated, match="changed after they were shown"):
        await request_withdrawal(wallet.ports, anna, quote.intent.id, await wallet.code(anna))
    assert await wallet.balance(anna) == (100 * ITD, 0)


async def test_a_request_that_was_taken_back_makes_no_address_known(mongo_uri: str, database_name: str) -> None:
    async with open_wallet(mongo_uri, database_name, new_address_wait_seconds=3_600) as wallet:
        await wallet.set_rail(watched_through=1_000)
        anna = await wallet.person(100)
        first = await requested(wallet, anna, "5")
        assert first.created_at is not None and first.not_before is not None
        await cancel_withdrawal(wallet.ports, anna, first.id)
        second = await requested(wallet, anna, "5")
        assert second.not_before is not None and second.not_before > first.not_before
        third = await requested(wallet, anna, "5")
        assert third.not_before is not None and second.created_at is not None
        assert abs(third.not_before - second.not_before) < timedelta(seconds=1)


async def test_an_approval_renews_the_quote_or_it_would_come_back_to_review(mongo_uri: str, database_name: str) -> None:
    async with open_wallet(mongo_uri, database_name, withdrawal_quote_seconds=1) as wallet:
        await wallet.set_rail(watched_through=1_000)
        anna, finance = await wallet.person(600), await wallet.person(role=Role.FINANCE)
        withdrawal = await requested(wallet, anna, "201")
        await asyncio.sleep(1.2)
        await review_withdrawal(wallet.ports, finance, withdrawal.id, True, await wallet.code(finance))
        approved = await wallet.ports.store.get(Withdrawal, withdrawal.id)
        assert approved is not None and approved.quoted_until > withdrawal.quoted_until + timedelta(seconds=1)


async def test_cancelling_and_refusing_at_once_have_one_outcome(wallet: Wallet) -> None:
    anna, finance = await wallet.person(600), await wallet.person(role=Role.FINANCE)
    withdrawal = await requested(wallet, anna, "201")
    outcomes = await asyncio.gather(
        cancel_withdrawal(wallet.ports, anna, withdrawal.id),
        review_withdrawal(wallet.ports, finance, withdrawal.id, False, await wallet.code(finance)),
        return_exceptions=True,
    )
    assert all(outcome is None or isinstance(outcome, Refused | AlreadyDone) for outcome in outcomes)
    assert await wallet.balance(anna) == (600 * ITD, 0)
