"""Sends that come again, in the chat: set up with a code by the person's own clock, paused, skipped, ended."""

from __future__ import annotations

import re

from tests.integration.bot.conftest import Talk, Town, buttons_of, text_of
from tests.support.wallet import ITD


async def set_up(who: Talk, text: str) -> dict[str, object]:
    """One that runs; returns its card."""
    offer = await who.ask(text, "Send again and again")
    await who.press(offer, "Confirm")
    await who.told("6-digit code")
    card = await who.ask(who.code(), "Next: ")
    assert card["message_id"] == offer["message_id"]
    return card


async def test_by_the_persons_own_clock_and_with_a_code(town: Town) -> None:
    ana, ben = await town.resident("Ana", 50), await town.resident("Ben")
    await ana.ask("/zone europe/berlin", "Time zone: Europe/Berlin")
    await ana.ask("/zone nowhere", "do not know that time zone")
    card = await set_up(ana, f"/recurring 5 @{ben.username} daily 18:00 pocket money")
    assert "every day at 18:00" in text_of(card) and "pocket money" in text_of(card)
    assert re.search(r"Next: 18:00, .*\(Europe/Berlin\)", text_of(card))
    assert await town.balance(ana) == (50 * ITD, 0)
    await ana.ask("/recurring", "every day at 18:00")
    await ana.ask("/settings", "Time zone: Europe/Berlin")


async def test_step_by_step_with_a_usual_time(town: Town) -> None:
    ana, ben = await town.resident("Ana", 50), await town.resident("Ben")
    await ana.press(await ana.ask("/recurring", "There are none"), "New")
    await ana.told("How much, and to whom?")
    question = await ana.ask(f"5 @{ben.username} rent", "When?")
    await ana.press(question, "every Monday at 09:00")
    offer = await ana.told("Send again and again")
    assert "rent" in text_of(offer) and "every Monday at 09:00" in text_of(offer)
    await ana.press(offer, "Cancel")
    await ana.told("Ended: nothing is sent any more")
    await ana.ask("/recurring", "There are none")


async def test_pause_skip_and_end(town: Town) -> None:
    ana, ben = await town.resident("Ana", 50), await town.resident("Ben")
    card = await set_up(ana, f"/recurring 5 @{ben.username} monthly 31 07:30")
    first = re.search(r"Next: .*", text_of(card))
    assert await ana.press(card, "Skip the next") == "Skipped once"
    card = await ana.told("Next: ")
    assert first and first.group() not in text_of(card)
    assert await ana.press(card, "Pause") == "Paused"
    card = await ana.told("Paused: nothing is sent")
    assert [button["text"] for button in buttons_of(card)] == ["Resume", "End", "Home"]
    assert await ana.press(card, "Resume") == "It runs"
    assert await ana.press(await ana.told("Next: "), "End") == "Ended"
    await ana.told("Ended: nothing is sent any more")


async def test_what_is_no_time_is_said_with_an_example(town: Town) -> None:
    ana, ben = await town.resident("Ana", 50), await town.resident("Ben")
    for rule in ("hourly", "daily 25:00", "weekly someday 10:00", "monthly 32 10:00", "daily"):
        await ana.ask(f"/recurring 5 @{ben.username} {rule}", "no day or time that I can send at")
    await ana.ask("/recurring 5 @nobody_at_all daily 10:00", "do not know")
