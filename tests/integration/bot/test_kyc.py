"""Applying for a level in the chat: documents are taken a part at a time, and deleted there."""

from __future__ import annotations

import asyncio
import time

from tests.integration.bot.conftest import Town
from tests.integration.bot.papers import (
    WAIT_SECONDS,
    application_of,
    begun,
    deleted,
    passport,
    send_file,
)
from tests.support.papers import PDF
from wallet_core.adapters.mongo.documents import BUCKET
from wallet_core.domain.kyc_application import KycApplication, KycState


async def test_a_contact_of_somebody_else_is_refused(town: Town) -> None:
    ana, ben = await town.resident("Ana"), await town.resident("Ben")
    await begun(ana)
    await ana.say(contact=ben.person)
    await ana.told("That is not your own contact")
    await ana.say(contact={"phone_number": "+15550100999", "first_name": "Nobody"})
    await ana.told("That is not your own contact")
    await ana.ask("+15550100731", "a number that is written is not taken")
    assert (await application_of(town, ana)).documents == ()
    await ana.say(contact=True)
    await ana.told("Now send your passport's page")


async def test_what_is_no_document_is_refused_and_the_question_stays(town: Town) -> None:
    ana = await town.resident("Ana")
    await begun(ana)
    await ana.say(contact=True)
    await ana.told("Now send your passport's page")
    await send_file(ana, b"<html>", "passport.pdf", "application/pdf", document=True)
    await ana.told("please send a picture, or a JPEG, PNG or PDF file")
    await send_file(ana, b"%PDF-".ljust(10_000_001, b"x"), "large.pdf", "application/pdf", document=True)
    await ana.told("larger than 10 MB")
    await ana.ask("here it is", "please send a picture")
    await send_file(ana, PDF, "passport.txt", "text/plain", document=True)
    await ana.told("1 file sent so far")


async def test_an_application_goes_on_after_a_restart_and_after_other_questions(quiet_town: Town) -> None:
    town = quiet_town
    async with town.bot():
        ana = await town.resident("Ana")
        card = await begun(ana)
        await ana.say(contact=True)
        await ana.told("Now send your passport's page")
    async with town.bot():
        await send_file(ana, PDF, "a.pdf", "application/pdf", document=True)
        await ana.told("1 file sent so far")
        await ana.ask("/send", "How much ITD do you want to send?")
        await send_file(ana, PDF, "b.pdf", "application/pdf", document=True)
        await ana.told("2 files sent so far")
        await ana.press(await ana.ask("/kyc", "Send more of it"), "Continue your application")
        again = await ana.told("2 files sent so far")
        assert again["message_id"] != card["message_id"]
        await deleted(ana, card["message_id"])
        await send_file(ana, passport(), "c.jpg", "image/jpeg", document=False)
        await ana.told("3 files sent so far")


async def test_what_nothing_asks_for_is_not_opened(town: Town) -> None:
    ana = await town.resident("Ana")
    for document in (True, False):
        await send_file(ana, passport(), "a.jpg", "image/jpeg", document=document)
        await ana.told("nothing waits for that now")
    await ana.say(contact=True)
    await ana.told("nothing waits for that now")
    assert await town.wallet.ports.store.count(KycApplication, {}) == 0


async def test_a_part_is_sent_anew_and_an_application_is_taken_back(town: Town) -> None:
    ana = await town.resident("Ana")
    await begun(ana)
    await ana.say(contact=True)
    await ana.told("Now send your passport's page")
    await send_file(ana, PDF, "a.pdf", "application/pdf", document=True)
    await ana.press(await ana.told("1 file sent so far"), "Send anew: Identity document")
    await ana.told("Now send your passport's page")
    await send_file(ana, PDF, "b.pdf", "application/pdf", document=True)
    await ana.press(await ana.told("1 file sent so far"), "Take it back")
    await ana.press(await ana.told("Take your application back?"), "Take it back")
    await ana.told("You took it back")
    deadline = time.monotonic() + 2 * WAIT_SECONDS
    while await town.wallet.database[f"{BUCKET}.files"].count_documents({}):
        assert time.monotonic() < deadline, "what was never handed in is removed"
        await asyncio.sleep(0.1)
    gone = await application_of(town, ana)
    assert (gone.state, gone.key) == (KycState.CANCELLED, None)
