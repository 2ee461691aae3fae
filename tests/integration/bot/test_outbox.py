"""What is owed to people is delivered in order, through rate limits, blocked bots and restarts."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.integration.bot.conftest import Town, text_of, until_sent
from wallet_core.domain.chat import OutboxMessage, OutboxState
from wallet_core.domain.ledger import Message, Posting
from wallet_core.use_cases.codes import new_id


async def _owe(town: Town, person: int, amount_minor: int, **more: Any) -> str:
    facts = {"amount_minor": amount_minor, "other_id": 7, "other_name": "Eve"}
    message = Message(person, "received", facts, **more)
    key = f"test:{new_id()}"
    await town.wallet.ports.ledger.post(Posting(key, "test", "test", messages=(message,)))
    return f"{key}#0"


async def _state(town: Town, message_id: str) -> OutboxState:
    message = await town.wallet.ports.store.get(OutboxMessage, message_id)
    assert message is not None
    return message.state


async def test_a_paused_chat_delays_nobody_else(town: Town) -> None:
    ana, ben = await town.resident("Ana"), await town.resident("Ben")
    await town.sandbox.post("/sim/faults", method="sendMessage", error_code=429, retry_after=5, times=1)
    began = time.monotonic()
    first = await _owe(town, ana.person, 1_000_000)
    await asyncio.sleep(1)
    assert await _state(town, first) is OutboxState.WAITING
    await _owe(town, ben.person, 2_000_000)
    to_ben, to_ana = await ben.told("Received 2 ITD"), await ana.told("Received 1 ITD")
    assert time.monotonic() - began >= 5 and to_ben["seq"] < to_ana["seq"]
    await until_sent(town, first, OutboxState.SENT)


async def test_a_bot_that_was_blocked_gives_up(town: Town) -> None:
    ana = await town.resident("Ana")
    await town.sandbox.post("/sim/faults", method="sendMessage", error_code=403, times=1)
    lost = await _owe(town, ana.person, 1_000_000)
    await until_sent(town, lost, OutboxState.UNDELIVERABLE)


async def test_a_failing_telegram_is_tried_again(town: Town) -> None:
    ana = await town.resident("Ana")
    await town.sandbox.post("/sim/faults", method="sendMessage", error_code=500, times=1)
    owed = await _owe(town, ana.person, 1_000_000)
    await ana.told("Received 1 ITD")
    await until_sent(town, owed, OutboxState.SENT)


async def test_what_was_owed_while_no_bot_ran_comes_in_order(quiet_town: Town) -> None:
    town = quiet_town
    async with town.bot():
        ana = await town.resident("Ana")
        await ana.refresh()
    owed = [await _owe(town, ana.person, n * 1_000_000) for n in range(1, 6)]
    async with town.bot():
        await ana.told("Received 5 ITD")
        await until_sent(town, owed[-1], OutboxState.SENT)
    came = [text_of(m).splitlines()[0] for m in await ana.refresh() if "Received" in text_of(m)]
    assert came == [f"Received {n} ITD" for n in range(1, 6)]


async def test_a_threads_messages_edit_one_and_a_deleted_one_is_sent_anew(town: Town) -> None:
    ana = await town.resident("Ana")
    await _owe(town, ana.person, 1_000_000, thread="t:1")
    first = await ana.told("Received 1 ITD")
    await _owe(town, ana.person, 2_000_000, thread="t:1")
    second = await ana.told("Received 2 ITD")
    assert second["message_id"] == first["message_id"]
    assert town.application
    await town.application.bot.delete_message(ana.person, first["message_id"])
    await _owe(town, ana.person, 3_000_000, thread="t:1")
    assert (await ana.told("Received 3 ITD"))["message_id"] != first["message_id"]


async def test_the_same_text_again_is_no_failure(town: Town) -> None:
    ana = await town.resident("Ana")
    facts = {"alarm": "stuck", "subject": "batch"}
    for _ in range(2):
        message = Message(ana.person, "thawed", facts, thread="t:2")
        key = f"test:{new_id()}"
        await town.wallet.ports.ledger.post(Posting(key, "test", "test", messages=(message,)))
        await until_sent(town, f"{key}#0", OutboxState.SENT)


async def test_a_secret_is_erased_once_it_was_sent(town: Town) -> None:
    ana = await town.newcomer()
    await ana.enrol()
    found = await town.wallet.ports.store.find(OutboxMessage, {"person": ana.person, "template": "recovery_codes"})
    await until_sent(town, found[0].id, OutboxState.SENT)
    again = await town.wallet.ports.store.get(OutboxMessage, found[0].id)
    assert again is not None and again.sealed is None
