"""The bot may die between any two taps: nothing that was promised is lost, nothing is done twice."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tests.e2e.conftest import RunningSandbox
from tests.e2e.test_the_whole_way import new_address
from tests.support.chat import ChatPerson, Message, Sim, buttons_of, text_of


async def reborn(sim: Sim) -> None:
    """SIGKILL, and a new bot."""
    await sim.process("bot", "SIGKILL")
    await sim.process("bot", "start")


async def press_until(person: ChatPerson, card: Message, button: str, done: Callable[[Message], bool]) -> Message:
    """Taps and kills the bot some moments later, again and again, as if every tap had been lost."""
    before = await person.position()
    data = buttons_of(card)[button]
    for delay in (0.0, 0.05, 0.15, 0.5):
        tap = asyncio.create_task(person.press_data(card, data))
        await asyncio.sleep(delay)
        await reborn(person.sim)
        await tap
    await person.press_data(card, data)
    return await person.until(done, after=before, seconds=40)


async def test_every_tap_of_every_flow_survives_a_killed_bot(sandbox: RunningSandbox) -> None:
    anna, ben = await sandbox.sim.person("Anna"), await sandbox.sim.person("Ben")
    card = await anna.ask("/start", "otpauth://")
    await reborn(sandbox.sim)
    await anna.pair(card)
    await anna.reads("Your recovery codes", after=await anna.say(await anna.code()))
    await ben.enrol()

    offer = await anna.ask("/buy 100 ETH", "Buy ITD")
    await reborn(sandbox.sim)
    await press_until(anna, offer, "Confirm", lambda m: "ethereum:0x" in text_of(m))
    invoices = [m for m in await anna.messages() if "ethereum:0x" in text_of(m)]
    assert len(invoices) == 1
    await anna.pay(invoices[0])
    await reborn(sandbox.sim)
    await anna.reads("credited", seconds=60)

    offer = await anna.ask(f"/send 5 @{ben.username}", "Balance after")
    await press_until(anna, offer, "Confirm", lambda m: "Sent 5 ITD" in text_of(m))
    await reborn(sandbox.sim)
    assert "already" in (await anna.press_data(offer, buttons_of(offer)["Confirm"])).lower()
    await ben.reads("Received 5 ITD")
    await anna.ask("/balance", "Available: 95 ITD")

    address = new_address()
    offer = await anna.ask(f"/withdraw 20 ETH {address}", "Balance after")
    await reborn(sandbox.sim)
    await press_until(anna, offer, "Confirm", lambda m: "6-digit code" in text_of(m))
    await reborn(sandbox.sim)
    await anna.say(await anna.code())
    await anna.reads(address, "The transaction is final", seconds=60)
    await anna.ask("/balance", "Available: 74.5 ITD")
    assert float((await sandbox.sim.get(f"/chains/eth/received/{address}"))["amount"]) == 0.008
    assert (await sandbox.wallet("verify"))[0] == 0


async def test_a_bot_that_dies_all_the_time_sends_each_amount_once(sandbox: RunningSandbox) -> None:
    anna, ben = await sandbox.sim.person("Anna"), await sandbox.sim.person("Ben")
    await anna.enrol()
    await ben.enrol()
    await anna.buy("20")
    chance = random.Random(3)
    ended = asyncio.Event()

    async def killer() -> None:
        while not ended.is_set():
            await asyncio.sleep(chance.uniform(2, 6))
            await reborn(sandbox.sim)

    killing = asyncio.create_task(killer())
    try:
        for amount in ("1", "2", "3"):
            await _send_in_spite(anna, amount, f"@{ben.username}")
    finally:
        ended.set()
        await killing
    await ben.ask("/balance", "Available: 6 ITD")
    await anna.ask("/balance", "Available: 14 ITD")


async def _send_in_spite(person: ChatPerson, amount: str, to: str) -> None:
    """As a patient person does: asks for the card again when nothing comes, taps again when nothing happens.

    Each tap is given its time: a receipt that a killed bot had claimed comes when the claim has ended.
    """
    before = await person.position()
    offer = await _again_until(lambda: person.ask(f"/send {amount} {to}", f"{amount} ITD", "Balance after", seconds=15))

    async def tap() -> Message:
        await person.press_data(offer, buttons_of(offer)["Confirm"])
        return await person.reads(f"Sent {amount} ITD", after=before, seconds=15)

    await _again_until(tap)


async def _again_until(attempt: Callable[[], Awaitable[Message]]) -> Message:
    for _ in range(9):
        with suppress(AssertionError):
            return await attempt()
    return await attempt()
