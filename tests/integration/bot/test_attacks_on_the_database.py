"""Somebody writes into the database while people chat: nothing that they write opens anything, and it is named."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.integration.bot.conftest import Talk, Town, text_of
from tests.support.books import named
from tests.support.sealing import seal_all
from tests.support.wallet import ELSEWHERE, ITD
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.people import Role
from wallet_core.use_cases.verify_books import verify_books

THIEFS = "0x" + "11" * 20


@pytest.fixture
async def ana(town: Town) -> AsyncIterator[Talk]:
    """Somebody with 100 ITD."""
    yield await town.resident(itd=100)


async def _gaps(town: Town) -> list[str]:
    await seal_all(town.wallet)
    return (await verify_books(town.wallet.ports, {})).gaps


async def test_a_role_and_a_level_written_into_the_database_open_nothing_unseen(town: Town, ana: Talk) -> None:
    sound = await _gaps(town)
    await town.wallet.database["guards"].update_one({"_id": ana.person}, {"$set": {"role": "owner", "level": 3}})
    await ana.ask("/admin", "That is not open to you.")
    await ana.ask(f"/role {ana.person} owner", "That is not open to you.")
    told = [gap for gap in await _gaps(town) if gap not in sound]
    assert named(told, str(ana.person), "level") and named(told, str(ana.person), "role"), told


async def test_a_role_raised_in_the_database_opens_not_even_the_old_one(town: Town) -> None:
    owner, fin = await town.resident("Root", role=Role.OWNER), await town.resident("Fin", role=Role.FINANCE)
    await town.wallet.database["guards"].update_one({"_id": fin.person}, {"$set": {"role": "owner"}})
    await fin.ask("/admin", "That is not open to you.")
    await owner.ask("/admin", "Admin desk")


async def test_an_address_written_into_the_database_after_the_card_is_never_confirmed(town: Town, ana: Talk) -> None:
    card = await ana.ask(f"/withdraw 5 ETH {ELSEWHERE}", "To address")
    await town.wallet.database["intents"].update_many({"person": ana.person}, {"$set": {"address": THIEFS}})
    await ana.press(card, "Confirm")
    await ana.told("6-digit code")
    await ana.ask(ana.code(), "did not add up")
    assert await town.balance(ana) == (100 * ITD, 0)
    assert await town.wallet.ports.store.find(Withdrawal, {"person": ana.person}) == []


async def test_a_send_edited_in_the_database_is_named_by_verify(town: Town, ana: Talk) -> None:
    ben = await town.resident("Ben")
    await ana.press(await ana.ask(f"/send 5 @{ben.username}", "Send ITD"), "Confirm")
    await ana.told("Sent 5 ITD")
    sound = await _gaps(town)
    journal = town.wallet.database["journal"]
    record = await journal.find_one({"kind": "sent"})
    assert record is not None
    await journal.update_one({"_id": record["_id"]}, {"$set": {"facts": {"note": "somebody else"}}})
    told = [gap for gap in await _gaps(town) if gap not in sound]
    assert named(told, str(record["_id"]), "was changed"), told
    await journal.delete_one({"_id": record["_id"]})
    told = [gap for gap in await _gaps(town) if gap not in sound]
    assert named(told, str(record["_id"]), "was deleted"), told
    assert "5 ITD" in text_of(await ben.told_ever("Received 5 ITD"))
