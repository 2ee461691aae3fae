"""The chat page in a real browser, wide and narrow, by mouse and by keyboard."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from bot.sandbox.world import World
from tests.integration.sandbox.conftest import Sandbox, running
from tests.integration.sandbox.demo_bot import (
    ADDRESS,
    DemoAdmins,
    DemoCards,
    DemoChains,
    DemoOverview,
    DemoProcesses,
    DemoWorld,
    demo_bot,
)

#: A folder for pictures of the page, for looking at; none are taken without it.
PICTURES = os.environ.get("PAGE_PICTURES")
pytestmark = pytest.mark.browser


@pytest.fixture
def world() -> DemoWorld:
    return DemoWorld()


@pytest.fixture
async def stage(tmp_path: Path, world: DemoWorld) -> AsyncIterator[Sandbox]:
    parts = World(
        chains=DemoChains(world),
        processes=DemoProcesses(world),
        admins=DemoAdmins(world),
        cards=DemoCards(),
        overview=DemoOverview(),
    )
    async with running(tmp_path, parts) as sandbox, demo_bot(sandbox):
        yield sandbox


async def opened(browser: Browser, stage: Sandbox, width: int = 1440, dark: bool = False) -> Page:
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        permissions=["clipboard-read", "clipboard-write"],
        color_scheme="dark" if dark else "light",
    )
    page = await context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: pytest.fail(f"the page broke: {error}"))
    await page.goto(stage.address)
    await page.wait_for_selector("body[data-ready]")
    return page


async def picture(page: Page, name: str) -> None:
    if PICTURES:
        await page.wait_for_timeout(400)
        await page.screenshot(path=Path(PICTURES) / f"{name}.png")


async def write(page: Page, person: int, text: str) -> None:
    field = page.get_by_test_id(f"composer-{person}")
    await field.fill(text)
    await field.press("Enter")


async def test_a_newcomer_pairs_buys_and_pays(browser: Browser, stage: Sandbox, world: DemoWorld) -> None:
    page = await opened(browser, stage)
    await picture(page, "first")
    await page.get_by_test_id("add-cast").click()
    await expect(page.get_by_role("region", name="Chat of Olga")).to_be_visible()
    ana = next(person["id"] for person in await stage.get("/sim/users") if person["first_name"] == "Ana")
    await page.get_by_test_id(f"start-{ana}").click()
    await expect(page.get_by_test_id(f"log-{ana}").get_by_text("6-digit code")).to_be_visible()
    await page.get_by_test_id(f"send-code-{ana}").click()
    await expect(page.get_by_text("The code is right")).to_be_visible()
    await expect(page.locator("[data-deleted]")).to_contain_text("Message deleted")
    await write(page, ana, "/buy 25 ETH")
    await expect(page.get_by_text("Invoice 12")).to_be_visible()
    await picture(page, "invoice")
    await page.get_by_role("button", name="Copy address").click()
    await expect(page.get_by_test_id("toast")).to_have_text("Copied to the clipboard")
    assert await page.evaluate("navigator.clipboard.readText()") == ADDRESS
    await expect(page.get_by_test_id("faucet-amount")).to_have_value("0.010345")
    for way in ("exact", "under", "over"):
        await page.get_by_test_id(f"pay-{way}").click()
        await expect(page.get_by_test_id(f"pay-{way}")).not_to_have_attribute("aria-busy", "true")
    assert [amount for *_, amount in world.done[-3:]] == ["0.010345", "0.0093105", "0.0113795"]
    await picture(page, "paid")


async def test_buttons_edit_in_place_and_answer(browser: Browser, stage: Sandbox) -> None:
    ana = await stage.person("Ana")
    page = await opened(browser, stage, dark=True)
    await write(page, ana, "/buy")
    await page.get_by_role("button", name="Confirm", exact=True).click()
    await expect(page.get_by_test_id("toast")).to_have_text("Noted: Confirm")
    bubble = page.locator("[data-message-id]", has_text="You chose Confirm.")
    await expect(bubble.get_by_text("edited")).to_be_visible()
    await write(page, ana, "000000")
    await page.get_by_role("button", name="Limits and verification level").click()
    await expect(page.get_by_test_id("alert")).to_contain_text("3 of 3 at level 1")
    await picture(page, "alert-dark")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("alert")).to_have_count(0)


async def test_the_keyboard_alone_is_enough(browser: Browser, stage: Sandbox) -> None:
    ana = await stage.person("Ana")
    page = await opened(browser, stage)
    await page.get_by_test_id(f"composer-{ana}").focus()
    await page.keyboard.type("/b")
    options = page.get_by_test_id(f"suggestions-{ana}").get_by_role("option")
    await expect(options).to_have_count(2)
    await picture(page, "suggestions")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    confirm = page.get_by_role("button", name="Confirm", exact=True)
    await expect(confirm).to_be_visible()
    await confirm.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Home")).to_be_focused()
    await page.get_by_test_id(f"composer-{ana}").focus()
    await page.keyboard.type("<img src=x> 😀")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("I heard: <img src=x> 😀")).to_be_visible()


async def test_contacts_files_groups_and_inline_results(browser: Browser, stage: Sandbox) -> None:
    ana, ben = await stage.person("Ana"), await stage.person("Ben")
    group = (await stage.post("/sim/groups", title="Friends", members=[ana, ben]))["id"]
    page = await opened(browser, stage)
    await page.get_by_test_id("hide-tour").click()
    await write(page, ana, "/contact")
    await page.get_by_role("button", name="Pick").click()
    await page.get_by_test_id("choose-person-submit").click()
    await expect(page.get_by_text("Contact of Ben")).to_be_visible()
    await expect(page.get_by_role("button", name="Share my contact")).to_have_count(0)
    content: FilePayload = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"hello"}
    await page.get_by_test_id(f"file-{ana}").set_input_files(content)
    await expect(page.get_by_role("link", name="note.txt")).to_be_visible()
    bot = (await stage.get("/sim/bot"))["username"]
    await page.get_by_test_id(f"composer-{group}").fill(f"@{bot} 5 ITD")
    await page.get_by_role("option", name="Send 5 ITD").click()
    await expect(page.get_by_test_id(f"log-{group}").get_by_text("A gift of 5 ITD")).to_be_visible()
    await picture(page, "group")


async def test_files_go_as_documents_by_paperclip_and_by_drop_and_are_saved_under_their_names(
    browser: Browser, stage: Sandbox
) -> None:
    ana = await stage.person("Ana")
    page = await opened(browser, stage)
    log = page.get_by_test_id(f"log-{ana}")
    async with page.expect_file_chooser() as choosing:
        await page.get_by_test_id(f"clip-{ana}").click()
    rows = FilePayload(name="pay.csv", mimeType="text/csv", buffer=b"recipient,asset\n")
    await (await choosing.value).set_files(rows)
    link = log.get_by_role("link").filter(has_text="pay.csv")
    await expect(link).to_contain_text("16 bytes")
    async with page.expect_download() as saving:
        await link.click()
    assert (await saving.value).suggested_filename == "pay.csv"
    # A picture is a document too, where it is dropped.
    dropped = await page.evaluate_handle(
        "() => { const data = new DataTransfer();"
        " data.items.add(new File([new Uint8Array(9)], 'scan.png', {type: 'image/png'})); return data; }"
    )
    chat = page.get_by_test_id(f"chat-{ana}")
    await chat.dispatch_event("dragover", {"dataTransfer": dropped})
    await expect(chat).to_have_class("chat active dropping")
    await picture(page, "dropping")
    await chat.dispatch_event("drop", {"dataTransfer": dropped})
    await expect(log.get_by_role("link").filter(has_text="scan.png")).to_be_visible()
    await expect(chat).to_have_class("chat active")
    await picture(page, "files")


async def test_the_world_is_driven_from_the_panel(browser: Browser, stage: Sandbox, world: DemoWorld) -> None:
    ana = await stage.person("Ana")
    page = await opened(browser, stage)
    await page.get_by_test_id("blocks-eth").fill("5")
    await page.get_by_test_id("mine-eth").click()
    await expect(page.get_by_test_id("height-eth")).to_have_text("17")
    await page.get_by_test_id("price-ETH").fill("3000")
    await page.get_by_test_id("set-price-ETH").click()
    await expect(page.get_by_test_id("price-ETH")).to_have_value("3000.00")
    await page.get_by_test_id("SIGKILL-bot").click()
    await expect(page.get_by_test_id("state-bot")).to_have_text("stopped")
    await page.get_by_test_id("start-bot").click()
    await expect(page.get_by_test_id("state-bot")).to_have_text("running")
    await expect(page.get_by_test_id("world-overview")).to_contain_text("newest payouts")
    await page.get_by_test_id(f"make-admin-{ana}").click()
    await expect(page.get_by_test_id("notice").last).to_contain_text("admin now")
    assert ("admin", ana, "owner") in world.done
    await page.get_by_test_id("world-processes").scroll_into_view_if_needed()
    await picture(page, "world")


async def test_a_phone_shows_one_thing_at_a_time(browser: Browser, stage: Sandbox) -> None:
    ana, ben = await stage.person("Ana"), await stage.person("Ben")
    page = await opened(browser, stage, width=390)
    await picture(page, "phone-tour")
    await page.get_by_test_id("hide-tour").click()
    await write(page, ana, "/start")
    await expect(page.get_by_test_id(f"log-{ana}").get_by_text("6-digit code")).to_be_visible()
    await picture(page, "phone")
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await stage.say(ben, "hello")
    await page.get_by_test_id(f"tab-{ben}").click()
    await expect(page.get_by_test_id(f"chat-{ana}")).to_be_hidden()
    await expect(page.get_by_text("I heard: hello")).to_be_visible()
    await page.get_by_test_id("tab-world").click()
    await expect(page.get_by_test_id("mine-eth")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await picture(page, "phone-world")


async def test_absent_parts_have_no_panel(browser: Browser, tmp_path: Path) -> None:
    async with running(tmp_path, World(ticker=None)) as sandbox:
        await sandbox.person("Ana")
        page = await opened(browser, sandbox)
        await expect(page.get_by_test_id("world")).to_be_hidden()
        await expect(page.get_by_role("button", name="Make admin")).to_have_count(0)
