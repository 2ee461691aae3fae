"""Policies in the chat: owners draft, try out and switch on, admins screen addresses, and people read their reason."""

from __future__ import annotations

from tests.integration.bot.conftest import Talk, Town, buttons_of, text_of
from tests.support.wallet import ELSEWHERE
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Role
from wallet_core.use_cases.approve_at_server import approve_at_server
from wallet_core.use_cases.list_approvals import list_approvals

#: Begins and ends like ELSEWHERE, and is another one.
LOOK_ALIKE = "0x529084" + "0" * 28 + "169ee7"


async def _asked(ana: Talk, itd: str, address: str = ELSEWHERE) -> str:
    """Asks for a withdrawal and confirms it; what the receipt says."""
    card = await ana.ask(f"/withdraw {itd} ETH {address}", "To address")
    await ana.press(card, "Confirm")
    await ana.told("6-digit code")
    await ana.say(ana.code())
    return text_of(await ana.told("Status:"))


async def _switched_on(town: Town, owner: Talk, number: int) -> None:
    """An owner asks, and the server is the second pair of eyes."""
    card = await owner.ask("/policies", "Your draft would change:")
    await owner.press(card, "Switch on")
    await owner.told(f"to switch on set {number} of the rules for withdrawals")
    await owner.ask(owner.code(), "Nothing is changed before another admin approves")
    (asked,) = await list_approvals(town.wallet.ports)
    await approve_at_server(town.wallet.ports, asked.id)
    await owner.told_ever(f"set {number} was switched on")


async def test_an_owner_drafts_and_tries_out_and_nothing_changes_by_that(town: Town) -> None:
    owner, ana = await town.resident("Root", role=Role.OWNER), await town.resident("Ana", itd=500)
    assert "queued" in await _asked(ana, "30")
    desk = await owner.ask("/admin", "Admin desk")
    await owner.press(desk, "Policies")
    card = await owner.told("Rules for withdrawals: set 0, from the settings")
    for part in ("1. frozen_person", "amount_threshold (review_above 200 ITD)", "hour_count 30, hour_amount none"):
        assert part in text_of(card), text_of(card)
    assert "Switch on" not in [button["text"] for button in buttons_of(card)]
    card = await owner.ask("/policy amount_threshold review_above 20", "Your draft would change:")
    assert "• amount_threshold review_above: 200 ITD → 20 ITD" in text_of(card)
    await owner.press(card, "Dry run: last week")
    run = text_of(await owner.told("Dry run of your draft"))
    for part in ("Judged anew: 1, of which 1 come out differently.", "approved → reviewed: 1", "30 ITD",
                 "→ reviewed (amount_threshold)", "Nothing was changed by this."):  # fmt: skip
        assert part in run, run
    assert "queued" in await _asked(ana, "29")


async def test_a_set_is_switched_on_with_a_code_and_people_read_why_and_until_when(town: Town) -> None:
    owner, other = await town.resident("Root", role=Role.OWNER), await town.resident("Zoe", role=Role.OWNER)
    ana = await town.resident("Ana", itd=500)
    await owner.ask("/policy amount_threshold review_above 20", "200 ITD → 20 ITD")
    await owner.ask("/policy velocity hour_count 1", "• velocity hour_count: 30 → 1")
    await owner.ask("/policy note Too much went out on Sunday", "Why: Too much went out on Sunday")
    await _switched_on(town, owner, 1)
    told = text_of(await other.told_ever("Rules for withdrawals: set 1 was switched on"))
    for part in (
        f"By person {owner.person}",
        "Too much went out on Sunday",
        "review_above: 200 ITD → 20 ITD",
        "30 → 1",
    ):
        assert part in told, told
    receipt = await _asked(ana, "21")
    assert "Withdrawals above 20 ITD are looked at by an admin before they are paid." in receipt
    refused = text_of(await ana.ask(f"/withdraw 5 ETH {ELSEWHERE}", "Withdrawals within an hour: 1 of 1."))
    assert "This one is possible from" in refused and "your money is where it was" in refused
    await owner.ask("/policy from 0", "• velocity hour_count: 1 → 30")
    await _switched_on(town, owner, 2)
    assert "queued" in await _asked(ana, "5")
    card = await owner.ask("/policies", "Rules for withdrawals: set 2")
    await owner.press(card, "Sets")
    sets = text_of(await owner.told("Sets of rules, page 1"))
    assert sets.index("set 2.") < sets.index("set 1.") and "Too much went out on Sunday" in sets


async def test_the_owner_who_is_asked_tries_the_rules_out_on_the_question_itself(town: Town) -> None:
    owner, other = await town.resident("Root", role=Role.OWNER), await town.resident("Zoe", role=Role.OWNER)
    assert "queued" in await _asked(await town.resident("Ana", itd=500), "30")
    card = await owner.ask("/policy amount_threshold review_above 20", "Your draft would change:")
    await owner.press(card, "Switch on")
    await owner.told("to switch on set 1 of the rules for withdrawals")
    await owner.ask(owner.code(), "Nothing is changed before another admin approves")
    question = await other.told_ever("needs a second owner")
    await other.press(question, "Dry run: last week")
    run = text_of(await other.told("Dry run of set 1"))
    assert "approved → reviewed: 1" in run and "Nothing was changed by this." in run
    # The question stands as it was.
    await other.press(question, "Approve")
    await other.told("6-digit code")
    await other.ask(other.code(), "Approved.")
    card = await owner.ask("/policies", "Rules for withdrawals: set 1")
    await owner.press(card, "Dry run: last week")
    await owner.told("Dry run of set 1")


async def test_what_was_mistyped_is_answered_with_what_there_is(town: Town) -> None:
    owner, finance = await town.resident("Root", role=Role.OWNER), await town.resident("Fin", role=Role.FINANCE)
    await owner.ask("/policy nights off", "I do not know that rule. There are: frozen_person, owed_money")
    await owner.ask("/policy amount_threshold", "/policy amount_threshold review_above …, /policy amount_threshold on")
    await owner.ask("/policy new_address wait soon", "“soon” does not fit new_address wait.")
    await owner.ask("/policy frozen_person off", "frozen_person cannot be switched off")
    await owner.ask("/dryrun yesterday", "/dryrun 2026-10")
    await owner.ask("/dryrun 2020-01-01 2026-01-01", "at most 92 days")
    await owner.ask("/dryrun", "Dry run of set 0, from the settings")
    await finance.ask("/policy velocity off", "That is not open to you.")
    card = await finance.ask("/policies", "Rules for withdrawals: set 0")
    assert {b["text"] for b in buttons_of(card)} >= {"Dry run: 24 h", "Sets", "Screening list"}


async def test_an_address_is_screened_with_a_code_and_its_payer_reads_that_alone(town: Town) -> None:
    finance, ana = await town.resident("Fin", role=Role.FINANCE), await town.resident("Ana", itd=100)
    await finance.ask("/screen ETH", "Write it like this")
    await finance.ask(f"/screen eth {ELSEWHERE} theft of 1 | October", "pay nothing more in ETH to")
    await finance.ask(finance.code(), "Nothing is paid to")
    listed = text_of(await finance.ask("/screen", "Screening list, page 1"))
    assert "theft of 1 / October" in listed and f"person {finance.person}" in listed
    refused = text_of(await ana.ask(f"/withdraw 5 ETH {ELSEWHERE}", "to which this wallet pays nothing"))
    assert "theft" not in refused and "your money is where it was" in refused
    await finance.ask(f"/unscreen ETH {ELSEWHERE} it was a mistake", "to pay in ETH to")
    await finance.ask(finance.code(), "again")
    assert "queued" in await _asked(ana, "5")


async def test_a_poisoned_address_is_named_beside_the_known_one(town: Town) -> None:
    ana = await town.resident("Ana", itd=100)
    await _asked(ana, "5")
    card = text_of(await ana.ask(f"/withdraw 6 ETH {LOOK_ALIKE}", "To address"))
    assert "begins and ends like" in card and ELSEWHERE in card
    receipt = await _asked(ana, "6", LOOK_ALIKE)
    assert "Swindlers send dust from such addresses" in receipt
    found = await town.wallet.ports.store.find(Withdrawal, {"person": ana.person, "state": PayoutState.REVIEW})
    assert len(found) == 1


async def test_rules_that_somebody_changed_in_the_database_stop_withdrawals_in_plain_words(town: Town) -> None:
    owner, ana = await town.resident("Root", role=Role.OWNER), await town.resident("Ana", itd=100)
    await owner.ask("/policy amount_threshold review_above 20", "Your draft would change:")
    await _switched_on(town, owner, 1)
    await town.wallet.database["policy_sets"].update_one({"_id": 1}, {"$set": {"entries.9.enabled": False}})
    refused = text_of(await ana.ask(f"/withdraw 50 ETH {ELSEWHERE}", "Withdrawals are stopped"))
    assert "could not be verified" in refused and "your money is where it was" in refused
    await owner.told_ever("policies_unsound")
