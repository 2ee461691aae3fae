"""Disputes: the ITD is set aside, nothing leaves meanwhile, and what a lost one does not find is owed."""

import pytest

from tests.integration.cards.money import nothing_is_left_of_it, platform, spent
from tests.integration.cards.rail import Rail
from tests.support.wallet import ITD, Wallet
from wallet_core.domain.case import Case, CaseState
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller
from wallet_core.use_cases.confirm_purchase import confirm_purchase
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.quote_purchase import quote_purchase
from wallet_core.use_cases.quote_send import quote_send


async def test_a_dispute_sets_the_itd_aside_and_stops_what_leaves(rail: Rail, wallet: Wallet, alice: Caller) -> None:
    invoice = await rail.bought(alice)
    await rail.bought(alice, "50")
    await rail.company.act(invoice.address, "dispute")
    await rail.look()
    assert await wallet.balance(alice) == (50 * ITD, 100 * ITD)
    assert len((await rail.guards(alice)).disputes) == 1
    for leaving in (quote_send(wallet.ports, alice, "1", "@nobody"), spent(wallet, alice, 1)):
        with pytest.raises(Refused):
            await leaving
    assert (await rail.steps_told())[-1] == "disputed"
    assert await rail.alarms() == ["card_disputed"]
    (case,) = await rail.ports.store.find(Case, {})
    assert (case.state, case.facts["usd_minor"]) == (CaseState.OPEN, 101_00)


async def test_a_dispute_that_is_lost_takes_what_was_set_aside(rail: Rail, wallet: Wallet, alice: Caller) -> None:
    invoice = await rail.bought(alice)
    await rail.company.act(invoice.address, "dispute")
    await rail.look()
    await rail.company.act(invoice.address, "lose")
    await rail.look()
    await rail.look()
    assert await wallet.balance(alice) == (0, 0)
    guards = await rail.guards(alice)
    assert (guards.debt_minor, guards.disputes) == (0, ())
    assert (await rail.steps_told())[-2:] == ["disputed", "reversed"]
    (case,) = await rail.ports.store.find(Case, {})
    assert case.state is CaseState.CLOSED
    await nothing_is_left_of_it(wallet)


async def test_a_dispute_that_is_won_frees_the_itd_with_its_lot(rail: Rail, wallet: Wallet, alice: Caller) -> None:
    invoice = await rail.bought(alice)
    (before,) = (await rail.guards(alice)).card_lots
    await rail.company.act(invoice.address, "dispute")
    await rail.look()
    await rail.company.act(invoice.address, "win")
    await rail.look()
    await rail.look()
    assert await wallet.balance(alice) == (100 * ITD, 0)
    guards = await rail.guards(alice)
    assert (guards.card_lots, guards.disputes) == ((before,), ())
    assert (await rail.told("invoice"))[-1].facts["returned"] == "dispute"


async def test_what_a_lost_dispute_does_not_find_is_owed_and_repaid_by_what_comes_in(
    rail: Rail, wallet: Wallet, alice: Caller
) -> None:
    invoice = await rail.bought(alice)
    friend = await spent(wallet, alice, 70)
    await rail.company.act(invoice.address, "dispute")
    await rail.look()
    assert await wallet.balance(alice) == (0, 30 * ITD)
    await rail.company.act(invoice.address, "lose")
    await rail.look()
    assert (await rail.guards(alice)).debt_minor == 70 * ITD
    with pytest.raises(Refused) as refused:
        await quote_send(wallet.ports, alice, "1", f"@person{friend.person}")
    assert refused.value.reason is Reason.IN_DEBT
    # A card purchase repays in its own posting, money from others a moment later.
    await rail.bought(alice, "50")
    guards = await rail.guards(alice)
    assert (guards.debt_minor, guards.card_lots) == (20 * ITD, ())
    quote = await quote_send(wallet.ports, friend, "25", f"@person{alice.person}")
    await confirm_send(wallet.ports, friend, quote.intent.id, await wallet.code(friend))
    await rail.look()
    assert (await rail.guards(alice)).debt_minor == 0
    assert await wallet.balance(alice) == (5 * ITD, 0)
    assert await platform(wallet, Asset.ITD, "receivable") == 0
    assert [message.facts["debt_minor"] for message in await rail.told("debt_repaid")] == [0]


async def test_no_other_card_is_taken_while_one_is_disputed(rail: Rail, wallet: Wallet, alice: Caller) -> None:
    invoice = await rail.bought(alice)
    quote = await quote_purchase(wallet.ports, alice, "10", "USD")
    await rail.company.act(invoice.address, "dispute")
    await rail.look()
    for taken in (
        confirm_purchase(wallet.ports, alice, quote.intent.id),
        quote_purchase(wallet.ports, alice, "10", "USD"),
    ):
        with pytest.raises(Refused) as refused:
            await taken
        assert refused.value.reason is Reason.DISPUTED
