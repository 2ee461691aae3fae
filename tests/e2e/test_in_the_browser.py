"""The whole way once by hand: a real Chromium on the chat page; its pictures are kept in ``docs/screens``."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from eth_utils.address import to_checksum_address
from playwright.async_api import Locator, Page, async_playwright, expect

from bot.sandbox.components.chromium import CHROMIUM
from tests.e2e.conftest import RunningSandbox, running_sandbox

SCREENS = Path(__file__).parents[2] / "docs" / "screens"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
SECONDS = 1_000
pytestmark = pytest.mark.browser


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[RunningSandbox]:
    async with running_sandbox(tmp_path / "data", REVIEW_ABOVE="100") as sandbox:
        yield sandbox


@pytest.fixture
async def page(fresh: RunningSandbox) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM.locate(), args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1500, "height": 940})
        page.set_default_timeout(30 * SECONDS)
        page.on("pageerror", lambda error: pytest.fail(f"the page broke: {error}"))
        await page.goto(fresh.address)
        await page.wait_for_selector("body[data-ready]")
        yield page
        await browser.close()


class Chat:
    """One person's column of the page."""

    def __init__(self, page: Page, person: int) -> None:
        self.page, self.person = page, person
        self.log = page.get_by_test_id(f"log-{person}")
        self._code = page.get_by_test_id(f"code-{person}")
        self._used: set[str | None] = set()

    async def write(self, text: str) -> None:
        field = self.page.get_by_test_id(f"composer-{self.person}")
        await field.fill(text)
        await field.press("Enter")

    async def newest(self, *words: str, seconds: int = 40) -> Locator:
        """The last bubble with all these words, once it is there."""
        bubbles = self.log.locator("[data-message-id]:not([data-deleted])")
        for text in words:
            bubbles = bubbles.filter(has_text=text)
        bubble = bubbles.last
        await expect(bubble).to_be_visible(timeout=seconds * SECONDS)
        return bubble

    async def confirm(self, card: str) -> None:
        await (await self.newest(card)).get_by_role("button", name="Confirm", exact=True).click()

    async def give_code(self) -> None:
        """Sends the running code; waits for the next one when this one was given before, as a person must."""
        for _ in range(100):
            code = await self._code.get_attribute("data-code")
            if code and code not in self._used:
                self._used.add(code)
                await self.page.get_by_test_id(f"send-code-{self.person}").click()
                # At the turn of a step the page may have sent the next one already.
                self._used.add(await self._code.get_attribute("data-code"))
                return
            await self.page.wait_for_timeout(500)
        raise AssertionError("the authenticator shows no new code")

    async def enrol(self) -> None:
        await self.page.get_by_test_id(f"start-{self.person}").click()
        await self.newest("otpauth://")
        await self.give_code()
        await self.newest("Your recovery codes")


async def picture(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    await page.wait_for_timeout(500)
    await page.screenshot(path=SCREENS / f"{name}.png")


async def cast(page: Page, fresh: RunningSandbox) -> dict[str, Chat]:
    await page.get_by_test_id("add-cast").click()
    await expect(page.get_by_role("region", name="Chat of Olga")).to_be_visible()
    return {user["first_name"]: Chat(page, user["id"]) for user in await fresh.sim.get("/users")}


async def test_a_newcomer_goes_the_whole_way_in_the_browser(page: Page, fresh: RunningSandbox) -> None:
    await picture(page, "1-newcomer")
    people = await cast(page, fresh)
    ana, ben, olga = people["Ana"], people["Ben"], people["Olga"]

    await page.get_by_test_id(f"start-{ana.person}").click()
    await ana.newest("otpauth://")
    await picture(page, "2-enrolment")
    await ana.give_code()
    await ana.newest("Your recovery codes")
    await picture(page, "3-recovery-codes")
    await page.get_by_test_id("hide-tour").click()
    await ben.enrol()

    await ana.write("/buy 200 ETH")
    await ana.confirm("Buy ITD")
    await ana.newest("ethereum:0x")
    await picture(page, "4-invoice")
    await expect(page.get_by_test_id("faucet-amount")).to_have_value("0.0808")
    await page.get_by_test_id("pay-exact").click()
    await ana.newest("pending")
    await ana.newest("credited")
    await picture(page, "5-credited")

    await ana.write("/send 5 @ben")
    await ana.confirm("Send ITD")
    await ben.newest("5 ITD")
    await picture(page, "6-sent")

    address = to_checksum_address("0x" + secrets.token_hex(20))
    await ana.write(f"/withdraw 50 ETH {address}")
    await ana.confirm(address)
    await ana.newest("6-digit code")
    await picture(page, "7-withdrawal")
    await ana.give_code()
    await ana.newest("The transaction is final")
    await picture(page, "8-paid")

    await olga.enrol()
    await page.get_by_test_id(f"make-admin-{olga.person}").click()
    await ana.write(f"/withdraw 101 ETH {address}")
    await ana.confirm("101")
    await ana.newest("6-digit code")
    await ana.give_code()
    await ana.newest("waiting for an admin")
    await olga.write("/admin")
    desk = await olga.newest("Admin desk")
    await desk.get_by_text("Reviews waiting: 1").wait_for()
    await picture(page, "9-admin")
    await desk.get_by_role("button", name="Approve").click()
    await olga.newest("6-digit code")
    await olga.give_code()
    await ana.newest("101 ITD", "The transaction is final")
    await ana.write("/history")
    await ana.newest("ithdraw")
    await picture(page, "10-history")
    received = await fresh.sim.get(f"/chains/eth/received/{address}")
    assert float(received["amount"]) == pytest.approx(151 / 2_500)
    assert (await fresh.wallet("verify"))[0] == 0
