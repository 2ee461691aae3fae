"""Applying for a level and reviewing it, as people do it in the chat."""

from __future__ import annotations

import asyncio
import io
import time
from typing import Any

from PIL import Image

from tests.integration.bot.conftest import Talk, Town, buttons_of, text_of
from tests.support.papers import CANARY
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc_application import KycApplication

WAIT_SECONDS = 30.0


def passport() -> bytes:
    """A picture with something in it that must be read nowhere else."""
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "blue").save(content, "JPEG", comment=CANARY.encode())
    return content.getvalue()


async def send_file(talk: Talk, content: bytes, name: str, mime_type: str, *, document: bool) -> int:
    """The person sends a picture, or a file; returns the message's number."""
    await talk.refresh()
    data = {"from": str(talk.person)} | ({"as": "document"} if document else {})
    sent = await talk.sandbox.control.post(
        f"/sim/chats/{talk.person}/messages", data=data, files={"file": (name, content, mime_type)}
    )
    assert sent.status_code == 200, sent.text
    talk.seen = int(sent.json()["seq"])
    return int(sent.json()["message_id"])


async def deleted(talk: Talk, message_id: int) -> dict[str, Any]:
    """Waits until a message is deleted."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        await talk.refresh()
        if talk.messages[message_id]["deleted"]:
            return talk.messages[message_id]
        assert time.monotonic() < deadline, f"nobody deleted {text_of(talk.messages[message_id])!r}"
        await asyncio.sleep(0.05)


def labels(message: dict[str, Any]) -> list[str]:
    return [button["text"] for button in buttons_of(message)]


async def begun(ana: Talk) -> dict[str, Any]:
    """Ana has pressed Apply; her card is there, and the button that shares her contact."""
    await ana.press(await ana.ask("/kyc", "Level 2 wants your own contact"), "Apply for level 2")
    await ana.told("Press “Share my contact” below the input field")
    return await ana.told("Application for level 2")


async def handed_in(ana: Talk) -> dict[str, Any]:
    """Ana has sent everything and handed it in."""
    await begun(ana)
    await ana.say(contact=True)
    await ana.told("Now send your passport's page")
    await send_file(ana, passport(), "IMG.jpg", "image/jpeg", document=False)
    await ana.press(await ana.told("or press “That is all”"), "That is all")
    await ana.told("Now send a picture of your face")
    await send_file(ana, passport(), "IMG.jpg", "image/jpeg", document=False)
    await ana.press(await ana.told("Everything is here"), "Hand in")
    return await ana.told("Handed in. A reviewer looks at it")


async def notice(reviewer: Talk) -> dict[str, Any]:
    """Waits for what a reviewer is told of an application, and not for a card that they opened before."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        await reviewer.refresh()
        found = [m for m in reviewer.messages.values() if not m["deleted"] and "Look at it" in labels(m)]
        if found:
            return found[-1]
        assert time.monotonic() < deadline, "nobody told the reviewer"
        await asyncio.sleep(0.05)


async def taken(rita: Talk) -> dict[str, Any]:
    """A reviewer has taken the application from the notice."""
    await rita.press(await notice(rita), "Look at it")
    await rita.press(await rita.told("Nobody has it"), "Take it")
    await rita.told("take this application and look at its documents")
    return await rita.ask(rita.code(), "You have it until")


async def looked(rita: Talk, case: dict[str, Any], number: int = 3) -> dict[str, Any]:
    """The reviewer has looked at every document; returns the card as it is then."""
    for label in [label for label in labels(case) if label.startswith("Look: ")]:
        await rita.press(case, label)
        await rita.told("Your look is recorded")
        case = await rita.told("You have it until")
    assert text_of(case).count("you looked") == number
    return case


async def level_of(town: Town, talk: Talk) -> int:
    guards = await town.wallet.ports.store.get(Guards, talk.person)
    assert guards is not None
    return guards.level


async def application_of(town: Town, talk: Talk) -> KycApplication:
    (found,) = await town.wallet.ports.store.find(KycApplication, {"person": talk.person})
    return found
