"""Money that waits, in the chat: for who has not joined, by a link, taken back; and links that lead through /start."""

from __future__ import annotations

import re

from tests.integration.bot.conftest import Talk, Town, buttons_of, text_of
from tests.support.wallet import ITD
from wallet_core.domain.claimable import Claimable, ClaimableState
from wallet_core.use_cases.claimables import giving_back


def link_in(text: str) -> str:
    """The start parameter of the link in a card."""
    (parameter,) = re.findall(r"https://t\.me/\w+\?start=(\S+)", text)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", parameter)
    return str(parameter)


async def sent(sender: Talk, text: str) -> None:
    """An offer, confirmed, with a code if it is asked for."""
    card = await sender.ask(text, "Send ITD")
    await sender.press(card, "Confirm")


async def test_somebody_who_has_not_joined_finds_the_money_when_they_have(town: Town) -> None:
    ana, zoe = await town.resident("Ana", 100), await town.newcomer("Zoe")
    await ana.say(contact=zoe.person)
    await ana.told("How much ITD")
    card = await ana.ask("5", "have not joined this wallet")
    assert f"id {zoe.person}" in text_of(card)
    await ana.press(card, "Confirm")
    held = await ana.told("5 ITD waits to be claimed")
    assert held["message_id"] == card["message_id"]
    assert await town.balance(ana) == (95 * ITD, 5 * ITD)
    await zoe.enrol()
    waiting = await zoe.told("For you: 5 ITD")
    await zoe.press(waiting, "Claim 5 ITD")
    await zoe.told("Received 5 ITD")
    await ana.told("has it")
    assert (await town.balance(ana), await town.balance(zoe)) == ((95 * ITD, 0), (5 * ITD, 0))


async def test_a_link_leads_a_stranger_through_enrolment_and_asks_the_sender(town: Town) -> None:
    ana, zoe = await town.resident("Ana", 100), await town.newcomer("Zoe")
    await sent(ana, "/send 5 link thank you")
    card = await ana.told("Give this link to one person")
    assert "thank you" in text_of(card)
    await zoe.enrol(start=f"/start {link_in(text_of(card))}")
    await zoe.told("You asked for 5 ITD")
    asked = await ana.told("opened your link")
    assert asked["message_id"] == card["message_id"] and f"id {zoe.person}" in text_of(asked)
    await ana.press(asked, "Yes, give it")
    await zoe.told("Received 5 ITD")
    assert await town.balance(zoe) == (5 * ITD, 0)


async def test_the_wrong_one_is_told_no_and_the_link_is_still_good(town: Town) -> None:
    ana, ben, zoe = await town.resident("Ana", 100), await town.resident("Ben"), await town.resident("Zoe")
    await sent(ana, "/send 5 link")
    link = link_in(text_of(await ana.told("Give this link to one person")))
    await ben.ask(f"/start {link}", "You asked for 5 ITD")
    assert "not possible any more" in text_of(await zoe.ask(f"/start {link}", "not possible"))
    await ana.press(await ana.told_ever("opened your link"), "No")
    await ben.told("meant for somebody else")
    again = await ana.told("Give this link to one person")
    assert link_in(text_of(again)) == link
    await zoe.ask(f"/start {link}", "You asked for 5 ITD")
    await ana.press(await ana.told("opened your link"), "Yes, give it")
    await zoe.told("Received 5 ITD")
    assert (await town.balance(ben), await town.balance(zoe)) == ((0, 0), (5 * ITD, 0))


async def test_it_is_listed_and_taken_back(town: Town) -> None:
    ana = await town.resident("Ana", 100)
    await sent(ana, "/send 5 link")
    card = await ana.told("Give this link to one person")
    listed = await ana.ask("/claims", "Yours: 5 ITD")
    assert [button["text"] for button in buttons_of(listed)] == ["Take back 5 ITD", "Home"]
    assert await ana.press(card, "Take back") == "Taken back"
    await ana.told("on your balance again")
    assert await town.balance(ana) == (100 * ITD, 0)
    await ana.ask("/claims", "Nothing waits")


async def test_a_made_up_link_opens_nothing(town: Town) -> None:
    ana = await town.resident("Ana", 100)
    for parameter in ("c" + "0" * 56, "x1", "c", "a" * 65, "c$ne"):
        await ana.ask(f"/start {parameter}", "Nothing was changed")
    assert await town.balance(ana) == (100 * ITD, 0)


async def test_a_note_is_shown_as_it_was_written_without_what_is_not_seen(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    card = await ana.ask(f"/send 5 @{ben.username} for <b>lunch\u202e</b> & more", "Send ITD")
    assert "Note: “for <b>lunch</b> & more”" in text_of(card)
    await ana.press(card, "Confirm")
    assert "for <b>lunch</b> & more" in text_of(await ben.told("Received 5 ITD"))
    await ana.ask(f"/send 5 @{ben.username} {'x' * 141}", "at most 140 characters")


async def test_a_late_tap_does_not_write_over_what_its_card_has_come_to(town: Town) -> None:
    ana = await town.resident("Ana", 100)
    await sent(ana, "/send 5 link")
    card = await ana.told("Give this link to one person")
    ports = town.wallet.ports
    (held,) = await ports.store.find(Claimable, {"person": ana.person})
    await ports.ledger.post(giving_back(held, ClaimableState.RETURNED, "test"))
    ended = await ana.told("Came back: 5 ITD")
    assert ended["message_id"] == card["message_id"]
    assert "not possible any more" in await ana.press(card, "Take back")
    await ana.told("not possible any more")
    shown = {message["message_id"]: text_of(message) for message in await ana.refresh()}
    assert "Came back: 5 ITD" in shown[card["message_id"]]
