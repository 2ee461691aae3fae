"""Applying for level 2 and reviewing it by hand in the browser's chat page, with pictures that show nobody."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw
from playwright.async_api import FilePayload, expect

from tests.e2e.browser_chat import Chat, picture

PARTS = ("Your own contact 1", "Identity document 1", "Picture of yourself 1")


def passport() -> FilePayload:
    """A page with a small picture and lines."""
    image = Image.new("RGB", (420, 280), "#24476b")
    pen = ImageDraw.Draw(image)
    pen.rectangle((24, 60, 144, 220), fill="#c9d3dd")
    pen.ellipse((60, 84, 108, 132), fill="#8796a5")
    pen.pieslice((44, 136, 124, 236), 180, 360, fill="#8796a5")
    pen.text((24, 24), "PASSPORT", fill="white", font_size=22)
    for line in range(5):
        pen.rectangle((172, 76 + 32 * line, 380 - 26 * line, 88 + 32 * line), fill="#e6ebf0")
    return _file(image)


def selfie() -> FilePayload:
    """A face and shoulders, and nothing else."""
    image = Image.new("RGB", (420, 280), "#5b3a66")
    pen = ImageDraw.Draw(image)
    pen.ellipse((150, 40, 270, 170), fill="#c9a9d4")
    pen.pieslice((90, 180, 330, 420), 180, 360, fill="#c9a9d4")
    return _file(image)


def _file(image: Image.Image) -> FilePayload:
    content = io.BytesIO()
    image.save(content, "PNG")
    return FilePayload(name="IMG_0001.png", mimeType="image/png", buffer=content.getvalue())


async def apply(person: Chat, name: str) -> None:
    """Shares the contact, sends a document and a selfie, hands in; the picture shows the document just sent."""
    column = person.page.get_by_test_id(f"chat-{person.person}")
    await person.write("/kyc")
    await person.press("Apply for level 2", "Level 2 wants your own contact")
    await person.newest("Press “Share my contact”")
    await person.page.get_by_test_id(f"composer-{person.person}").focus()
    await column.get_by_role("button", name="Share my contact").click()
    await person.newest("Now send your passport's page")
    await expect(person.page.get_by_role("button", name="Share my contact")).to_have_count(0)
    await person.send_picture(passport())
    await person.newest("1 file sent so far")
    await picture(person.page, name)
    await person.press("That is all", "1 file sent so far")
    await person.newest("Now send a picture of your face")
    await person.send_picture(selfie())
    await person.press("Hand in", "Everything is here")
    await person.newest("Handed in. A reviewer looks at it")


async def review(reviewer: Chat, name: str) -> None:
    """Takes it, looks at each document and approves, each with a code; the picture shows what a reviewer sees."""
    await reviewer.press("Look at it", "waits for a reviewer")
    await reviewer.press("Take it", "Nobody has it")
    await reviewer.newest("take this application and look at its documents")
    await reviewer.give_code()
    for part in PARTS:
        await reviewer.press(f"Look: {part}", "You have it until")
        await reviewer.newest(f"{part}, person")
    shown = reviewer.log.locator("[data-testid^=protected-] img")
    await expect(shown).to_have_count(2)
    assert await shown.first.evaluate("picture => picture.closest('a') === null"), "it is not offered to be saved"
    await picture(reviewer.page, name)
    await reviewer.press("Approve", "You have it until")
    await reviewer.newest("6-digit code", "approve this application")
    await reviewer.give_code()
    await reviewer.newest("Done: approved")
    await expect(shown).to_have_count(0)
