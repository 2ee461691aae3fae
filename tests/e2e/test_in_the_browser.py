"""Every way in and out once by hand: a real Chromium on the chat page; its pictures are kept in ``docs/screens``.

One sandbox for all: its people enrol first, then each test has one of them buy, send or withdraw.
"""

import asyncio
import csv
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from eth_utils.address import to_checksum_address
from playwright.async_api import Locator, Page, async_playwright, expect

from bot.sandbox.components.chromium import CHROMIUM
from tests.e2e import papers_by_hand
from tests.e2e.browser_chat import SECONDS, Chat, picture
from tests.e2e.conftest import RunningSandbox, running_sandbox

ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
#: Deep enough for a payment on its way to be seen, and deposits that move soon.
SETTINGS = {
    "REVIEW_ABOVE": "100",
    "BTC_DEPOSIT_CONFIRMATIONS": "4",
    "LTC_DEPOSIT_CONFIRMATIONS": "4",
    "BTC_SWEEP_INTERVAL_SECONDS": "4",
    "MASS_SEND_APPROVAL_ABOVE": "10",
    "REVIEW_TWO_ADMINS_ABOVE": "200",
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
    # The rest is too small to be moved alone and stays at its address, unless it came before the first one was moved.
    await expect(books.get_by_role("cell")).to_have_text(re.compile(r"^0(\.00006734)?$"), timeout=60 * SECONDS)


def payments(file: Path, address: str) -> Path:
    """Three payments to Ben and three to Olga, one to nobody, one in ether, and the first once more."""
    salaries = [
        f'@{who},ITD,{amount},"Salary, November"' for who in ("ben", "olga_admin") for amount in ("4.25", "3.5", "2")
    ]
    others = ["@benn,ITD,4,Typo", f"{address},ETH,0.002,Invoice 118", salaries[0]]
    file.write_text("\r\n".join(["recipient,asset,amount,note", *salaries, *others]))
    return file


async def outcomes_of(page: Page, result: Locator) -> list[str]:
    """What the saved result says of each line, behind its note."""
    async with page.expect_download() as saving:
        await result.get_by_role("link").click()
    saved = await saving.value
    assert saved.suggested_filename == "salaries-november-result.csv"
    table = await asyncio.to_thread(Path(await saved.path()).read_text)
    return [row["outcome"] for row in csv.DictReader(table.splitlines())]


async def approve(page: Page, payer: Chat, other: Chat) -> None:
    """The payer asks, the other admin compares the digest and approves."""
    preview = await payer.newest("Lines to pay: 8 of 9", "23.75 ITD", "0.002 ETH", "unknown here: 1 (line 8 @benn)")
    await expect(preview).to_contain_text("paid as well: 1 (line 10 @ben)")
    await picture(page, "20-mass-send-preview")
    await preview.get_by_role("button", name="Ask for approval").click()
    await payer.give_code()
    await payer.newest("Waiting for another admin to approve it")
    question = await other.newest("A mass send needs a second admin", "Asked by: ", "Ana")
    digest = await preview.get_by_text("Digest of recipients").locator("code").last.text_content()
    await expect(question).to_contain_text(digest or "no digest")
    await picture(page, "21-mass-send-approval")
    await question.get_by_role("button", name="Lines as a file").click()
    await other.newest("Nothing has been paid yet")
    await question.get_by_role("button", name="Approve").click()
    await other.newest("6-digit code")
    await other.give_code()


async def test_a_file_is_paid_after_a_second_admin_compared_the_digest(
    page: Page, fresh: RunningSandbox, people: dict[str, Chat], tmp_path: Path
) -> None:
    ana, ben = people["Ana"], people["Ben"]
    await page.get_by_test_id(f"make-admin-{ana.person}").click()
    await expect(page.get_by_test_id("notice").filter(has_text="Ana is an admin now")).to_be_visible()
    address = to_checksum_address("0x" + secrets.token_hex(20))
    file = payments(tmp_path / "salaries-november.csv", address)
    await ana.write("/masssend")
    await ana.newest("A form to fill in")
    await picture(page, "19-mass-send-form")
    await ana.send_file(file)
    await approve(page, ana, people["Olga"])
    await ana.newest("Payouts under way: 1", "Lines done: 8 of 9")
    await picture(page, "22-mass-send-running")
    await ana.newest("100 %", "Done.", "28.75 ITD of 28.75 ITD", seconds=90)
    outcomes = await outcomes_of(page, await ana.newest("salaries-november.csv: the outcome of each line"))
    assert outcomes == ["paid"] * 6 + ["refused", "paid", "paid"]
    await ben.newest("4.25 ITD")
    await picture(page, "23-mass-send-done")
    received = await fresh.sim.get(f"/chains/eth/received/{address}")
    assert received["amount"] == "0.002"
    await ana.send_file(file)
    await ana.newest("This very file was uploaded before")


async def approve_by_two(page: Page, first: Chat, second: Chat) -> None:
    """From the queue, one after the other; who approved first has no button to approve twice."""
    await first.write("/reviews")
    await first.press("Approve", "Withdrawals in review: 1 of 1", "it takes two admins")
    await first.newest("6-digit code")
    await first.give_code()
    await first.newest("Nothing is paid before a second admin")
    await first.write("/reviews")
    waiting = await first.newest("a second admin has to approve as well")
    await expect(waiting.get_by_role("button", name="Approve")).to_have_count(0)
    await second.write("/reviews")
    card = await second.newest("a second admin has to approve as well")
    await picture(page, "27-second-admin")
    await card.get_by_role("button", name="Approve").click()
    await second.newest("6-digit code")
    await second.give_code()


async def test_level_two_by_documents_and_a_larger_withdrawal_by_two_admins(
    page: Page, fresh: RunningSandbox, people: dict[str, Chat]
) -> None:
    ana, ben, olga = people["Ana"], people["Ben"], people["Olga"]
    address = to_checksum_address("0x" + secrets.token_hex(20))
    await ben.write(f"/withdraw 300 ETH {address}")
    await ben.newest("Rule “daily limit”", "at level 1", "Level 2 has")
    await papers_by_hand.apply(ben, "24-applying-for-a-level")
    await papers_by_hand.review(olga, "25-reviewing-documents")
    await ben.newest("Approved: you are on level 2 now")
    await ben.buy("320", "ETH")
    await ben.newest("ethereum:0x", "Purchase of 320 ITD")
    await expect(page.get_by_test_id("faucet-amount")).to_have_value("0.12928")
    await page.get_by_test_id("pay-exact").click()
    await ben.newest("credited 320 ITD")

    await ben.ask_to_withdraw("300", address)
    await ben.give_code()
    await ben.newest("300 ITD", "waiting for an admin")
    await picture(page, "26-withdrawal-in-review")
    await approve_by_two(page, ana, olga)
    paid = await ben.newest("300 ITD", "The transaction is final", "Transaction: 0x")
    await paid.scroll_into_view_if_needed()
    await picture(page, "28-paid-after-review")
    received = await fresh.sim.get(f"/chains/eth/received/{address}")
    assert float(received["amount"]) == pytest.approx(300 / 2_500)
