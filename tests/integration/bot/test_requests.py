"""Asking for money in the chat: by one's own link, by a request from one or from many, reminded and cancelled."""

from __future__ import annotations

import re

from tests.integration.bot.conftest import Talk, Town, buttons_of, text_of
from tests.support.wallet import ITD


def link_in(text: str) -> str:
    """The start parameter of the link in a card."""
    (parameter,) = re.findall(r"https://t\.me/\w+\?start=(\S+)", text)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", parameter)
    return str(parameter)


async def requested(who: Talk, text: str, payers: str = "From one person") -> dict[str, object]:
    """A request for a week; returns the requester's card."""
    choice = await who.ask(text, "Who shall pay it?")
    await who.press(choice, payers)
    await who.press(await who.told("For how long"), "7 days")
    return await who.told("You ask for")


async def test_a_request_is_paid_by_its_link_and_the_card_follows_in_place(town: Town) -> None:
    ana, ben = await town.resident("Ana"), await town.resident("Ben", 100)
    card = await requested(ana, "/receive 20 dinner & wine")
    assert "dinner & wine" in text_of(card) and "From one person" in text_of(card)
    pictures = [message for message in await ana.refresh() if message.get("photo") and not message["deleted"]]
    assert len(pictures) == 1
    opened = await ben.ask(f"/start {link_in(text_of(card))}", "You are asked for 20 ITD")
    assert f"id {ana.person}" in text_of(opened) and "dinner & wine" in text_of(opened)
    await ben.press(opened, "Pay 20 ITD")
    await ben.press(await ben.told("Send ITD"), "Confirm")
    await ben.told("Sent 20 ITD")
    paid = await ana.told("Paid: 20 ITD")
    assert paid["message_id"] == card["message_id"] and "https://" not in text_of(paid)
    assert [message for message in await ana.refresh() if message.get("photo") and not message["deleted"]] == []
    assert await town.balance(ana) == (20 * ITD, 0)
    await ben.ask(f"/start {link_in(text_of(card))}", "not possible any more")


async def test_a_part_is_shown_and_too_much_is_refused_with_what_is_left(town: Town) -> None:
    ana, ben = await town.resident("Ana"), await town.resident("Ben", 100)
    link = link_in(text_of(await requested(ana, "/receive 20")))
    await ben.press(await ben.ask(f"/start {link}", "asked for 20 ITD"), "Pay a part")
    await ben.told("How much do you want to pay?")
    await ben.press(await ben.ask("5", "Send ITD"), "Confirm")
    part = await ana.told("Paid so far: 5 ITD")
    assert f"id {ben.person}" in text_of(part)
    opened = await ben.ask(f"/start {link}", "You paid 5 ITD of it")
    await ben.press(opened, "Pay a part")
    await ben.told("How much do you want to pay?")
    await ben.ask("16", "15 ITD is left")
    assert await town.balance(ana) == (5 * ITD, 0)


async def test_many_pay_and_the_rest_is_reminded(town: Town) -> None:
    ana, ben, eve = await town.resident("Ana"), await town.resident("Ben", 50), await town.resident("Eve", 50)
    card = await requested(ana, "/receive 20 club", "From several")
    link = link_in(text_of(card))
    await eve.ask(f"/start {link}", "asked for 20 ITD")
    await ben.press(await ben.ask(f"/start {link}", "asked for 20 ITD"), "Pay 20 ITD")
    await ben.press(await ben.told("Send ITD"), "Confirm")
    card = await ana.told("1 has opened it and not paid")
    assert await ana.press(card, "Remind") == "1 person reminded"
    reminder = await eve.told("Reminder: 20 ITD")
    assert next(button["text"] for button in buttons_of(reminder)) == "Pay 20 ITD"
    assert "less than a day ago" in await ana.press(card, "Remind")


async def test_whoever_opens_ones_own_link_types_how_much(town: Town) -> None:
    ana, ben = await town.resident("Ana"), await town.resident("Ben", 50)
    mine = await ana.ask("/receive", "Receive ITD")
    link = link_in(text_of(mine))
    await ben.ask(f"/start {link}", "How much ITD do you want to send to")
    await ben.press(await ben.ask("7", "Send ITD"), "Confirm")
    await ana.told("Received 7 ITD")
    assert await town.balance(ana) == (7 * ITD, 0)
    guessed = re.sub("^p[0-9]+", f"p{ben.person}", link)
    await ana.ask(f"/start {guessed}", "Nothing was changed")


async def test_a_request_is_listed_and_cancelled(town: Town) -> None:
    ana, ben = await town.resident("Ana"), await town.resident("Ben", 50)
    link = link_in(text_of(await requested(ana, "/receive 20 shoes")))
    listed = await ana.ask("/requests", "20 ITD, open, paid 0 ITD, ")
    await ana.press(listed, "20 ITD shoes")
    await ana.press(await ana.told("You ask for 20 ITD"), "Cancel")
    await ana.told("Cancelled: you asked for 20 ITD")
    await ben.ask(f"/start {link}", "not possible any more")
    assert await town.balance(ben) == (50 * ITD, 0)


async def test_a_malformed_amount_is_said_at_once(town: Town) -> None:
    ana = await town.resident("Ana")
    await ana.ask("/receive twenty", "12.5")
