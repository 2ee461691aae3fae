"""Every way in and out once by hand: a real Chromium on the chat page; its pictures are kept in ``docs/screens``.

One sandbox for all: its people enrol first, then each test has one of them buy, send or withdraw.
"""

import asyncio
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
#: Deep enough for a payment on its way to be seen, and deposits that move soon.
SETTINGS = {
    "REVIEW_ABOVE": "100",
    "BTC_DEPOSIT_CONFIRMATIONS": "4",
    "LTC_DEPOSIT_CONFIRMATIONS": "4",
    "BTC_SWEEP_INTERVAL_SECONDS": "4",
    "MASS_SEND_APPROVAL_ABOVE": "10",
}
#: Rail -> what is bought, what that costs, what its payment address begins with, and the numbers of its pictures.
COINS = {
    "ETH": ("30 ITD", "0.01212", "ethereum:0x", "04", "05"),
    "BTC": ("30 ITD", "0.000505", "bitcoin:bcrt1q", "06", "07"),
    "LTC": ("30 ITD", "0.37875", "litecoin:rltc1q", "08", "09"),
}
NAMES = {"ETH": "ether", "BTC": "bitcoin", "LTC": "litecoin"}
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
async def fresh(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningSandbox]:
    async with running_sandbox(tmp_path_factory.mktemp("browser") / "data", **SETTINGS) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
async def page(fresh: RunningSandbox) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM.locate(), args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1500, "height": 1240})
        page.set_default_timeout(30 * SECONDS)
        expect.set_options(timeout=30 * SECONDS)
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

    async def confirm(self, *card: str) -> None:
        await (await self.newest(*card)).get_by_role("button", name="Confirm", exact=True).click()

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

    async def buy(self, amount: str, asset: str) -> None:
        """From /buy to the confirmed offer."""
        await self.write(f"/buy {amount.removesuffix(' ITD')} {asset}")
        await self.confirm("Buy ITD")

    async def send_file(self, file: Path) -> None:
        """By the paperclip."""
        async with self.page.expect_file_chooser() as choosing:
            await self.page.get_by_test_id(f"clip-{self.person}").click()
        await (await choosing.value).set_files(file)

    async def ask_to_withdraw(self, amount: str, address: str) -> None:
        """From /withdraw to the question for the code."""
        await self.write(f"/withdraw {amount} ETH {address}")
        await self.confirm(amount, address)
        await self.newest("6-digit code")


async def picture(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    await page.wait_for_timeout(500)
    notices = "[data-testid=toast], [data-testid=notice]"
    await page.evaluate(f"document.querySelectorAll('{notices}').forEach(notice => notice.remove())")
    await page.screenshot(path=SCREENS / f"{name}.png")


@pytest.fixture(scope="module")
async def people(page: Page, fresh: RunningSandbox) -> dict[str, Chat]:
    """Ana and Ben, who have paired their authenticators, and Olga, who has not."""
    await picture(page, "01-newcomer")
    await page.get_by_test_id("add-cast").click()
    await expect(page.get_by_role("region", name="Chat of Olga")).to_be_visible()
    cast = {user["first_name"]: Chat(page, user["id"]) for user in await fresh.sim.get("/users")}
    ana = cast["Ana"]
    await page.get_by_test_id(f"start-{ana.person}").click()
    await ana.newest("otpauth://")
    await picture(page, "02-enrolment")
    await ana.give_code()
    await ana.newest("Your recovery codes")
    await picture(page, "03-recovery-codes")
    await page.get_by_test_id("hide-tour").click()
    await cast["Ben"].enrol()
    return cast


@pytest.fixture
def ana(people: dict[str, Chat]) -> Chat:
    return people["Ana"]


@pytest.mark.parametrize("asset", COINS)
async def test_coins_are_paid_from_the_picture_to_the_credit(page: Page, ana: Chat, asset: str) -> None:
    amount, cost, scheme, first, second = COINS[asset]
    await ana.buy(amount, asset)
    await ana.newest("waiting for your payment", scheme, f"Pay exactly: {cost} {asset}")
    qr = (await ana.newest(f"Scan to pay {cost} {asset}")).get_by_role("img")
    await expect(qr).to_have_js_property("complete", True)
    assert await qr.evaluate("image => image.naturalWidth") > 100
    await picture(page, f"{first}-{NAMES[asset]}-invoice")
    await expect(page.get_by_test_id("faucet-chain")).to_have_value(asset.lower())
    await expect(page.get_by_test_id("faucet-amount")).to_have_value(cost)
    await page.get_by_test_id("pay-exact").click()
    pending = await ana.newest("pending", f"{cost} {asset} was seen", "Do not pay again.")
    await expect(pending.get_by_role("button", name="How far is it?")).to_be_visible()
    await ana.newest(f"credited {amount} for {cost} {asset}.")
    # Who scans it pays once more.
    await expect(ana.log.get_by_text(f"Scan to pay {cost} {asset}")).to_have_count(0)
    await picture(page, f"{second}-{NAMES[asset]}-credited")


async def test_a_card_is_charged_on_the_companys_page(page: Page, ana: Chat) -> None:
    await ana.buy("20", "USD")
    invoice = await ana.newest("Purchase of 20 ITD by card", "Payment page:")
    await picture(page, "10-card-invoice")
    async with page.context.expect_page() as opened:
        await invoice.get_by_role("link", name="Pay 20.20 USD").click()
    company = await opened.value
    await company.set_viewport_size({"width": 900, "height": 560})
    await expect(company.get_by_test_id("amount")).to_have_text("20.20 USD")
    await picture(company, "11-card-page")
    await company.get_by_role("button", name="Pay", exact=True).click()
    await expect(company.get_by_test_id("ending")).to_contain_text("paid")
    await company.get_by_test_id("back").click()
    await company.wait_for_selector("body[data-ready]")
    await company.close()
    await ana.newest("credited 20 ITD for 20.20 USD.", "withdraw it from")
    await page.get_by_test_id("world-cards").scroll_into_view_if_needed()
    await picture(page, "12-card-credited")


async def test_coins_are_sent_withdrawn_and_reviewed(
    page: Page, fresh: RunningSandbox, people: dict[str, Chat]
) -> None:
    ana, ben, olga = people["Ana"], people["Ben"], people["Olga"]
    await ana.buy("170", "ETH")
    await ana.newest("ethereum:0x", "Purchase of 170 ITD")
    await expect(page.get_by_test_id("faucet-amount")).to_have_value("0.06868")
    await page.get_by_test_id("pay-exact").click()
    await ana.newest("credited 170 ITD")

    await ana.write("/send 5 @ben")
    await ana.confirm("Send ITD")
    await ben.newest("5 ITD")
    await picture(page, "13-sent")

    address = to_checksum_address("0x" + secrets.token_hex(20))
    await ana.ask_to_withdraw("50", address)
    await picture(page, "14-withdrawal")
    await ana.give_code()
    await ana.newest("The transaction is final")
    await picture(page, "15-paid")

    await olga.enrol()
    await page.get_by_test_id(f"make-admin-{olga.person}").click()
    await ana.ask_to_withdraw("101", address)
    await ana.give_code()
    await ana.newest("waiting for an admin")
    await olga.write("/admin")
    desk = await olga.newest("Admin desk")
    await desk.get_by_text("Reviews waiting: 1").wait_for()
    await picture(page, "16-admin")
    await desk.get_by_role("button", name="Approve").click()
    await olga.newest("6-digit code")
    await olga.give_code()
    await ana.newest("101 ITD", "The transaction is final")
    await ana.write("/history")
    await ana.newest("ithdraw")
    await picture(page, "17-history")
    received = await fresh.sim.get(f"/chains/eth/received/{address}")
    assert float(received["amount"]) == pytest.approx(151 / 2_500)


async def test_too_little_is_told_and_what_is_worth_it_moves_to_the_hot_wallet(
    page: Page, people: dict[str, Chat]
) -> None:
    ben = people["Ben"]
    await ben.buy("40", "BTC")
    await ben.newest("bitcoin:", "Pay exactly: 0.00067334 BTC")
    await expect(page.get_by_test_id("faucet-amount")).to_have_value("0.00067334")
    await page.get_by_test_id("pay-under").click()
    await ben.newest("pending", "0.000606 BTC was seen", "is missing of the whole order")
    await ben.newest("paid in part", "Pay exactly: 0.00006734 BTC")
    await ben.newest("Scan to pay 0.00006734 BTC")
    await picture(page, "18-paid-in-part")
    await expect(page.get_by_test_id("faucet-amount")).to_have_value("0.00006734")
    await page.get_by_test_id("pay-exact").click()
    await ben.newest("Purchase of 40 ITD", "for 0.00067334 BTC.")
    books = page.get_by_test_id("world-overview").get_by_role("row").filter(has_text="BTC deposits")
    # The rest is too small to be moved at once, and stays at its address.
    await expect(books.get_by_role("cell")).to_have_text("0.00006734", timeout=60 * SECONDS)


async def test_a_file_is_paid_after_a_second_admin_compared_the_digest(
    page: Page, fresh: RunningSandbox, people: dict[str, Chat], tmp_path: Path
) -> None:
    ana, ben, olga = people["Ana"], people["Ben"], people["Olga"]
    await page.get_by_test_id(f"make-admin-{ana.person}").click()
    await expect(page.get_by_test_id("notice").filter(has_text="Ana is an admin now")).to_be_visible()
    address = to_checksum_address("0x" + secrets.token_hex(20))
    salaries = [
        f'@{who},ITD,{amount},"Salary, November"' for who in ("ben", "olga_admin") for amount in ("4.25", "3.5", "2")
    ]
    rows = [
        "recipient,asset,amount,note",
        *salaries,
        "@benn,ITD,4,Typo",
        f"{address},ETH,0.002,Invoice 118",
        salaries[0],
    ]
    file = tmp_path / "salaries-november.csv"
    file.write_text("\r\n".join(rows))
    await ana.write("/masssend")
    await ana.newest("A form to fill in")
    await picture(page, "19-mass-send-form")
    await ana.send_file(file)
    preview = await ana.newest("Lines to pay: 8 of 9", "23.75 ITD", "0.002 ETH", "unknown here: 1 (line 8 @benn)")
    await expect(preview).to_contain_text("paid as well: 1 (line 10 @ben)")
    await picture(page, "20-mass-send-preview")
    await preview.get_by_role("button", name="Ask for approval").click()
    await ana.give_code()
    await ana.newest("Waiting for another admin to approve it")
    question = await olga.newest("A mass send needs a second admin", "Asked by: ", "Ana")
    digest = await preview.get_by_text("Digest of recipients").locator("code").last.text_content()
    await expect(question).to_contain_text(digest or "no digest")
    await picture(page, "21-mass-send-approval")
    await question.get_by_role("button", name="Approve").click()
    await olga.newest("6-digit code")
    await olga.give_code()
    await ana.newest("Payouts under way: 1", "Lines done: 8 of 9")
    await picture(page, "22-mass-send-running")
    await ana.newest("100 %", "Done.", "28.75 ITD of 28.75 ITD", seconds=90)
    result = await ana.newest("salaries-november.csv: the outcome of each line")
    async with page.expect_download() as saving:
        await result.get_by_role("link").click()
    saved = await saving.value
    assert saved.suggested_filename == "salaries-november-result.csv"
    table = (await asyncio.to_thread(Path(await saved.path()).read_text)).splitlines()
    outcomes = [line.split('"')[-1] if '"' in line else line for line in table[1:]]
    assert sum("paid" in line for line in outcomes) == 8 and sum("unknown_person" in line for line in outcomes) == 1
    await ben.newest("4.25 ITD")
    await picture(page, "23-mass-send-done")
    received = await fresh.sim.get(f"/chains/eth/received/{address}")
    assert received["amount"] == "0.002"
    await ana.send_file(file)
    await ana.newest("This very file was uploaded before")
