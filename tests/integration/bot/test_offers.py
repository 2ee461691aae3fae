"""Inline mode: so much for whoever presses first, in a chat that the bot may not even be in."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.bot.company import group_of, plainly
from tests.integration.bot.conftest import Town, buttons_of, data_of
from tests.support.wallet import ITD
from wallet_core.domain.accounts import Account, available
from wallet_core.domain.claimable import Claimable, ClaimableState
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.inline_offer import InlineOffer
from wallet_core.domain.kyc import day_of
from wallet_core.domain.ledger import Posting, credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller
from wallet_core.use_cases.claimables import giving_back
from wallet_core.use_cases.post_offer import post_offer


async def test_nothing_is_debited_while_typing_and_the_first_who_presses_has_it(town: Town) -> None:
    ana, ben, zoe = await town.resident("Ana", 100), await town.resident("Ben"), await town.resident("Zoe")
    group = await group_of(town, ana, ben, zoe)
    for typed in ("1", "1.", "1.5", "15"):
        assert len((await group.type(ana, typed))["results"]) == 1
    assert await town.balance(ana) == (100 * ITD, 0)
    posted = await group.post(ana, "5 ITD for <b>lunch</b>")
    assert plainly(posted) == "Ana gives 5 ITD to whoever presses first.\nNote: “for <b>lunch</b>”"
    await ana.told("It is held for whoever presses first")
    assert await town.balance(ana) == (95 * ITD, 5 * ITD)
    first, second = await asyncio.gather(group.press(ben, posted), group.press(zoe, posted))
    assert sorted(bool("It is yours" in one["toast"]) for one in (first, second)) == [False, True]
    done = await group.shows("→", "5 ITD, claimed")
    assert done["message_id"] == posted["message_id"] and not buttons_of(done)
    assert (await town.balance(ben))[0] + (await town.balance(zoe))[0] == 5 * ITD
    assert await town.balance(ana) == (95 * ITD, 0)
    await ana.told("has it")


async def test_what_telegram_did_not_tell_is_held_when_it_is_pressed(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    group = await group_of(town, ana, ben)
    posted = await group.post(ana, "5", told=False)
    assert await town.balance(ana) == (100 * ITD, 0)
    assert "It is yours" in (await group.press(ben, posted))["toast"]
    await group.shows("Ana → Ben: 5 ITD, claimed")
    assert (await town.balance(ana), await town.balance(ben)) == ((95 * ITD, 0), (5 * ITD, 0))


async def test_who_has_not_enrolled_is_led_through_it_and_claims_there(town: Town) -> None:
    ana, zoe, ben = await town.resident("Ana", 100), await town.newcomer("Zoe"), await town.newcomer("Ben")
    group = await group_of(town, ana, zoe, ben)
    posted = await group.post(ana, "5")
    link = (await group.press(zoe, posted))["url"]
    late = (await group.press(ben, posted))["url"]
    assert link == late and len(link.partition("start=")[2]) <= 64
    await zoe.enrol(start=f"/start {link.partition('start=')[2]}")
    await zoe.told("Received 5 ITD")
    await group.shows("Ana → Zoe: 5 ITD, claimed")
    await ben.enrol(start=f"/start {late.partition('start=')[2]}")
    await ben.told("It is not there any more")
    assert (await town.balance(zoe), await town.balance(ben)) == ((5 * ITD, 0), (0, 0))


async def test_an_amount_that_takes_a_code_is_confirmed_in_private_first(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    group = await group_of(town, ana, ben)
    posted = await group.post(ana, "60 birthday")
    assert "Ana confirms it first." in plainly(posted)
    await ana.told("give 60 ITD to whoever presses first")
    pressed = await group.press(ben, posted)
    assert "has not confirmed it yet" in pressed["toast"] and pressed["alert"]
    assert await town.balance(ana) == (100 * ITD, 0)
    await ana.say(ana.code())
    await group.until(lambda m: m["message_id"] == posted["message_id"] and "confirms" not in plainly(m))
    assert await town.balance(ana) == (40 * ITD, 60 * ITD)
    assert "It is yours" in (await group.press(ben, posted))["toast"]
    await group.shows("Ana → Ben: 60 ITD, claimed")


async def test_not_confirmed_it_is_nobodys(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    group = await group_of(town, ana, ben)
    posted = await group.post(ana, "60")
    question = await ana.told("6-digit code")
    await ana.press(question, "Cancel")
    gone = await group.shows("Ana gives nothing here any more.")
    assert gone["message_id"] == posted["message_id"] and not buttons_of(gone)
    assert await town.balance(ana) == (100 * ITD, 0)
    # A code that is given for something else must not bring it back.
    assert not await town.wallet.ports.store.count(InlineOffer, {"amount_minor": 60 * ITD})


async def test_the_senders_own_press_leads_to_taking_it_back(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    group = await group_of(town, ana, ben)
    posted = await group.post(ana, "5")
    link = (await group.press(ana, posted))["url"]
    card = await ana.ask(f"/start {link.partition('start=')[2]}", "5 ITD waits to be claimed")
    await ana.press(card, "Take back")
    gone = await group.shows("Ana: 5 ITD, not there any more")
    assert gone["message_id"] == posted["message_id"] and not buttons_of(gone)
    assert await town.balance(ana) == (100 * ITD, 0)


async def test_what_the_worker_gives_back_is_seen_in_the_chat_too(town: Town) -> None:
    ana, ports = await town.resident("Ana", 100), town.wallet.ports
    group = await group_of(town, ana)
    await group.post(ana, "5")
    await ana.told("It is held for whoever presses first")
    (held,) = await ports.store.find(Claimable, {"person": ana.person})
    await ports.ledger.post(giving_back(held, ClaimableState.RETURNED, "worker"))
    await group.shows("Ana: 5 ITD, not there any more")


@pytest.mark.parametrize(
    ("typed", "why"),
    [("5.1234567", "decimals"), ("0.001", "0.01"), ("101", "100 ITD"), (f"5 {'x' * 141}", "140"), ("600", "limit")],
)
async def test_what_cannot_be_given_is_told_to_whoever_types_alone(town: Town, typed: str, why: str) -> None:
    ana = await town.resident("Ana", 900 if typed == "600" else 100)
    group = await group_of(town, ana)
    (result,) = (await group.type(ana, typed))["results"]
    assert why in result["description"]
    posted = await group.choose(ana, result)
    assert why not in plainly(posted) and not buttons_of(posted)
    assert not await town.wallet.ports.store.count(InlineOffer, {})


async def test_nothing_typed_and_nobody_enrolled_get_a_button_to_the_bot(town: Town) -> None:
    ana, zoe = await town.resident("Ana", 100), await town.newcomer("Zoe")
    group = await group_of(town, ana, zoe)
    empty, stranger = await group.type(ana, ""), await group.type(zoe, "5")
    assert (empty["results"], empty["button"]["text"]) == ([], "Write an amount, such as 5")
    assert (stranger["results"], stranger["button"]["text"]) == ([], "Set up your wallet first")
    await zoe.say(f"/start {stranger['button']['start_parameter']}")
    await zoe.told("otpauth://")


async def test_a_full_day_is_told_to_who_presses_and_to_nobody_else(town: Town) -> None:
    ana, ben, zoe = await town.resident("Ana", 100), await town.resident("Ben"), await town.resident("Zoe")
    ports = town.wallet.ports
    day, full = day_of(await ports.store.now()), {"receive": {"count": 50, "amount_minor": 50 * ITD}}
    change = ChangeGuards(ben.person, lambda guards, _: guards.with_(limits={day: full}))
    await ports.ledger.post(Posting("test:full", "test", "test", changes=(change,)))
    group = await group_of(town, ana, ben, zoe)
    posted = await group.post(ana, "5")
    answer = await group.press(ben, posted)
    assert "50" in answer["toast"] and "limit" in answer["toast"] and answer["alert"]
    assert "50" not in plainly(await group.shows("Ana gives 5 ITD"))
    assert "It is yours" in (await group.press(zoe, posted))["toast"]


async def test_the_senders_affairs_are_told_to_nobody_who_presses(town: Town) -> None:
    ana, ben = await town.resident("Ana", 2_100), await town.resident("Ben")
    group = await group_of(town, ana, ben)
    posted = await group.post(ana, "50", told=False)
    (offer,) = await town.wallet.ports.store.find(InlineOffer, {"amount_minor": 50 * ITD})
    gone = (debit(available(ana.person), 2_090 * ITD), credit(Account(Asset.ITD, "trading"), 2_090 * ITD))
    await town.wallet.ports.ledger.post(Posting("test:gone", "test", "test", entries=gone))
    answer = await group.press(ben, posted)
    assert answer["toast"] == "The sender cannot give it at the moment. Nothing was changed on your balance."
    assert offer.person == ana.person


async def test_a_choice_that_is_told_twice_holds_once(town: Town) -> None:
    ana = await town.resident("Ana", 100)
    group = await group_of(town, ana)
    await group.post(ana, "5")
    await ana.told("It is held for whoever presses first")
    (offer,) = await town.wallet.ports.store.find(InlineOffer, {})
    with pytest.raises(Exception, match="already done"):
        await post_offer(town.wallet.ports, Caller(ana.person), offer.id)
    assert await town.balance(ana) == (95 * ITD, 5 * ITD)


async def test_an_offer_that_nobody_pressed_in_time_is_over_and_says_so(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    group, store = await group_of(town, ana, ben), town.wallet.ports.store
    posted = await group.post(ana, "5", told=False)
    (offer,) = await store.find(InlineOffer, {})
    await store.put(offer.model_copy(update={"expires_at": await store.now()}))
    assert "It is not there any more" in (await group.press(ben, posted))["toast"]
    over = await group.shows("This offer is over.")
    assert over["message_id"] == posted["message_id"] and not buttons_of(over)
    assert await town.balance(ana) == (100 * ITD, 0)


async def test_nobodys_program_puts_an_offer_in_the_place_of_another(town: Town) -> None:
    ana, mallory = await town.resident("Ana", 100), await town.resident("Mallory", 100)
    group = await group_of(town, ana, mallory)
    posted = await group.post(ana, "5")
    await ana.told("It is held for whoever presses first")
    (bait,) = (await group.type(mallory, "1"))["results"]
    forged = bait["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    press = {"from": mallory.person, "message_id": posted["message_id"], "data": forged}
    answer = await town.sandbox.post(f"/sim/chats/{group.id}/press", **press)
    assert "It is not there any more" in answer["toast"]
    assert plainly(await group.shows("Ana gives 5 ITD")) == "Ana gives 5 ITD to whoever presses first."
    assert "It is yours" in (await group.press(mallory, posted))["toast"]


async def test_what_a_private_button_carries_does_nothing_elsewhere(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    group = await group_of(town, ana, ben)
    posted = await group.post(ana, "5")
    card = await ana.told("It is held for whoever presses first")
    for data in ("x" * 64, data_of(card, "Take back")):
        press = {"from": ben.person, "message_id": posted["message_id"], "data": data}
        assert "not there" in (await town.sandbox.post(f"/sim/chats/{group.id}/press", **press))["toast"]
    assert await town.balance(ana) == (95 * ITD, 5 * ITD)
