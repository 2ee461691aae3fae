"""From level 1 to 2 in the browser's chat page: contact and pictures by hand, a reviewer beside it."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import FilePayload, Page, async_playwright, expect

from bot.sandbox.components.chromium import CHROMIUM
from tests.e2e.browser_chat import SECONDS, Chat, picture
from tests.integration.bot.conftest import Talk, Town
from tests.integration.sandbox.conftest import CHROMIUM_ARGUMENTS
from wallet_core.domain.guards import Guards
from wallet_core.domain.people import Role

pytestmark = pytest.mark.browser


def drawn(title: str, colour: str) -> FilePayload:
    """A picture that looks a little like what it is said to be."""
    content, image = io.BytesIO(), Image.new("RGB", (420, 280), colour)
    pen = ImageDraw.Draw(image)
    pen.rectangle((24, 60, 144, 220), fill="#c9d3dd")
    pen.ellipse((60, 84, 108, 132), fill="#8796a5")
    pen.pieslice((44, 136, 124, 236), 180, 360, fill="#8796a5")
    pen.text((24, 24), title, fill="white", font_size=22)
    for line in range(5):
        pen.rectangle((172, 76 + 32 * line, 380 - 26 * line, 88 + 32 * line), fill="#e6ebf0")
    image.save(content, "PNG")
    return FilePayload(name="IMG_0001.png", mimeType="image/png", buffer=content.getvalue())


class Desk:
    """One person's column of the page, with the codes of their authenticator."""

    def __init__(self, page: Page, talk: Talk) -> None:
        self.chat, self.talk = Chat(page, talk.person), talk

    async def press(self, words: str, button: str) -> None:
        bubble = await self.chat.newest(words)
        await bubble.get_by_role("button", name=button, exact=True).click()

    async def give_code(self) -> None:
        await self.chat.newest("6-digit code")
        await self.chat.write(self.talk.code())

    async def send_picture(self, file: FilePayload) -> None:
        page = self.chat.page
        await page.get_by_test_id(f"attach-{self.talk.person}").click()
        async with page.expect_file_chooser() as choosing:
            await page.get_by_test_id(f"chat-{self.talk.person}").get_by_role("button", name="Picture…").click()
        await (await choosing.value).set_files(file)


async def apply(ana: Desk) -> None:
    page = ana.chat.page
    await ana.chat.write("/kyc")
    await ana.press("Level 2 wants your own contact", "Apply for level 2")
    await ana.chat.newest("Press “Share my contact”")
    await page.get_by_test_id(f"composer-{ana.talk.person}").focus()
    await page.get_by_test_id(f"chat-{ana.talk.person}").get_by_role("button", name="Share my contact").click()
    await ana.chat.newest("Now send your passport's page")
    await expect(page.get_by_role("button", name="Share my contact")).to_have_count(0)
    await ana.send_picture(drawn("PASSPORT", "#24476b"))
    await ana.chat.newest("1 file sent so far")
    await picture(page, "24-applying-for-a-level")
    await ana.press("1 file sent so far", "That is all")
    await ana.chat.newest("Now send a picture of your face")
    await ana.send_picture(drawn("MYSELF", "#5b3a66"))
    await ana.press("Everything is here", "Hand in")
    await ana.chat.newest("Handed in. A reviewer looks at it")


async def review(rita: Desk) -> None:
    page = rita.chat.page
    await rita.press("waits for a reviewer", "Look at it")
    await rita.press("Nobody has it", "Take it")
    await rita.give_code()
    for part in ("Your own contact 1", "Identity document 1", "Picture of yourself 1"):
        await rita.press("You have it until", f"Look: {part}")
        await rita.chat.newest(f"{part}, person")
    shown = rita.chat.log.locator("[data-testid^=protected-] img")
    await expect(shown).to_have_count(2)
    assert await shown.first.evaluate("picture => picture.closest('a') === null"), "it is not offered to be saved"
    await picture(page, "25-reviewing-documents")
    await rita.press("You have it until", "Approve")
    await rita.give_code()
    await rita.chat.newest("Done: approved")
    await expect(shown).to_have_count(0)


async def test_a_person_gets_to_level_two_with_a_reviewer_beside_them(town: Town) -> None:
    ana, rita = await town.resident("Ana"), await town.resident("Rita", role=Role.FINANCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM.locate(), args=CHROMIUM_ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1200, "height": 1100})
        page.set_default_timeout(30 * SECONDS)
        page.on("pageerror", lambda error: pytest.fail(f"the page broke: {error}"))
        await page.goto(town.sandbox.address)
        await page.wait_for_selector("body[data-ready]")
        await page.get_by_test_id("hide-tour").click()
        await apply(Desk(page, ana))
        await review(Desk(page, rita))
        await Desk(page, ana).chat.newest("Approved: you are on level 2 now")
        await browser.close()
    guards = await town.wallet.ports.store.get(Guards, ana.person)
    assert guards is not None and guards.level == 2
