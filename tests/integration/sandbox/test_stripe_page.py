"""The card page and the panel "Card world" in a real browser: wide and narrow, by mouse and by keyboard."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.integration.sandbox.stripe_answers import Clock, Shop, open_shop

#: A folder for pictures of the page, for looking at; none are taken without it.
PICTURES = os.environ.get("PAGE_PICTURES")
PHONE = 390
pytestmark = pytest.mark.browser


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path, Clock()) as one:
        yield one


class Windows:
    """Pages of one browser that are closed before the sandbox is: a page without its server complains."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    async def open(self, address: str, width: int = 1440, dark: bool = False) -> Page:
        colors: Literal["dark", "light"] = "dark" if dark else "light"
        context = await self.browser.new_context(viewport={"width": width, "height": 900}, color_scheme=colors)
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: pytest.fail(f"the page broke: {error}"))
        page.on("console", _complaint)
        await page.goto(address)
        return page


def _complaint(said: ConsoleMessage) -> None:
    if said.type == "error":
        pytest.fail(f"the page complained: {said.text}")


@pytest.fixture
async def windows(browser: Browser, shop: Shop) -> AsyncIterator[Windows]:
    yield Windows(browser)
    for context in browser.contexts:
        await context.close()


async def picture(page: Page, name: str) -> None:
    if PICTURES:
        await page.wait_for_timeout(400)
        await page.screenshot(path=Path(PICTURES) / f"{name}.png")


async def test_a_person_is_declined_and_pays(windows: Windows, shop: Shop) -> None:
    session = await shop.session()
    page = await windows.open(str(session.url))
    await expect(page.get_by_test_id("banner")).to_contain_text("not Stripe")
    await expect(page.get_by_test_id("amount")).to_have_text("10.00 USD")
    await expect(page.get_by_test_id("back")).to_have_attribute("href", "http://127.0.0.1/back")
    await picture(page, "card-page")
    await page.get_by_role("button", name="Decline").click()
    await expect(page.get_by_test_id("problem")).to_contain_text("declined")
    await page.get_by_role("button", name="Pay", exact=True).click()
    await expect(page.get_by_test_id("ending")).to_contain_text("this is paid, with play money")
    await expect(page.get_by_test_id("back")).to_have_attribute("href", f"http://127.0.0.1/thanks?of={session.id}")
    await expect(page.get_by_role("button")).to_have_count(0)
    await picture(page, "card-page-paid")
    assert (await shop.api.checkout.sessions.retrieve_async(session.id)).payment_status == "paid"


async def test_no_page_has_a_field_for_a_card(windows: Windows, shop: Shop) -> None:
    session = await shop.session()
    page = await windows.open(str(session.url))
    await expect(page.locator("button")).to_have_text(["Pay", "Pay later (async)", "Decline"])
    assert await page.locator("input, textarea, select, [contenteditable], iframe, script").count() == 0
    answer = await shop.sandbox.control.get(f"/stripe/pay/{session.id}")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "form-action 'self'" in policy


async def test_the_card_page_on_a_phone_by_keyboard(windows: Windows, shop: Shop) -> None:
    session = await shop.session()
    page = await windows.open(str(session.url), width=PHONE, dark=True)
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE
    await picture(page, "card-page-phone")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(page.get_by_test_id("pay-later")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("ending")).to_contain_text("has not answered yet")
    await shop.act(session.id, "fail")
    await page.reload()
    await expect(page.get_by_test_id("ending")).to_have_text("The bank did not pay.")


async def test_an_old_page_pays_nothing(windows: Windows, shop: Shop) -> None:
    session = await shop.session()
    page = await windows.open(str(session.url))
    await shop.act(session.id, "expire")
    await page.get_by_role("button", name="Pay", exact=True).click()
    await expect(page.get_by_test_id("ending")).to_contain_text("expired. Nothing was paid")
    assert (await shop.sandbox.control.get("/stripe/pay/cs_test_no")).status_code == 404
    assert (await shop.sandbox.control.post("/stripe/pay/cs_test_no/pay")).status_code == 404


async def test_another_site_presses_no_button(shop: Shop) -> None:
    session = await shop.session()
    foreign = {"Origin": "http://evil.example"}
    answer = await shop.sandbox.control.post(f"/stripe/pay/{session.id}/pay", headers=foreign)
    assert answer.status_code == 403
    # A button of the panel is none of the page's.
    await shop.sandbox.control.post(f"/stripe/pay/{session.id}/expire")
    assert (await shop.api.checkout.sessions.retrieve_async(session.id)).status == "open"


async def test_the_panel_plays_people_banks_and_time(windows: Windows, shop: Shop) -> None:
    first = await shop.session()
    page = await windows.open(shop.sandbox.address)
    card, state = page.get_by_test_id(f"session-{first.id}"), page.get_by_test_id(f"session-state-{first.id}")
    await expect(page.get_by_test_id("world-cards")).to_contain_text("not Stripe")
    await expect(card.get_by_role("button")).to_have_text(["Pay", "Pay later", "Decline", "Expire"])
    await expect(page.get_by_test_id(f"card-page-{first.id}")).to_have_attribute("href", str(first.url))
    await page.get_by_test_id(f"pay-{first.id}").click()
    await expect(state).to_have_text("paid")
    await page.get_by_test_id(f"part-{first.id}").fill("2.5")
    await page.get_by_test_id(f"refund-{first.id}").click()
    await expect(card).to_contain_text("refunded 2.50 USD")
    await page.get_by_test_id(f"part-{first.id}").fill("a lot")
    await page.get_by_test_id(f"refund-{first.id}").click()
    await expect(page.get_by_test_id("notice").last).to_contain_text("2.50")
    await page.get_by_test_id(f"part-{first.id}").fill("")
    await page.get_by_test_id(f"dispute-{first.id}").click()
    await expect(state).to_have_text("disputed")
    second = await shop.session(cents=2000)
    await expect(page.get_by_test_id(re.compile("^session-cs_"))).to_have_count(2)
    newest = page.get_by_test_id(re.compile("^session-cs_")).first
    await expect(newest).to_have_attribute("data-testid", f"session-{second.id}")
    await page.get_by_test_id("world-cards").scroll_into_view_if_needed()
    await picture(page, "card-world")
    await page.get_by_test_id(f"win-{first.id}").click()
    await expect(state).to_have_text("partly refunded")
    [dispute] = (await shop.api.disputes.list_async()).data
    assert (dispute.status, dispute.amount) == ("won", 750)


async def test_the_panel_on_a_phone_by_keyboard(windows: Windows, shop: Shop) -> None:
    session = await shop.session()
    page = await windows.open(shop.sandbox.address, width=PHONE)
    await page.get_by_test_id("hide-tour").click()
    await page.get_by_test_id("tab-world").click()
    await page.get_by_test_id(f"pay-later-{session.id}").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id(f"session-state-{session.id}")).to_have_text("waiting")
    await expect(page.get_by_test_id(f"succeed-{session.id}")).to_be_focused()
    await picture(page, "card-world-phone")
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id(f"session-state-{session.id}")).to_have_text("paid")
