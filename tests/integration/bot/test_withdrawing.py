"""Withdrawing in the chat: always with a code, followed by one receipt, cancellable until it is in a batch."""

from __future__ import annotations

from tests.integration.bot.conftest import Talk, Town, buttons_of, text_of
from tests.support.wallet import ELSEWHERE, ITD
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Role
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.domain.receipts import WithdrawalStep, withdrawal_message
from wallet_core.use_cases.codes import new_id


async def _request(person: Talk, amount: str) -> dict[str, object]:
    card = await person.ask(f"/withdraw {amount} ETH {ELSEWHERE}", "Withdraw ITD")
    await person.press(card, "Confirm")
    await person.told("6-digit code")
    await person.say(person.code())
    return card


async def _only(town: Town, person: Talk) -> Withdrawal:
    return (await town.wallet.ports.store.find(Withdrawal, {"person": person.person}))[0]


async def test_a_withdrawal_is_confirmed_and_followed_in_one_message(town: Town) -> None:
    ana = await town.resident(itd=100)
    card = await ana.ask(f"/withdraw 50 ETH {ELSEWHERE}", "Withdraw ITD")
    wanted = ("Amount: 50 ITD", "Fee: 0.5 ITD", "Total: 50.5 ITD", "You receive: 0.02 ETH", ELSEWHERE, "49.5 ITD")
    for part in (*wanted, "Rate: 1 ETH = 2500 ITD, from test", "2 more of these, and 200 ITD"):
        assert part in text_of(card), part
    assert [b["text"] for b in buttons_of(card)] == ["Confirm", "Cancel"]
    await ana.press(card, "Confirm")
    await ana.told("6-digit code")
    await ana.ask("000000", "That code is not right")
    await ana.say(ana.code())
    receipt = await ana.told("Status: queued")
    assert receipt["message_id"] == card["message_id"]
    withdrawal = await _only(town, ana)
    message = withdrawal_message(withdrawal, WithdrawalStep.SETTLED, txid="0xcafe")
    await town.wallet.ports.ledger.post(Posting(f"test:{new_id()}", "test", "test", messages=(message,)))
    last = await ana.told("0xcafe")
    assert last["message_id"] == card["message_id"] and "paid" in text_of(last)
    assert await town.balance(ana) == (49_500_000, 50_500_000)


async def test_a_queued_withdrawal_can_be_cancelled_once(town: Town) -> None:
    ana = await town.resident(itd=100)
    await _request(ana, "50")
    receipt = await ana.told("Status: queued")
    assert await ana.press(receipt, "Cancel withdrawal") == "Cancelled"
    gone = await ana.told("Status: cancelled")
    assert not buttons_of(gone) and await town.balance(ana) == (100 * ITD, 0)


async def test_withdrawing_is_asked_for_piece_by_piece(town: Town) -> None:
    ana = await town.resident(itd=100)
    choice = await ana.ask("/withdraw", "In which coin")
    await ana.press(choice, "ETH")
    await ana.ask("50", "Which ETH address")
    await ana.ask("0x00", "That is not an address")
    await ana.ask(ELSEWHERE[:-1] + "e", "check sum")
    await ana.ask("0x" + "0" * 40, "Nobody owns that address")
    await ana.ask(ELSEWHERE, "You receive: 0.02 ETH")


async def test_the_daily_limit_names_the_rule_the_numbers_and_when_it_frees(town: Town) -> None:
    ana = await town.resident(itd=200)
    for _ in range(3):
        await _request(ana, "2")
        await ana.told("Status: queued")
    refused = await ana.ask(f"/withdraw 2 ETH {ELSEWHERE}", "payouts today 3 of 3 at level 1, next at 00:00 UTC")
    assert "Level 2 has 10 a day" in text_of(refused) and "Nothing was changed" in text_of(refused)


async def test_a_large_withdrawal_is_reviewed_by_an_admin_with_a_code(town: Town) -> None:
    admin, ana = await town.resident("Root", role=Role.FINANCE), await town.resident(itd=300)
    await _request(ana, "210")
    await ana.told("Status: waiting for an admin")
    notice = await admin.told("A withdrawal waits for review")
    assert ELSEWHERE in text_of(notice)
    await admin.press(notice, "Approve")
    await admin.told("6-digit code")
    await admin.ask(admin.code(), "Done.")
    await ana.told("Status: queued")
    assert (await _only(town, ana)).state is PayoutState.QUEUED
    await admin.press(notice, "Refuse")
    desk = await admin.ask("/admin", "Payouts queued: 1")
    assert "Pause ETH" in {b["text"] for b in buttons_of(desk)}


async def test_an_admin_refuses_from_the_desk(town: Town) -> None:
    admin, ana = await town.resident("Root", role=Role.FINANCE), await town.resident(itd=300)
    await _request(ana, "210")
    await ana.told("Status: waiting for an admin")
    desk = await admin.ask("/admin", "Reviews waiting: 1")
    await admin.press(desk, "Refuse 1")
    await admin.told("6-digit code")
    await admin.ask(admin.code(), "Done.")
    await ana.told("refused by an admin")
    assert await town.balance(ana) == (300 * ITD, 0)


async def test_payouts_are_paused_and_resumed_with_a_code(town: Town) -> None:
    admin = await town.resident("Root", role=Role.OWNER)
    desk = await admin.ask("/admin", "ETH: running")
    await admin.press(desk, "Pause ETH")
    await admin.told("6-digit code")
    await admin.ask(admin.code(), "Done.")
    rail = await town.wallet.ports.store.get(Rail, "ETH")
    assert rail is not None and rail.state is RailState.PAUSED
    desk = await admin.ask("/admin", "ETH: paused")
    await admin.press(desk, "Queue")
    await admin.told("Nothing is waiting.")


async def test_support_looks_but_does_not_switch(town: Town) -> None:
    admin, ana = await town.resident("Help", role=Role.SUPPORT), await town.resident()
    desk = await admin.ask("/admin", "ETH: running")
    await admin.press(desk, "Pause ETH")
    await admin.told("That is not open to you")
    await ana.ask("/admin", "That is not open to you")
    commands = (await town.sandbox.get(f"/sim/chats/{admin.person}"))["commands"]
    assert "admin" in {c["command"] for c in commands}
    assert "admin" not in {c["command"] for c in (await town.sandbox.get(f"/sim/chats/{ana.person}"))["commands"]}
