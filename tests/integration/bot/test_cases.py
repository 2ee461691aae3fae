"""Cases in the chat: admins are told, decide once with a code, and the person is asked, credited or sent it back."""

from __future__ import annotations

from typing import Any

from tests.integration.bot.conftest import Talk, Town, buttons_of, text_of
from tests.support.cases import invoice_of, too_small
from tests.support.wallet import BTC_ELSEWHERE, ELSEWHERE
from wallet_core.domain.case import Case, CaseChoice, CaseState
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Role
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.receipts import WithdrawalStep, withdrawal_message
from wallet_core.use_cases.codes import new_id

COINS = 1_500


async def _opened(town: Town, ana: Talk, coin_minor: int = COINS) -> Case:
    address = town.wallet.ports.addresses[Asset.BTC].deposit(ana.person % 1_000)
    invoice = invoice_of(ana.person, await town.wallet.ports.store.now(), address=address)
    return await too_small(town.wallet.ports, invoice, coin_minor)


async def _card(admin: Talk, case: Case) -> dict[str, Any]:
    """The case as the admin sees it now, by the desk's list."""
    desk = await admin.ask("/admin", "Admin desk")
    await admin.press(desk, "Cases")
    listed = await admin.told("Cases, page 1")
    await admin.press(listed, "1")
    return await admin.told(f"Case {case.id}")


async def _decide(admin: Talk, card: dict[str, Any], button: str, answer: str) -> dict[str, Any]:
    await admin.press(card, button)
    await admin.told("6-digit code")
    return await admin.ask(admin.code(), answer)


async def _case(town: Town, case: Case) -> Case:
    found = await town.wallet.ports.store.get(Case, case.id)
    assert found is not None
    return found


async def test_an_admin_is_told_of_a_case_and_credits_it(town: Town) -> None:
    admin, support = await town.resident("Root", role=Role.FINANCE), await town.resident("Sue", role=Role.SUPPORT)
    ana = await town.resident("Ana")
    case = await _opened(town, ana)
    await ana.told("0.000015 BTC arrived, too little to be counted by itself")
    notice = await admin.told("A case needs a decision")
    for part in (str(ana.person), "0.000015 BTC", case.payments[0]):
        assert part in text_of(notice)
    await admin.press(notice, "Open the case")
    card = await admin.told(f"Case {case.id}")
    for part in ("Ana", f"id {ana.person}", "0.000015 BTC", "Worth now", "0.9 ITD", "It waits for a decision."):
        assert part in text_of(card), part
    await _decide(admin, card, "Credit at today's rate", "It was credited.")
    assert (await town.balance(ana))[0] == 900_000 * 100 // 101
    assert "is missing of the whole order" in text_of(await ana.told_ever("0.891089 ITD is on your balance"))
    await admin.told_ever("Decided by")
    assert (await _case(town, case)).choice is CaseChoice.CREDIT
    assert not [m for m in await support.refresh() if "case" in text_of(m)]


async def test_two_admins_tap_at_once_and_one_reads_who_decided(town: Town) -> None:
    first, second = await town.resident("Root", role=Role.FINANCE), await town.resident("Zoe", role=Role.OWNER)
    ana = await town.resident("Ana")
    case = await _opened(town, ana)
    mine, theirs = await _card(first, case), await _card(second, case)
    await first.press(mine, "Credit at today's rate")
    await second.press(theirs, "Keep it")
    await first.told("6-digit code")
    await second.told("6-digit code")
    await first.ask(first.code(), "It was credited.")
    late = await second.ask(second.code(), "Nothing was done: this case went on since you saw it.")
    assert "It was credited." in text_of(late) and f"id {first.person}" in text_of(late)
    assert (await _case(town, case)).decided_by == first.person
    assert (await town.balance(ana))[0] == 900_000 * 100 // 101


async def test_the_person_gets_the_card_anew_with_what_is_missing(town: Town) -> None:
    admin, ana = await town.resident("Root", role=Role.FINANCE), await town.resident("Ana")
    case = await _opened(town, ana)
    before = await ana.told_ever("too little to be counted by itself")
    card = await _card(admin, case)
    await _decide(admin, card, "Ask for the rest", "The person was asked for the rest until")
    asked = await ana.told_ever("Please pay the rest to the same address")
    invoice = await town.wallet.ports.store.get(Invoice, case.invoice)
    assert invoice is not None and invoice.address in text_of(asked)
    assert "Pay exactly: 0.00082667 BTC" in text_of(
        asked
    ) and f"bitcoin:{invoice.address}?amount=0.00082667" in text_of(asked)
    assert asked["message_id"] != before["message_id"]
    messages = await ana.refresh()
    assert next(m for m in messages if m["message_id"] == before["message_id"])["deleted"]
    assert "Scan to pay 0.00082667 BTC" in text_of([m for m in messages if "photo" in m][-1])
    listed = await _card(admin, case)
    assert "The person was asked for the rest until" in text_of(listed)
    await _decide(admin, listed, "Keep it", "It was kept.")
    kept = await ana.told_ever("It stays with this service.")
    assert kept["message_id"] == asked["message_id"] and await town.balance(ana) == (0, 0)


async def _confirmed(ana: Talk, card: dict[str, Any]) -> dict[str, Any]:
    """The receipt of a refund that was confirmed with a code."""
    await ana.press(card, "Confirm")
    await ana.told("6-digit code")
    await ana.say(ana.code())
    return await ana.told("Status: queued, place 1 of 1")


async def test_it_is_sent_back_to_an_address_that_is_checked_and_confirmed_with_a_code(town: Town) -> None:
    await town.wallet.open_payouts(Asset.BTC)
    admin, ana = await town.resident("Root", role=Role.FINANCE), await town.resident("Ana")
    # Of it 0.25 ITD are withheld, at 60,000 ITD a coin.
    case = await _opened(town, ana)
    await _decide(admin, await _card(admin, case), "Send it back", "asked for an address")
    asked = await ana.told_ever("Press the button and give an address of yours")
    await ana.press(asked, "Give an address")
    await ana.told("To which BTC address")
    await ana.ask(ELSEWHERE, "That is an address of ETH, not of BTC")
    card = await ana.ask(BTC_ELSEWHERE, "You receive: 0.00001083 BTC")
    for part in ("Arrived: 0.000015 BTC", "Withheld for the network: 0.00000417 BTC", BTC_ELSEWHERE):
        assert part in text_of(card), part
    receipt = await _confirmed(ana, card)
    assert "Refund of 0.00001083 BTC" in text_of(receipt)
    await ana.told_ever("is going back to you")
    refund = await town.wallet.ports.store.get(Withdrawal, case.id)
    assert refund is not None and (refund.state, refund.address) == (PayoutState.QUEUED, BTC_ELSEWHERE)
    assert "It is on its way back." in text_of(await _card(admin, case))
    await ana.press(receipt, "Cancel refund")
    await ana.told("The coins lie aside for you as before")
    assert (await _case(town, case)).state is CaseState.WAITING
    answer = await ana.ask(f"/payment {case.payments[0]}", "as soon as you give an address of yours")
    await ana.press(answer, "Give an address")
    await ana.told("To which BTC address")
    second = await _confirmed(ana, await ana.ask(BTC_ELSEWHERE, "You receive: 0.00001083 BTC"))
    assert second["message_id"] != receipt["message_id"]
    refund = await town.wallet.ports.store.get(Withdrawal, case.id)
    assert refund is not None
    message = withdrawal_message(refund, WithdrawalStep.SETTLED, txid="cafe")
    await town.wallet.ports.ledger.post(Posting(f"test:{new_id()}", "test", "test", messages=(message,)))
    last = await ana.told("Status: paid.")
    assert last["message_id"] == second["message_id"] and "Refund of" in text_of(last)
    assert await town.balance(ana) == (0, 0)


async def test_a_bot_that_is_stopped_between_taps_loses_no_case(quiet_town: Town) -> None:
    town = quiet_town
    async with town.bot():
        admin, ana = await town.resident("Root", role=Role.FINANCE), await town.resident("Ana")
        case = await _opened(town, ana)
        card = await _card(admin, case)
        await admin.press(card, "Keep it")
        await admin.told("6-digit code")
    async with town.bot():
        await admin.ask(admin.code(), "It was kept.")
        assert (await _case(town, case)).choice is CaseChoice.KEEP
        assert "No case is open." in text_of(await _listed(admin))


async def _listed(admin: Talk) -> dict[str, Any]:
    desk = await admin.ask("/admin", "Admin desk")
    assert "Cases" in {button["text"] for button in buttons_of(desk)}
    await admin.press(desk, "Cases")
    return await admin.told("Cases, page 1")
