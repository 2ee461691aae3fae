"""Payments between people in the browser's chat page, with a group beside their chats; pictures are kept."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.sandbox.components.chromium import CHROMIUM
from tests.e2e.browser_chat import SECONDS, Chat, picture
from tests.integration.bot.company import group_of
from tests.integration.bot.conftest import Talk, Town
from tests.integration.sandbox.conftest import CHROMIUM_ARGUMENTS
from tests.support.wallet import ITD

pytestmark = pytest.mark.browser
_LINK = re.compile(r"https://t\.me/\w+\?start=[A-Za-z0-9_-]{1,64}")


@pytest.fixture
async def page(town: Town) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM.locate(), args=CHROMIUM_ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1500, "height": 1000})
        expect.set_options(timeout=30 * SECONDS)
        page.on("pageerror", lambda error: pytest.fail(f"the page broke: {error}"))
        yield page
        await browser.close()


class Friends:
    """A group's column: people write and press in it one after the other."""

    def __init__(self, page: Page, group: int) -> None:
        self.page, self.id, self.chat = page, group, Chat(page, group)

    async def as_(self, talk: Talk) -> None:
        await self.page.get_by_test_id(f"writer-{self.id}").select_option(str(talk.person))

    async def follow(self, talk: Talk, link: str) -> None:
        """Somebody clicks a link that was written here."""
        await self.as_(talk)
        await (await self.chat.newest(link)).get_by_role("button", name=link).click()


async def opened(page: Page, town: Town, *people: Talk) -> Friends:
    group = await group_of(town, *people)
    await page.goto(town.sandbox.address)
    await page.wait_for_selector("body[data-ready]")
    await page.get_by_test_id("hide-tour").click()
    return Friends(page, group.id)


async def press(chat: Chat, words: str, button: str) -> None:
    await (await chat.newest(words)).get_by_role("button", name=button, exact=True).click()


async def link_in(chat: Chat, *words: str) -> str:
    found = _LINK.search(await (await chat.newest(*words)).inner_text())
    assert found
    return found.group()


async def test_a_stranger_claims_by_a_link_once_the_sender_has_said_yes(page: Page, town: Town) -> None:
    ana, zoe = await town.resident("Ana", 100), await town.newcomer("Zoe")
    friends = await opened(page, town, ana, zoe)
    anas, zoes = Chat(page, ana.person), Chat(page, zoe.person)
    await anas.write("/send 5 link for the tickets")
    await anas.confirm("Send ITD", "whoever shows you the link")
    link = await link_in(anas, "Give this link to one person")
    await picture(page, "29-link-to-claim")
    await friends.as_(ana)
    await friends.chat.write(f"Zoe, this is yours: {link}")
    await friends.follow(zoe, link)
    await zoes.newest("otpauth://")
    await zoes.give_code()
    await zoes.newest("You asked for 5 ITD")
    await anas.newest("opened your link", "Zoe")
    await picture(page, "30-link-asked")
    await press(anas, "opened your link", "Yes, give it")
    await zoes.newest("Received 5 ITD", "for the tickets")
    await anas.newest("Sent 5 ITD", "has it")
    await picture(page, "31-link-claimed")
    assert (await town.balance(ana), await town.balance(zoe)) == ((95 * ITD, 0), (5 * ITD, 0))


async def test_what_is_posted_in_a_group_is_claimed_by_the_first(page: Page, town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    friends = await opened(page, town, ana, ben)
    await friends.as_(ana)
    composer = page.get_by_test_id(f"composer-{friends.id}")
    await composer.fill(f"@{(await town.sandbox.get('/sim/bot'))['username']} 5 ITD coffee")
    option = page.get_by_role("option", name="Give 5 ITD")
    await expect(option).to_contain_text("Nothing is taken before you post it.")
    await picture(page, "32-inline-typed")
    await option.click()
    await friends.chat.newest("gives 5 ITD to whoever presses first", "coffee")
    await Chat(page, ana.person).newest("5 ITD waits to be claimed")
    await picture(page, "33-inline-posted")
    await friends.as_(ben)
    await press(friends.chat, "gives 5 ITD", "Claim")
    claimed = await friends.chat.newest("5 ITD, claimed")
    await expect(claimed.get_by_role("button", name="Claim", exact=True)).to_have_count(0)
    await Chat(page, ben.person).newest("Received 5 ITD")
    await picture(page, "34-inline-claimed")
    assert (await town.balance(ana), await town.balance(ben)) == ((95 * ITD, 0), (5 * ITD, 0))


async def test_a_request_is_paid_by_its_link(page: Page, town: Town) -> None:
    ana, ben = await town.resident("Ana"), await town.resident("Ben", 100)
    friends = await opened(page, town, ana, ben)
    anas, bens = Chat(page, ana.person), Chat(page, ben.person)
    await anas.write("/receive 20 dinner")
    await press(anas, "Who shall pay it?", "From one person")
    await press(anas, "For how long", "7 days")
    link = await link_in(anas, "You ask for 20 ITD")
    qr = anas.log.get_by_role("img").last
    await expect(qr).to_have_js_property("complete", True)
    assert await qr.evaluate("image => image.naturalWidth") > 100
    await picture(page, "35-request")
    await friends.as_(ana)
    await friends.chat.write(f"My share of the dinner: {link}")
    await friends.follow(ben, link)
    await press(bens, "You are asked for 20 ITD", "Pay 20 ITD")
    await bens.confirm("Send ITD")
    await anas.newest("Paid: 20 ITD")
    # Who scans it pays once more.
    await expect(anas.log.get_by_role("img")).to_have_count(0)
    await picture(page, "36-request-paid")
    assert (await town.balance(ana), await town.balance(ben)) == ((20 * ITD, 0), (80 * ITD, 0))
