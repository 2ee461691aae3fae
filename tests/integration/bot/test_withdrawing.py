"""Withdrawing in the chat: always with a code, followed by one receipt, cancellable until it is in a batch."""

from __future__ import annotations

from tests.integration.bot.conftest import Talk, Town, buttons_of, text_of, until_sent
from tests.support.wallet import BTC_ELSEWHERE, ELSEWHERE, ITD, LTC_ELSEWHERE
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
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
    await ana.ask(BTC_ELSEWHERE, "an address of BTC, not of ETH")
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
    other = await town.resident("Olga", role=Role.OWNER)
    await _request(ana, "210")
    await ana.told("Status: waiting for an admin")
    notice, others = [await one.told("A withdrawal waits for review") for one in (admin, other)]
    assert ELSEWHERE in text_of(notice) and "Approve" in {b["text"] for b in buttons_of(others)}
    await admin.press(notice, "Approve")
    await admin.told("6-digit code")
    await admin.ask(admin.code(), "Done.")
    await ana.told("Status: queued")
    assert (await _only(town, ana)).state is PayoutState.QUEUED
    for talk, card in ((admin, notice), (other, others)):
        decided = await talk.told_ever("It is queued.")
        assert decided["message_id"] == card["message_id"] and "Approve" not in {b["text"] for b in buttons_of(decided)}
    await admin.press(notice, "Refuse")
    desk = await admin.ask("/admin", "Queued: 1")
    assert "Switch ETH" in {b["text"] for b in buttons_of(desk)}


async def test_an_admin_refuses_from_the_desk(town: Town) -> None:
    admin, ana = await town.resident("Root", role=Role.FINANCE), await town.resident(itd=300)
    await _request(ana, "210")
    await ana.told("Status: waiting for an admin")
    desk = await admin.ask("/admin", "Reviews waiting: 1")
    await admin.press(desk, "Refuse 1")
    await admin.told("The person reads it word by word")
    await admin.ask("Please use an address | of your own", "6-digit code")
    await admin.ask(admin.code(), "Done.")
    assert "Why: Please use an address / of your own" in text_of(await ana.told("refused by an admin"))
    assert await town.balance(ana) == (300 * ITD, 0)


async def test_payouts_are_paused_and_resumed_with_a_code(town: Town) -> None:
    admin = await town.resident("Root", role=Role.OWNER)
    desk = await admin.ask("/admin", "ETH: running")
    await admin.press(desk, "Switch ETH")
    await admin.press(await admin.told("Drain:"), "Pause")
    await admin.told("Why do you want to")
    await admin.ask("the node is moved", "6-digit code")
    await admin.ask(admin.code(), "Done.")
    rail = await town.wallet.ports.store.get(Rail, "ETH")
    assert rail is not None and rail.state is RailState.PAUSED
    await admin.ask("/admin", "ETH: paused")
    await admin.ask("/rail ETH resume the node is there", "6-digit code")
    await admin.ask(admin.code(), "Done.")
    desk = await admin.ask("/admin", "ETH: running")
    await admin.press(desk, "Queue")
    await admin.told("Nothing is waiting.")


async def _say(town: Town, withdrawal: Withdrawal, step: WithdrawalStep, **more: object) -> str:
    """What the worker says of a payout; returns the outbox message's id."""
    key = f"test:{new_id()}"
    message = withdrawal_message(withdrawal, step, None, **more)
    await town.wallet.ports.ledger.post(Posting(key, "test", "test", messages=(message,)))
    return f"{key}#0"


async def test_bitcoin_is_withdrawn_and_followed_from_its_place_to_its_share_of_the_fee(town: Town) -> None:
    await town.wallet.open_payouts(Asset.BTC)
    ana = await town.resident(itd=100)
    card = await ana.ask(f"/withdraw 10 BTC {BTC_ELSEWHERE}", "You receive: 0.00016666 BTC")
    for part in ("Network: Bitcoin, test network (regtest)", BTC_ELSEWHERE, "Rate: 1 BTC = 60000 ITD"):
        assert part in text_of(card), part
    await ana.press(card, "Confirm")
    await ana.told("6-digit code")
    await ana.say(ana.code())
    receipt = await ana.told("Status: queued, place 1 of 1 on this chain. The money is held.")
    assert [b["text"] for b in buttons_of(receipt)] == ["Cancel withdrawal", "Refresh"]
    withdrawal, txid = await _only(town, ana), "ab" * 32
    steps = (
        (WithdrawalStep.BATCHED, {"count": 42}, "in a batch with 41 others"),
        (WithdrawalStep.BROADCAST, {"txid": txid, "price_minor": 5}, "Fee rate offered to the network: 5 sat/vB"),
        (WithdrawalStep.UNKNOWN, {"txid": txid, "waits_for": "node"}, "waiting for an answer of our node"),
        (WithdrawalStep.BUMPED, {"txid": txid, "attempt": 2, "price_minor": 9}, "gets through; attempt 2."),
        (WithdrawalStep.CONFIRMED, {"txid": txid, "confirmations": 2, "needed": 6}, "2 of 6 confirmations"),
        (WithdrawalStep.SETTLED, {"txid": txid, "network_fee_minor": 141}, "paid by this service: 0.00000141 BTC"),
    )
    for step, facts, part in steps:
        await _say(town, withdrawal, step, **facts)
        shown = await ana.told(part)
        assert shown["message_id"] == card["message_id"] and not buttons_of(shown)
    assert txid in text_of(shown) and "Status: paid" in text_of(shown)


async def test_a_place_in_the_queue_is_refreshed_when_it_is_asked_for_and_not_before(town: Town) -> None:
    await town.wallet.open_payouts(Asset.LTC)
    ana, ben = await town.resident("Ana", itd=100), await town.resident("Ben", itd=100)
    for person in (ana, ben):
        await person.press(await person.ask(f"/withdraw 10 LTC {LTC_ELSEWHERE}", "Litecoin, test network"), "Confirm")
        await person.told("6-digit code")
        await person.say(person.code())
    receipt = await ben.told("place 2 of 2 on this chain")
    await ben.press(receipt, "Refresh")
    await ana.press(await ana.told_ever("place 1 of 1 on this chain"), "Cancel withdrawal")
    await ana.told("Status: cancelled")
    before = (await _shown(ben, receipt))["seq"]
    assert before == receipt["seq"], "an edit that changes nothing was sent"
    assert await ben.press(receipt, "Refresh") == "This is how it stands now."
    assert (await ben.told("place 1 of 1 on this chain"))["message_id"] == receipt["message_id"]
    overview = await ben.ask("/withdrawals", "Withdrawals under way")
    assert "1. 0.125 LTC\nStatus: queued, place 1 of 1" in text_of(overview)
    await ben.press(overview, "1")
    moved = await ben.told("place 1 of 1 on this chain")
    assert moved["message_id"] > overview["message_id"] and (await _shown(ben, receipt))["deleted"]
    await _say(town, await _only(town, ben), WithdrawalStep.BATCHED, count=1)
    assert (await ben.told("in a batch of its own"))["message_id"] == moved["message_id"]


async def _shown(person: Talk, message: dict[str, object]) -> dict[str, object]:
    """A message as it is now."""
    await person.refresh()
    return person.messages[int(str(message["message_id"]))]


async def test_the_same_step_told_twice_is_one_edit(town: Town) -> None:
    ana = await town.resident(itd=100)
    await _request(ana, "50")
    await ana.told("Status: queued")
    withdrawal = await _only(town, ana)
    await _say(town, withdrawal, WithdrawalStep.CONFIRMED, confirmations=1, needed=6)
    first = await ana.told("1 of 6 confirmations")
    again = await _say(town, withdrawal, WithdrawalStep.CONFIRMED, confirmations=1, needed=6)
    await until_sent(town, again)
    assert (await _shown(ana, first))["seq"] == first["seq"]


async def test_a_coin_that_nobody_pays_in_is_refused_plainly(town: Town) -> None:
    await town.wallet.open_payouts(Asset.BTC)
    ana = await town.resident(itd=100)
    choice = await ana.ask("/withdraw", "Withdrawing is not open yet in: LTC.")
    assert [b["text"] for b in buttons_of(choice)] == ["ETH", "BTC", "Home"]
    await ana.ask(f"/withdraw 10 LTC {LTC_ELSEWHERE}", "Withdrawing in LTC is not open yet. You can use: ETH, BTC.")
    await ana.press(choice, "BTC")
    await ana.ask("10", "It begins with bcrt1")
    await ana.ask(LTC_ELSEWHERE, "an address of LTC, not of BTC on Bitcoin, test network (regtest)")
    await ana.ask(BTC_ELSEWHERE, "You receive: 0.00016666 BTC")


async def test_an_admin_has_what_is_queued_paid_at_once(town: Town) -> None:
    await town.wallet.open_payouts(Asset.BTC)
    admin = await town.resident("Root", role=Role.FINANCE)
    await admin.ask("/paynow DOGE", "I do not know that coin. You can use: BTC, ETH.")
    await admin.ask("/paynow btc", "to pay what is queued in BTC at once")
    await admin.ask(admin.code(), "Asked for.")
    rail = await town.wallet.ports.store.get(Rail, Asset.BTC)
    assert rail is not None and (rail.pay_asked, rail.pay_heard) == (1, 0)
    desk = await admin.ask("/admin", "A batch was asked for and is not formed yet.")
    await admin.press(desk, "Pay now ETH")
    await admin.told("to pay what is queued in ETH at once")
    await admin.ask(admin.code(), "Asked for.")
    desk = await admin.ask("/admin", "A batch was asked for")
    await admin.press(desk, "Batches")
    await admin.told("Nothing is on its way.")


async def test_support_looks_but_does_not_switch(town: Town) -> None:
    admin, ana = await town.resident("Help", role=Role.SUPPORT), await town.resident()
    desk = await admin.ask("/admin", "ETH: running")
    assert not {"Switch ETH", "Pay now ETH", "All rails", "Whole wallet"} & {b["text"] for b in buttons_of(desk)}
    await admin.ask("/rail ETH pause the node is moved", "That is not open to you")
    rail = await town.wallet.ports.store.get(Rail, "ETH")
    assert rail is not None and rail.state is RailState.RUNNING
    await ana.ask("/admin", "That is not open to you")
    commands = (await town.sandbox.get(f"/sim/chats/{admin.person}"))["commands"]
    assert "admin" in {c["command"] for c in commands}
    assert "admin" not in {c["command"] for c in (await town.sandbox.get(f"/sim/chats/{ana.person}"))["commands"]}
