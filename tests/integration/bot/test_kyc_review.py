"""Reviewers look at documents in the chat and nowhere else, and decide with their code."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import structlog

from bot import log
from tests.integration.bot.conftest import Talk, Town, data_of, text_of
from tests.integration.bot.papers import (
    WAIT_SECONDS,
    application_of,
    begun,
    deleted,
    handed_in,
    labels,
    level_of,
    looked,
    notice,
    passport,
    send_file,
    taken,
)
from tests.integration.sandbox.conftest import TOKEN
from tests.support.papers import CANARY, PDF
from wallet_core.domain.guards import Guards
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.kyc_messages import ShownDocument
from wallet_core.domain.people import Role
from wallet_core.use_cases.codes import new_id


async def sent_in_four_messages(ana: Talk) -> dict[str, Any]:
    """Ana sends her contact, both sides and a picture; each message goes away, and one card follows."""
    card = await begun(ana)
    assert "Your own contact: wanted" in text_of(card).replace("</b>", "") and "Take it back" in labels(card)
    contact = await ana.say(contact=True)
    assert (await ana.told("Now send your passport's page"))["message_id"] == card["message_id"]
    await deleted(ana, contact["message_id"])
    await ana.told("Your contact was taken")
    front = await send_file(ana, passport(), "IMG.jpg", "image/jpeg", document=False)
    await ana.told("1 file sent so far")
    back = await send_file(ana, PDF, "back of my passport.pdf", "application/pdf", document=True)
    both = await ana.told("2 files sent so far")
    assert both["message_id"] == card["message_id"]
    await ana.press(both, "That is all")
    await ana.told("Now send a picture of your face")
    selfie = await send_file(ana, passport(), "IMG.jpg", "image/jpeg", document=False)
    for message_id in (front, back, selfie):
        await deleted(ana, message_id)
    await ana.press(await ana.told("Everything is here"), "Hand in")
    assert (await ana.told("Handed in"))["message_id"] == card["message_id"]
    return card


async def test_from_level_one_to_two(town: Town) -> None:
    ana, rita = await town.resident("Ana"), await town.resident("Rita", role=Role.FINANCE)
    sue = await town.resident("Sue", role=Role.SUPPORT)
    card = await sent_in_four_messages(ana)
    case = await taken(rita)
    assert "Approve" not in labels(case), "nobody approves what they have not looked at"
    case = await looked(rita, case, 4)
    shown = [m for m in (await rita.refresh()) if "Your look is recorded" in text_of(m)]
    assert len(shown) == 4 and all(message["has_protected_content"] for message in shown)
    assert ["photo" in m or "document" in m for m in shown] == [False, True, True, True]
    await rita.press(case, "Approve")
    await rita.told("6-digit code")
    await rita.ask(rita.code(), "Done: approved")
    for message in shown:
        await deleted(rita, message["message_id"])
    done = await ana.told_ever("Approved: you are on level 2 now")
    assert done["message_id"] > card["message_id"] and await level_of(town, ana) == 2, "nobody is told of an edit"
    await deleted(ana, card["message_id"])
    records = await town.wallet.ports.store.find(JournalRecord, {"kind": "kyc_document_seen"})
    assert sorted(str(r.facts["document"]) for r in records) == sorted(
        document.id for document in (await application_of(town, ana)).current
    )
    assert not [m for m in await sue.refresh() if "Application" in text_of(m)], "support is not asked"
    await ana.ask("/kyc", "Your level is 2")


async def test_one_document_is_asked_for_again_and_a_refusal_says_why(town: Town) -> None:
    ana, rita = await town.resident("Ana"), await town.resident("Rita", role=Role.OWNER)
    await handed_in(ana)
    case = await taken(rita)
    await rita.press(case, "Ask again: Picture of yourself")
    await rita.press(await rita.told("Why is it wanted again?"), "Cannot be read")
    await rita.told("ask for “Picture of yourself” again")
    await rita.ask(rita.code(), "Done: waits for the person")
    card = await ana.told_ever("A reviewer needs one part once more: Picture of yourself. Why: it cannot be read")
    await ana.press(card, "Continue")
    await ana.told("Now send a picture of your face")
    await send_file(ana, passport(), "IMG.jpg", "image/jpeg", document=False)
    await ana.press(await ana.told("Everything is here"), "Hand in")
    await ana.told("Handed in")
    case = await taken(rita)
    await rita.press(case, "Refuse")
    await rita.told("Why is it refused?")
    await rita.ask("The picture | is <not> yours", "refuse this application")
    await rita.ask(rita.code(), "Done: refused")
    told = text_of(await ana.told_ever("Refused. Why: "))
    assert "The picture / is <not> yours" in told and "You may apply again from" in told
    assert await level_of(town, ana) == 1
    await ana.press(await ana.ask("/kyc", "Level 2 wants"), "Apply for level 2")
    await ana.told("You can apply again from")


async def test_one_reviewer_at_a_time_and_never_the_person_itself(town: Town) -> None:
    ana = await town.resident("Ana", role=Role.FINANCE)
    rita, rudi = await town.resident("Rita", role=Role.FINANCE), await town.resident("Rudi", role=Role.FINANCE)
    await handed_in(ana)
    await taken(rita)
    await rudi.press(await notice(rudi), "Look at it")
    theirs = await rudi.told("has it until")
    assert labels(theirs) == ["Refresh", "Back", "Home"]
    assert not [m for m in await ana.refresh() if "waits for a reviewer" in text_of(m)]
    await ana.press(await ana.ask("/admin", "Admin desk"), "Applications")
    await ana.told("Nothing is waiting")
    case = await rita.told_ever("You have it until")
    await ana.press_data((await ana.refresh())[-1], data_of(case, labels(case)[0]))
    await ana.told("belongs to somebody else")
    # What becomes of it stands in place of the reviewer's buttons.
    await ana.press(await ana.told_ever("Handed in"), "Take it back")
    await ana.press(await ana.told("Take your application back?"), "Take it back")
    over = await rita.told_ever("State: taken back")
    assert over["message_id"] == case["message_id"] and labels(over) == []


async def test_a_document_leaves_the_reviewers_chat_by_itself_also_after_a_restart(quiet_town: Town) -> None:
    town = quiet_town
    async with town.bot():
        ana, rita = await town.resident("Ana"), await town.resident("Rita", role=Role.FINANCE)
        await handed_in(ana)
        case = await taken(rita)
        await rita.press(case, next(label for label in labels(case) if label.startswith("Look: ")))
        shown = await rita.told("Your look is recorded")
    (noted,) = await town.wallet.ports.store.find(ShownDocument, {})
    soon = noted.model_copy(update={"until": await town.wallet.ports.store.now() - timedelta(seconds=1)})
    await town.wallet.ports.store.put(soon)
    await town.sandbox.post("/sim/faults", method="deleteMessage", error_code=429, retry_after=1, times=1)
    async with town.bot():
        await deleted(rita, shown["message_id"])
    deadline = time.monotonic() + WAIT_SECONDS
    while await town.wallet.ports.store.count(ShownDocument, {}):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """What the bot's process logs, down to the last detail."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    log.configure("DEBUG", (TOKEN,))
    yield lambda: "".join(capsys.readouterr())
    root.handlers[:], root.level = before
    structlog.reset_defaults()


async def test_no_document_reaches_a_log_a_message_or_the_database(town: Town, logged: Callable[[], str]) -> None:
    secret_name = f"passport of {new_id()}.pdf"
    ana, rita = await town.resident("Ana"), await town.resident("Rita", role=Role.FINANCE)
    group = (await town.sandbox.post("/sim/groups", title="Friends", members=[ana.person, rita.person]))["id"]
    await begun(ana)
    await ana.say(contact=True)
    await ana.told("Now send your passport's page")
    await town.sandbox.post("/sim/faults", method="getFile", error_code=500, times=1)
    await send_file(ana, PDF, secret_name, "application/pdf", document=True)
    await ana.told("try again")
    message_id = await send_file(ana, PDF, secret_name, "application/pdf", document=True)
    await ana.press(await ana.told("1 file sent so far"), "That is all")
    file_id = (await deleted(ana, message_id))["document"]["file_id"]
    await send_file(ana, passport(), "IMG.jpg", "image/jpeg", document=False)
    await ana.press(await ana.told("Everything is here"), "Hand in")
    await ana.told("Handed in")
    await looked(rita, await taken(rita))
    dump = b""
    for name in await town.wallet.database.list_collection_names():
        async for document in town.wallet.database[name].find():
            dump += repr(document).encode() + b"".join(v for v in document.values() if isinstance(v, bytes))
    structlog.get_logger("bot").debug("the last line", sent="told before")
    logs = logged()
    assert "the last line" in logs and "told before" in logs and b"kyc_document_seen" in dump
    for secret in (CANARY, secret_name, file_id, "+1555", PDF.decode()):
        assert secret.encode() not in dump, secret
        assert secret not in logs, secret
    in_group = await town.sandbox.get(f"/sim/chats/{group}/messages", after=0, wait=0)
    assert json.dumps(in_group).count(CANARY) == 0 and not [m for m in in_group if "document" in m or "photo" in m]


async def test_an_admin_puts_somebody_on_a_lower_level(town: Town) -> None:
    ana, rita = await town.resident("Ana"), await town.resident("Rita", role=Role.FINANCE)
    await town.wallet.database[Guards.collection].update_one(
        {"_id": ana.person}, {"$set": {"level": 3}, "$inc": {"version": 1}}
    )
    await ana.ask("/setlevel @x 1 because", "That is not open to you")
    await rita.ask("/setlevel", "/setlevel @name 1 the reason")
    await rita.ask(f"/setlevel @{ana.username} 1 The papers ran out", "put id")
    await rita.ask(rita.code(), "was on level 3 and is on level 1")
    await ana.told_ever("Your level is 1 now")
    assert await level_of(town, ana) == 1
