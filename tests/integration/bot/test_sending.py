"""Sending in the chat: confirmed once, by the right person, in time, with a code where one is due."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.bot.conftest import Talk, Town, buttons_of, data_of, text_of
from tests.support.wallet import ITD
from wallet_core.domain.chat import Draft, Tap


async def _offer(sender: Talk, recipient: Talk, amount: str = "5") -> dict[str, object]:
    return await sender.ask(f"/send {amount} @{recipient.username}", "Send ITD")


async def test_a_small_send_shortly_after_a_code_needs_none(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    card = await _offer(ana, ben)
    assert [b["text"] for b in buttons_of(card)] == ["Confirm", "Cancel"]
    for part in ("Amount: 5 ITD", "Fee: 0 ITD", "Total: 5 ITD", f"id {ben.person}", "Balance after: 95 ITD", "ends at"):
        assert part in text_of(card)
    assert await ana.press(card, "Confirm") == "Sent"
    receipt = await ana.told("Sent 5 ITD")
    assert receipt["message_id"] == card["message_id"]
    await ben.told("Received 5 ITD")
    assert await town.balance(ben) == (5 * ITD, 0)


async def test_a_large_send_asks_for_a_code_and_takes_it_once(town: Town) -> None:
    ana, ben = await town.resident("Ana", 200), await town.resident("Ben")
    card = await _offer(ana, ben, "60")
    await ana.press(card, "Confirm")
    await ana.told("6-digit code")
    code = ana.code()
    sent = await ana.say(code)
    await ana.told("Sent 60 ITD")
    assert {m["message_id"]: m["deleted"] for m in await ana.refresh()}[sent["message_id"]]
    second = await _offer(ana, ben, "60")
    await ana.press(second, "Confirm")
    await ana.told("6-digit code")
    await ana.ask(code, "used before")
    await ana.ask(ana.code(), "Sent 60 ITD")
    assert await town.balance(ben) == (120 * ITD, 0)


async def test_a_second_press_does_nothing_twice(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    card = await _offer(ana, ben)
    data = data_of(card, "Confirm")
    toasts = await asyncio.gather(*(ana.press_data(card, data) for _ in range(5)))
    assert sorted(toasts)[0] == "Sent" and sum("done already" in toast for toast in toasts) == 4
    assert await town.balance(ben) == (5 * ITD, 0)


async def test_somebody_elses_button_is_refused(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben", 100)
    card = await _offer(ana, ben)
    home = await ben.ask("/start", "Available")
    assert "belongs to somebody else" in await ben.press_data(home, data_of(card, "Confirm"))
    assert await town.balance(ana) == (100 * ITD, 0)
    await ana.press(card, "Confirm")
    await ana.told("Sent 5 ITD")


@pytest.mark.parametrize("data", ["", "x" * 64, "home", "$ne"])
async def test_a_forged_button_is_refused(town: Town, data: str) -> None:
    ana = await town.resident("Ana", 100)
    card = await ana.ask("/start", "Available")
    assert "Nothing was changed" in await ana.press_data(card, data or "-")


async def test_an_expired_button_is_refused(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    card = await _offer(ana, ben)
    store = town.wallet.ports.store
    await store.swap(Tap, data_of(card, "Confirm"), {}, {"expires_at": (await store.now()).replace(year=2020)})
    assert "expired" in await ana.press(card, "Confirm")
    assert await town.balance(ana) == (100 * ITD, 0)


async def test_a_tap_that_a_dying_bot_lost_can_be_tapped_again(quiet_town: Town) -> None:
    town = quiet_town
    async with town.bot():
        ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
        card = await _offer(ana, ben)
    lost = asyncio.create_task(ana.press(card, "Confirm"))
    await asyncio.sleep(0.2)
    async with town.bot():
        # Telegram kept the update until a bot took it; a person who saw nothing presses again.
        await ana.press(card, "Confirm")
        await lost
        await ana.told_ever("Sent 5 ITD")
    assert await town.balance(ben) == (5 * ITD, 0)


async def test_a_question_survives_a_restart(quiet_town: Town) -> None:
    town = quiet_town
    async with town.bot():
        ana, ben = await town.resident("Ana", 200), await town.resident("Ben")
        card = await _offer(ana, ben, "60")
        await ana.press(card, "Confirm")
        await ana.told("6-digit code")
    async with town.bot():
        await ana.ask(ana.code(), "Sent 60 ITD")
    assert await town.balance(ben) == (60 * ITD, 0)


async def test_cancel_ends_the_offer_and_its_question(town: Town) -> None:
    ana, ben = await town.resident("Ana", 200), await town.resident("Ben")
    card = await _offer(ana, ben, "60")
    await ana.press(card, "Confirm")
    question = await ana.told("6-digit code")
    assert await ana.press(question, "Cancel") == "Cancelled"
    cancelled = await ana.told("Cancelled. Nothing was changed.")
    assert cancelled["message_id"] == card["message_id"]
    await ana.ask(ana.code(), "Nothing was waiting for a code")
    assert await town.balance(ana) == (200 * ITD, 0)


@pytest.mark.parametrize("text", ["123456", "123 456", "my code: 123456", "123456!", "2-ABCD-EFGH-JKLM-NPQR"])
async def test_a_code_that_nothing_waits_for_is_deleted(town: Town, text: str) -> None:
    ana = await town.resident()
    sent = await ana.say(text)
    await ana.told("looked like a code")
    assert {m["message_id"]: m["deleted"] for m in await ana.refresh()}[sent["message_id"]]


@pytest.mark.parametrize("junk", ["12345", "1234567", "١٢٣٤٥٦", "code?", "12 34 56"])
async def test_junk_in_place_of_a_code_costs_no_try(town: Town, junk: str) -> None:
    ana, ben = await town.resident("Ana", 200), await town.resident("Ben")
    await ana.press(await _offer(ana, ben, "60"), "Confirm")
    await ana.told("6-digit code")
    sent = await ana.say(junk)
    await ana.told("That is not a 6-digit code")
    assert {m["message_id"]: m["deleted"] for m in await ana.refresh()}[sent["message_id"]]
    await ana.ask(ana.code(), "Sent 60 ITD")


BAD_AMOUNTS = ["-1", "0", "1e400", "١٢", "1_000", "NaN", "9" * 4000, "1.1234567", "+1", "1,5", "0x1", "Infinity", ".5"]


async def test_bad_amounts_are_refused_with_the_expected_form(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    for amount in BAD_AMOUNTS:
        await ana.ask(f"/send {amount} @{ben.username}", "I could not read that amount")
    assert await town.balance(ana) == (100 * ITD, 0)


async def test_sending_is_asked_for_piece_by_piece(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    home = await ana.ask("/start", "Available")
    await ana.press(home, "Send")
    await ana.told("How much ITD do you want to send")
    await ana.ask("lots", "I could not read that amount")
    await ana.ask("7", "Who should get it")
    await ana.ask("@nobody_at_all", "I do not know")
    await ana.say(contact=ben.person)
    card = await ana.told("Amount: 7 ITD")
    await ana.press(card, "Confirm")
    await ben.told("Received 7 ITD")
    assert await town.wallet.ports.store.get(Draft, ana.person) is None


async def test_a_shared_contact_begins_a_send(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    await ana.say(contact=ben.person)
    await ana.told("How much ITD do you want to send")
    await ana.ask("3", f"id {ben.person}")


async def test_a_code_in_a_group_is_deleted_and_refused(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    group = (await town.sandbox.post("/sim/groups", title="Friends", members=[ana.person, ben.person]))["id"]
    said = await town.sandbox.say(ana.person, "/send 1 @x 123456", group)
    answer = await town.sandbox.newest(group, said["seq"])
    while "Never write a code" not in text_of(answer):
        answer = await town.sandbox.newest(group, answer["seq"])
    messages = await town.sandbox.get(f"/sim/chats/{group}/messages", after=0)
    assert {m["message_id"]: m["deleted"] for m in messages}[said["message_id"]]


async def test_a_group_is_told_to_write_in_private(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    group = (await town.sandbox.post("/sim/groups", title="Friends", members=[ana.person, ben.person]))["id"]
    said = await town.sandbox.say(ana.person, "/balance", group)
    assert "in private only" in text_of(await town.sandbox.newest(group, said["seq"]))
