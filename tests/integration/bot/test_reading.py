"""History, records, statements and the balance chart in the chat."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from tests.integration.bot.conftest import Talk, Town, buttons_of, text_of
from tests.support.wallet import ELSEWHERE
from wallet_core.domain.people import Caller
from wallet_core.use_cases.statement import statement


def labels_of(message: dict[str, Any]) -> list[str]:
    return [button["text"] for button in buttons_of(message)]


async def pay(payer: Talk, payee: Talk, *amounts: str) -> None:
    for amount in amounts:
        await payer.press(await payer.ask(f"/send {amount} @{payee.username}", "Send ITD"), "Confirm")
        await payer.told(f"Sent {amount} ITD")


async def file_of(town: Town, message: dict[str, Any]) -> bytes:
    """What a message's document holds."""
    response = await town.sandbox.control.get(f"/sim/files/{message['document']['file_id']}")
    return bytes(response.content)


async def test_history_turns_its_pages_in_place(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    await pay(ana, ben, *(f"0.{n}" for n in range(1, 10)))
    page = await ben.ask("/history", "History: everything")
    assert "1. " in text_of(page) and "+0.9 ITD" in text_of(page) and "+0.1 ITD" not in text_of(page)
    assert labels_of(page)[8:10] == ["Older", "Oldest"]
    await ben.press(page, "Older")
    older = await ben.told("+0.1 ITD")
    assert older["message_id"] == page["message_id"] and "+0.2 ITD" not in text_of(older)
    assert "Newer" in labels_of(older) and "Older" not in labels_of(older)
    await ben.press(older, "Newer")
    newest = await ben.told("+0.9 ITD")
    await ben.press(newest, "Oldest")
    await ben.press(await ben.told("+0.1 ITD"), "Newest")
    await ben.told("+0.9 ITD")
    # A button that only shows something may be pressed again.
    await ben.press(older, "Newer")


async def test_history_is_filtered_in_place(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben", 5)
    await pay(ana, ben, "2")
    await pay(ben, ana, "0.5")
    await ana.press(await ana.ask("/history", "everything"), "Money in")
    came = await ana.told("History: money in")
    assert "+0.5 ITD" in text_of(came) and "−2 ITD" not in text_of(came)
    await ana.press(came, "Money out")
    went = await ana.told("History: money out")
    assert "−2 ITD" in text_of(went) and "+0.5 ITD" not in text_of(went)
    await ana.press(went, "Withdrawals")
    await ana.told("Nothing of that has happened yet")
    await ana.ask("/freeze", "frozen now")
    await ana.press(await ana.ask("/history", "everything"), "Account and security")
    account = await ana.told("History: account and security")
    assert "wallet frozen" in text_of(account) and "ITD" not in text_of(account)


async def test_a_number_opens_its_record_and_back_leads_to_the_same_page(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    await pay(ana, ben, *(f"0.{n}" for n in range(1, 10)))
    await ana.press(await ana.ask("/history", "everything"), "Money out")
    await ana.press(await ana.told("History: money out"), "Older")
    older = await ana.told("−0.1 ITD")
    await ana.press(older, "1")
    record = await ana.told("Reference: send:")
    for part in ("sent", "Available: −0.1 ITD, then 99.9 ITD", "To: \u2068Ben\u2069", f"id {ben.person}"):
        assert part in text_of(record)
    await ana.press(record, "Back")
    again = await ana.told("History: money out")
    assert text_of(again) == text_of(older) and again["message_id"] == older["message_id"]


async def test_a_withdrawal_in_the_history_has_its_address(town: Town) -> None:
    ana = await town.resident("Ana", 100)
    card = await ana.ask(f"/withdraw 20 ETH {ELSEWHERE}", "Withdraw ITD")
    await ana.press(card, "Confirm")
    await ana.told("6-digit code")
    await ana.ask(ana.code(), "queued")
    await ana.press(await ana.ask("/history", "withdrawal requested in ETH"), "1")
    record = await ana.told("Reference: withdrawal:")
    for part in (ELSEWHERE, "Held: +20.5 ITD, then 20.5 ITD", "Fee: 0.5 ITD", "Coins: 0.008 ETH", "Ethereum"):
        assert part in text_of(record)


async def test_a_statement_is_a_file_with_its_figures_in_the_caption(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    await pay(ana, ben, "2", "3")
    await ana.say("/statement")
    message = await ana.told("Statement")
    for part in ("Opening balance: 0 ITD", "3 movements", "Balance now: 95 ITD"):
        assert part in text_of(message)
    assert message["document"]["file_name"].endswith(".csv")
    rows = list(csv.DictReader(io.StringIO((await file_of(town, message)).decode())))
    assert [row["out_itd"] for row in rows if row["out_itd"]] == ["2", "3"]
    assert rows[-2]["kind"] == "closing" and rows[-2]["balance_after_itd"] == "95"
    await ana.press(message, "Back")
    await ana.told("History: everything")
    await ana.press(await ana.ask("/history", "everything"), "Statement")
    await ana.told("3 movements")


async def test_a_statement_of_days_has_them_alone_and_a_bad_range_is_explained(town: Town) -> None:
    ana = await town.resident("Ana", 100)
    today = await town.wallet.ports.store.now()
    day = f"{today:%Y-%m-%d}"
    await ana.ask(f"/statement {day} {day}", "1 movement")
    before = f"{today - timedelta(days=2):%Y-%m-%d}"
    card = await ana.ask(f"/statement {before}", "0 movements")
    assert "Closing balance: 0 ITD" in text_of(card)
    for text in ("yesterday", f"{day} {before}", f"{today + timedelta(days=40):%Y-%m}"):
        refused = await ana.ask(f"/statement {text}", "I could not read that range")
        assert "/statement 2026-10-01 2026-10-15" in text_of(refused)
    made = await statement(town.wallet.ports, Caller(ana.person), today - timedelta(days=1), today + timedelta(days=1))
    assert made.closing_total_minor == sum(await town.balance(ana))


async def test_the_balance_of_thirty_days_is_a_picture_with_its_facts(town: Town) -> None:
    ana = await town.resident("Ana", 100)
    await ana.press(await ana.ask("/balance", "Available"), "30 days")
    chart = await ana.told("Your balance of 30 days")
    assert chart["photo"][-1]["width"] == 960
    for part in ("Lowest, ", ": 0 ITD", "Highest, ", "Now: 100 ITD", "▁▁▁"):
        assert part in text_of(chart)
    await ana.press(chart, "Back")
    await ana.told("Held for withdrawals")
