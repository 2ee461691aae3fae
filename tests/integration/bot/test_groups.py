"""Tips by reply in a group: the group sees who gave how much to whom, and everything else is said in private."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram import Update

from tests.integration.bot.company import Group, group_of, plainly
from tests.integration.bot.conftest import WAIT_SECONDS, Town, buttons_of, text_of
from tests.support.wallet import ITD
from wallet_core.domain.chat import PassingMessage
from wallet_core.domain.claimable import Claimable
from wallet_core.domain.intent import Intent


@pytest.fixture
async def quick_town(quiet_town: Town) -> AsyncIterator[Town]:
    """A town whose bot takes its words in groups away after a second."""
    settings = quiet_town.wallet.ports.settings.model_copy(update={"group_message_seconds": 1})
    ports = quiet_town.wallet.ports
    object.__setattr__(ports, "settings", settings)
    async with quiet_town.bot():
        yield quiet_town


async def public(group: Group) -> str:
    """Everything that the bot says in the group."""
    return "\n".join(plainly(m) for m in await group.messages() if m["from"]["is_bot"])


async def again(town: Town, message: dict[str, Any]) -> None:
    """Telegram delivers the same message once more."""
    assert town.application
    content = {key: value for key, value in message.items() if key not in ("seq", "edited", "deleted")}
    update = Update.de_json({"update_id": 1, "message": content}, town.application.bot)
    await town.application.process_update(update)


async def test_a_tip_goes_to_whoever_wrote_the_message(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    group = await group_of(town, ana, ben)
    joke = await group.say(ben, "a joke")
    await group.say(ana, "/tip 5 for the <joke>", joke)
    await group.shows("Ana → Ben: 5 ITD\nNote: “for the <joke>”")
    await ana.told("Sent 5 ITD")
    await ben.told_ever("Received 5 ITD")
    assert (await town.balance(ana), await town.balance(ben)) == ((95 * ITD, 0), (5 * ITD, 0))
    await group.say(ana, "/send 1.5", joke)
    await group.shows("Ana → Ben: 1.5 ITD")
    assert await public(group) == "Ana → Ben: 5 ITD\nNote: “for the <joke>”\nAna → Ben: 1.5 ITD"


async def test_an_update_that_comes_twice_tips_once(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    group = await group_of(town, ana, ben)
    joke = await group.say(ben, "a joke")
    said = await group.say(ana, "/tip 5", joke)
    await group.shows("Ana → Ben: 5 ITD")
    await again(town, said)
    await group.say(ana, "/tip 2", joke)
    await group.shows("Ana → Ben: 2 ITD")
    assert await town.balance(ana) == (93 * ITD, 0)
    assert await town.wallet.ports.store.count(Intent, {"person": ana.person}) == 2


async def test_more_than_goes_without_a_code_is_confirmed_in_private(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    group = await group_of(town, ana, ben)
    joke = await group.say(ben, "a joke")
    await group.say(ana, "/tip 60", joke)
    card = await ana.told("Send ITD")
    await group.shows("More about this in our private chat.")
    assert await town.balance(ana) == (100 * ITD, 0)
    await ana.press(card, "Confirm")
    await ana.told("6-digit code")
    await ana.say(ana.code())
    await group.shows("Ana → Ben: 60 ITD")
    assert (await town.balance(ana), await town.balance(ben)) == ((40 * ITD, 0), (60 * ITD, 0))


async def test_who_has_not_joined_has_it_wait_and_is_shown_the_way(town: Town) -> None:
    ana, zoe, ben = await town.resident("Ana", 100), await town.newcomer("Zoe"), await town.resident("Ben")
    group = await group_of(town, ana, zoe, ben)
    joke = await group.say(zoe, "a joke")
    await group.say(ana, "/tip 5", joke)
    waiting = await group.shows("Ana → Zoe: 5 ITD, waits to be claimed")
    assert await town.balance(ana) == (95 * ITD, 5 * ITD)
    (claim,) = buttons_of(waiting)
    # Whoever else follows it finds nothing of it.
    await ben.ask(f"/start {claim['url'].partition('start=')[2]}", "Available")
    await zoe.enrol(start=f"/start {claim['url'].partition('start=')[2]}")
    await zoe.press(await zoe.told("For you: 5 ITD"), "Claim 5 ITD")
    done = await group.shows("Ana → Zoe: 5 ITD")
    assert done["message_id"] == waiting["message_id"]
    await group.until(lambda m: m["message_id"] == waiting["message_id"] and not buttons_of(m))
    assert await town.balance(zoe) == (5 * ITD, 0)


@pytest.mark.parametrize(
    ("typed", "why"),
    [("/tip", "amount"), ("/tip 101", "100 ITD"), ("/tip x", "amount"), (f"/tip 5 {'x' * 141}", "140 characters")],
)
async def test_why_not_is_said_in_private_and_goes_away_in_the_group(quick_town: Town, typed: str, why: str) -> None:
    town = quick_town
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    group = await group_of(town, ana, ben)
    joke = await group.say(ben, "a joke")
    said = await group.say(ana, typed, joke)
    await ana.told(why)
    word = await group.until(lambda m: "private chat" in text_of(m))
    assert plainly(word) == "More about this in our private chat."
    gone = {said["message_id"], word["message_id"]}
    await group.until(lambda m: m["message_id"] == word["message_id"] and m["deleted"])
    await group.until(lambda m: m["message_id"] == said["message_id"] and m["deleted"])
    assert {m["message_id"] for m in await group.messages() if m["deleted"]} == gone
    assert await town.balance(ana) == (100 * ITD, 0)
    assert not await town.wallet.ports.store.count(Claimable, {})


async def test_neither_oneself_nor_a_bot_is_tipped(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    group = await group_of(town, ana, ben)
    own = await group.say(ana, "my own joke")
    await group.say(ana, "/tip 5", own)
    await ana.told("That is you.")
    joke = await group.say(ben, "a joke")
    await group.say(ana, "/tip 5", joke)
    by_bot = await group.shows("Ana → Ben: 5 ITD")
    await group.say(ana, "/tip 5", by_bot)
    await ana.told("not written by a person")
    assert await town.balance(ana) == (95 * ITD, 0)


async def test_who_never_wrote_to_the_bot_sees_the_way_there_and_nothing_else(town: Town) -> None:
    zoe, ben = await town.newcomer("Zoe"), await town.resident("Ben")
    group = await group_of(town, zoe, ben)
    joke = await group.say(ben, "a joke")
    await group.say(zoe, "/tip 5", joke)
    word = await group.shows("More about this in our private chat.")
    assert buttons_of(word)[0]["url"].endswith("?start=here")
    assert await zoe.refresh() == []


async def test_what_shall_go_goes_also_after_a_restart(quiet_town: Town) -> None:
    town = quiet_town
    async with town.bot():
        ana = await town.resident("Ana", 100)
        group = await group_of(town, ana)
        await group.say(ana, "/balance")
        word = await group.shows("This wallet answers in private only.")
        assert "100" not in await public(group)
        await _waits_to_go(town, 2)
    store = town.wallet.ports.store
    for message in await store.find(PassingMessage, {}):
        await store.put(message.model_copy(update={"until": await store.now()}))
    async with town.bot():
        await group.until(lambda m: m["message_id"] == word["message_id"] and m["deleted"])
        await _waits_to_go(town, 0)


async def _waits_to_go(town: Town, count: int) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        found = await town.wallet.ports.store.count(PassingMessage, {})
        if found == count:
            return
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.02)


async def test_without_a_reply_it_is_said_how(town: Town) -> None:
    ana = await town.resident("Ana", 100)
    group = await group_of(town, ana)
    await group.say(ana, "/tip 5")
    await group.shows("reply to somebody's message with /tip 5")
    await ana.ask("/tip 5", "reply to somebody's message with /tip 5")
