"""One person's column of the chat page in a real browser, and pictures of the page."""

from pathlib import Path

from playwright.async_api import FilePayload, Locator, Page, expect

SCREENS = Path(__file__).parents[2] / "docs" / "screens"
SECONDS = 1_000


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
        await self.press("Confirm", *card)

    async def press(self, button: str, *card: str) -> None:
        """Presses a button of the last bubble with all these words."""
        await (await self.newest(*card)).get_by_role("button", name=button, exact=True).click()

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

    async def send_picture(self, file: FilePayload) -> None:
        """By the menu of what can be attached."""
        await self.page.get_by_test_id(f"attach-{self.person}").click()
        column = self.page.get_by_test_id(f"chat-{self.person}")
        async with self.page.expect_file_chooser() as choosing:
            await column.get_by_role("button", name="Picture…").click()
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
