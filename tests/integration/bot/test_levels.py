"""The table of limits in the chat: an owner drafts it, another one approves it, and people read what it gives them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.integration.bot.conftest import Talk, Town, buttons_of, text_of
from tests.support import set_clock
from tests.support.wallet import ELSEWHERE
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Role


@pytest.fixture(autouse=True)
async def clock(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's clock is the test's."""
    await set_clock.reset(town.wallet.database)
    set_clock.install(monkeypatch)


async def _asked_for(owner: Talk) -> None:
    card = await owner.ask("/levels", "Your draft would change:")
    await owner.press(card, "Ask for approval")
    await owner.told("to ask another owner for table 1 of the limits")
    await owner.ask(owner.code(), "Nothing is changed before another admin approves")


async def test_two_owners_change_a_limit_and_people_read_it_before_and_after(town: Town) -> None:
    owner, other = await town.resident("Root", role=Role.OWNER), await town.resident("Zoe", role=Role.OWNER)
    ana = await town.resident("Ana", itd=500)
    card = await owner.ask("/levels", "Limits a day: table 0, built in")
    assert "payout: 3 and 250 ITD" in text_of(card)
    await owner.ask("/level 1 payout 1 20", "level 1 payout: 3 and 250 ITD → 1 and 20 ITD")
    await owner.ask("/level note After the theft", "Why: After the theft")
    await _asked_for(owner)
    question = await other.told_ever("Another table of limits needs a second owner: number 1")
    for part in ("level 1 payout: 3 and 250 ITD → 1 and 20 ITD", "Why: After the theft", "Digest:"):
        assert part in text_of(question), text_of(question)
    await other.press(question, "Approve")
    await other.told("6-digit code")
    await other.ask(other.code(), "Approved. It is done, exactly as it was shown.")
    assert "Other limits count from" in text_of(await ana.ask("/limits", "payouts: 0 of 3 used"))
    await set_clock.turn(town.wallet.database, timedelta(seconds=62))
    limits = text_of(await ana.ask("/limits", "payouts: 0 of 1 used"))
    assert "0 ITD of 20 ITD used" in limits and "Other limits" not in limits
    refused = text_of(await ana.ask(f"/withdraw 21 ETH {ELSEWHERE}", "Rule “daily limit”"))
    for part in ("payouts today 0 ITD of 20 ITD at level 1, which leaves 20 ITD; more at", "Level 2 has 10 a day and"):
        assert part in refused, refused
    await owner.press(await owner.ask("/levels", "Limits a day: table 1"), "Tables")
    listed = text_of(await owner.told("Tables of limits, page 1"))
    assert f"asked for by person {owner.person}, approved by person {other.person}: After the theft" in listed


async def test_what_was_mistyped_is_answered_with_what_there_is_and_only_owners_change(town: Town) -> None:
    owner, finance = await town.resident("Root", role=Role.OWNER), await town.resident("Fin", role=Role.FINANCE)
    ana = await town.resident("Ana")
    for typed in ("/level", "/level 4 payout 1 1", "/level 2 lend 1 1", "/level 2 payout many 1"):
        await owner.ask(typed, "Operations: send, receive, purchase, payout, card, btc, eth, ltc.")
    await finance.ask("/level 2 payout 1 1", "That is not open to you.")
    card = await finance.ask("/levels", "Limits a day: table 0, built in")
    assert "Ask for approval" not in [button["text"] for button in buttons_of(card)]
    await ana.ask("/levels", "That is not open to you.")


async def test_a_table_that_somebody_changed_stops_what_takes_limits_in_plain_words(town: Town) -> None:
    owner, other = await town.resident("Root", role=Role.OWNER), await town.resident("Zoe", role=Role.OWNER)
    ana, ben = await town.resident("Ana", itd=100), await town.resident("Ben", username="ben_l")
    await owner.ask("/level 1 payout 1 20", "Your draft would change:")
    await _asked_for(owner)
    await other.press(await other.told_ever("Another table of limits"), "Approve")
    await other.told("6-digit code")
    await other.ask(other.code(), "Approved.")
    await town.wallet.database["level_tables"].update_one({"_id": 1}, {"$set": {"note": "harmless"}})
    for typed in (f"/send 1 @{ben.username}", f"/withdraw 5 ETH {ELSEWHERE}", "/buy 5 ETH", "/limits"):
        refused = text_of(await ana.ask(typed, "this wallet's limits could not be verified"))
        assert "your money is where it was" in refused
    await owner.told_ever("levels_unsound")


async def test_a_withdrawal_in_review_names_every_rule_that_sent_it_there(town: Town) -> None:
    finance, ana = await town.resident("Fin", role=Role.FINANCE), await town.resident("Ana", itd=900)
    raised = ChangeGuards(ana.person, lambda guards, _now: guards.with_(level=2))
    await town.wallet.ports.ledger.post(Posting("test:level", "test", "test", changes=(raised,)))
    first = await ana.ask(f"/withdraw 300 ETH {ELSEWHERE}", "To address")
    await ana.press(first, "Confirm")
    await ana.told("6-digit code")
    await ana.say(ana.code())
    receipt = text_of(await ana.told("Status: waiting for an admin"))
    assert "Rule “large amount”: Withdrawals above 200 ITD are looked at by an admin before they are paid." in receipt
    assert "Because of: large amount" in text_of(await finance.told_ever("A withdrawal waits for review"))
