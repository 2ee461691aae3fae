"""Who should get it: people chosen from Telegram's own list, people of earlier sends, and names that imitate them."""

from __future__ import annotations

from typing import Any

from tests.integration.bot.conftest import Talk, Town, buttons_of, text_of
from tests.support.wallet import ITD


async def keys(talk: Talk) -> list[dict[str, Any]]:
    """The keys below the input field."""
    chat = await talk.sandbox.get(f"/sim/chats/{talk.person}")
    return [key for row in (chat["keyboard"] or {}).get("keyboard", []) for key in row]


async def choose(talk: Talk, whom: Talk) -> None:
    """Presses the key and picks somebody."""
    (key,) = await keys(talk)
    shared = {"request_id": key["request_users"]["request_id"], "user_ids": [whom.person]}
    await talk.say(users_shared=shared)


async def test_somebody_is_chosen_from_telegrams_own_list(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    await ana.ask("/send 5", "Who should get it?")
    await ana.told("Or choose somebody from your Telegram contacts")
    await choose(ana, ben)
    card = await ana.told("Send ITD")
    assert f"id {ben.person}" in text_of(card)
    await ana.press(card, "Confirm")
    await ben.told_ever("Received 5 ITD")
    assert await keys(ana) == []
    assert not any("Or choose somebody" in text_of(m) for m in await ana.refresh() if not m["deleted"])


async def test_who_is_chosen_need_not_have_met_the_bot(town: Town) -> None:
    ana, zoe = await town.resident("Ana", 100), await town.newcomer("Zoe")
    await ana.ask("/send 5", "Who should get it?")
    await ana.told("Or choose somebody")
    await choose(ana, zoe)
    card = await ana.told("have not joined this wallet")
    assert "Zoe" in text_of(card) and f"id {zoe.person}" in text_of(card)


async def test_the_key_goes_with_its_question(town: Town) -> None:
    ana = await town.resident("Ana", 100)
    question = await ana.ask("/send 5", "Who should get it?")
    await ana.told("Or choose somebody")
    assert [key["text"] for key in await keys(ana)] == ["Choose a person"]
    await ana.press(question, "Cancel")
    await ana.told("Cancelled")
    assert await keys(ana) == []
    await ana.ask("/send 6", "Who should get it?")
    await ana.told("Or choose somebody")
    await ana.ask("/buy", "What do you want to pay with?")
    assert len(await keys(ana)) == 1
    await ana.ask("/send", "How much ITD")
    assert await keys(ana) == []


async def test_the_last_five_people_are_buttons(town: Town) -> None:
    ana = await town.resident("Ana", 100)
    people = [await town.resident(name) for name in ("Ben", "Cem", "Dora", "Emil", "Finn", "Gesa")]
    for one in (*people, people[1]):
        card = await ana.ask(f"/send 1 @{one.username}", "Send ITD")
        await ana.press(card, "Confirm")
        await ana.told("Sent 1 ITD")
    question = await ana.ask("/send 5", "Who should get it?")
    labels = [button["text"] for button in buttons_of(question)]
    assert labels == ["Cem", "Gesa", "Finn", "Emil", "Dora", "By link", "Cancel"]
    await ana.press(question, "Dora")
    card = await ana.told("Send ITD")
    assert f"id {people[2].person}" in text_of(card)
    await ana.press(card, "Confirm")
    await ana.told("Sent 5 ITD")
    assert (await town.balance(people[2]))[0] == 6 * ITD
    assert await keys(ana) == []


async def test_who_imitates_somebody_of_earlier_sends_is_named(town: Town) -> None:
    ana, bill = await town.resident("Ana", 100), await town.resident("Bill", username="bill_smith")
    thief = await town.resident("BiII", username="blll_sm1th")
    card = await ana.ask(f"/send 1 @{thief.username}", "Send ITD")
    assert "looks the same" not in text_of(card)
    card = await ana.ask(f"/send 1 @{bill.username}", "Balance after")
    await ana.press(card, "Confirm")
    await ana.told("Sent 1 ITD")
    card = await ana.ask(f"/send 2 @{thief.username}", "Send ITD")
    assert "whose name looks the same" in text_of(card) and f"id {bill.person}" in text_of(card)
    card = await ana.ask(f"/send 3 @{bill.username}", "Send ITD")
    assert "looks the same" not in text_of(card)
