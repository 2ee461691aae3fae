"""Alarms in the chat of alerts, and what happens when nobody can write there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.integration.bot.conftest import WAIT_SECONDS, Town, buttons_of, text_of
from tests.integration.sandbox.conftest import TOKEN, running
from tests.support.wallet import open_wallet
from wallet_core.domain.alert import NoteAlert
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Role
from wallet_core.domain.receipts import alarm_message
from wallet_core.use_cases.codes import new_id


@pytest.fixture
async def alerting(mongo_uri: str, database_name: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A town whose chat of alerts is somebody's private chat, until a test says otherwise; no bot runs yet."""
    async with running(tmp_path) as sandbox:
        watch = await sandbox.person("Watch", username="watch")
        settings: dict[str, Any] = {
            "telegram_bot_token": SecretStr(TOKEN),
            "telegram_api_base_url": f"{sandbox.address}/bot",
            "telegram_api_file_url": f"{sandbox.address}/file/bot",
            "alert_chat_id": watch,
        }
        async with open_wallet(mongo_uri, database_name, **settings) as wallet:
            yield Town(wallet, sandbox)


async def _raised(town: Town, subject: str, owner: int) -> None:
    """As the worker's posting does it, with the message that owners have without a chat of alerts."""
    noted = NoteAlert("foreign_spend", Asset.ETH, subject, frozen=True)
    told = alarm_message(owner, "foreign_spend", subject, frozen=True, asset=Asset.ETH)
    posting = Posting(f"alarm:{new_id()}", "alarm", "worker:x", changes=(noted,), messages=(told,))
    await town.wallet.ports.ledger.post(posting)


async def _in_chat(town: Town, *parts: str) -> dict[str, Any]:
    """A message of the chat of alerts that has all these parts."""
    chat, deadline = town.wallet.ports.settings.alert_chat_id, time.monotonic() + WAIT_SECONDS
    while True:
        found: list[dict[str, Any]] = await town.sandbox.get(f"/sim/chats/{chat}/messages", after=0, wait=0)
        fitting = [m for m in found if all(part in text_of(m) for part in parts) and not m["deleted"]]
        if fitting:
            return fitting[0]
        assert time.monotonic() < deadline, [text_of(message) for message in found]
        await asyncio.sleep(0.05)


async def test_the_chat_has_one_message_with_what_to_do_and_owners_are_spared(alerting: Town) -> None:
    town = alerting
    watch = town.wallet.ports.settings.alert_chat_id
    await town.sandbox.post(f"/sim/chats/{watch}/messages", **{"from": watch, "text": "/start"})
    async with town.bot():
        owner = await town.resident("Root", role=Role.OWNER)
        await _raised(town, "b1", owner.person)
        first = await _in_chat(town, "CRITICAL, look now: ETH", "foreign_spend: b1", "somebody else has the key")
        assert buttons_of(first) == [] and str(owner.person) not in text_of(first)
        report = text_of(await _in_chat(town, ": NOT WELL"))
        assert "Owed to people: 0 ITD" in report and "wallet verify" in report
        assert not [m for m in await owner.refresh() if "foreign_spend" in text_of(m)]
        card = await owner.ask("/alarms", "Open alarms: 1")
        # It froze a rail: that is ended by clearing the rail's alarm.
        assert not [b for b in buttons_of(card) if b["text"].startswith("Seen to")]
    days = await town.wallet.ports.store.count(JournalRecord, {"kind": "day_reported"})
    async with town.bot():
        await town.newcomer("Ben")
    assert days == await town.wallet.ports.store.count(JournalRecord, {"kind": "day_reported"}) == 1


async def test_what_the_chat_does_not_take_is_read_by_owners_in_private(alerting: Town) -> None:
    town = alerting
    # Nobody there has ever written to the bot, so Telegram lets it write nothing.
    async with town.bot():
        owner = await town.resident("Root", role=Role.OWNER)
        await _raised(town, "b1", owner.person)
        told = text_of(await owner.told_ever("CRITICAL, look now: ETH"))
        assert "takes no messages: look at ALERT_CHAT_ID" in told and "somebody else has the key" in told


async def test_without_a_chat_an_owner_reads_how_grave_it_is_and_what_to_do(town: Town) -> None:
    owner = await town.resident("Root", role=Role.OWNER)
    await _raised(town, "b1", owner.person)
    told = text_of(await owner.told_ever("Alarm in ETH"))
    assert "CRITICAL, look now" in told and "What to do: somebody else has the key" in told


async def test_an_alarm_is_seen_to_with_a_code(town: Town) -> None:
    finance = await town.resident("Fin", role=Role.FINANCE)
    noted = NoteAlert("fee_capped", Asset.ETH, "b1")
    await town.wallet.ports.ledger.post(Posting(f"alarm:{new_id()}", "alarm", "worker:x", changes=(noted,)))
    card = await finance.ask("/alarms", "Open alarms: 1")
    assert "Warning, look today: ETH" in text_of(card) and "raise …_MAX_FEE_RATE" in text_of(card)
    await finance.press(card, "Seen to: 1")
    await finance.told("say that the alarm fee_capped:ETH was seen to")
    await finance.ask(finance.code(), "No alarm is open.")


async def test_who_reads_alerts_in_private_keeps_the_buttons_of_their_own_messages(alerting: Town) -> None:
    town = alerting
    watch = town.wallet.ports.settings.alert_chat_id
    await town.sandbox.post(f"/sim/chats/{watch}/messages", **{"from": watch, "text": "/start"})
    message = Message(watch, "received", {"amount_minor": 5, "other_id": 7, "other_name": "Eve"})
    await town.wallet.ports.ledger.post(Posting(f"test:{new_id()}", "test", "test", messages=(message,)))
    async with town.bot():
        assert [b["text"] for b in buttons_of(await _in_chat(town, "Received"))] == ["Home"]
