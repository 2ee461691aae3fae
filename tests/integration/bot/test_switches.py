"""The switches in the chat: admins switch with a reason and a code, people read at once what does not work."""

from __future__ import annotations

from tests.integration.bot.conftest import Talk, Town, buttons_of, text_of
from tests.support.wallet import ELSEWHERE
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Role
from wallet_core.domain.purchase import Rail, RailState


async def _home(talk: Talk) -> str:
    return text_of(await talk.ask("/start", "Available:"))


async def _switched(admin: Talk, menu: str, button: str, why: str) -> None:
    """From the desk to the switch, the reason and the code."""
    desk = await admin.ask("/admin", "Admin desk")
    await admin.press(desk, menu)
    card = await admin.told("Whole wallet:" if menu == "Whole wallet" else "Drain:")
    await admin.press(card, button)
    await admin.told("Why do you want to")
    await admin.say(why)
    await admin.told("6-digit code")
    await admin.ask(admin.code(), "Done.")


async def test_withdrawals_only_is_told_on_every_home_card_and_refuses_sends_and_purchases(town: Town) -> None:
    owner, finance = await town.resident("Root", role=Role.OWNER), await town.resident("Fin", role=Role.FINANCE)
    ana, ben = await town.resident("Ana", itd=100), await town.resident("Ben")
    card = await ana.ask(f"/send 5 @{ben.username}", "Balance after")
    await _switched(finance, "Whole wallet", "Withdrawals only", "we wind | down")
    told = text_of(await owner.told_ever("WHOLE WALLET: withdrawals only"))
    assert f"By admin {finance.person}: we wind / down" in told
    # The offer of before is refused by the money's own posting.
    await ana.press(card, "Confirm")
    refused = text_of(await ana.told("Only withdrawals work now"))
    assert "Since" in refused and "your money is where it was" in refused
    assert await town.balance(ana) == (100_000_000, 0)
    home = await _home(ana)
    assert "Only withdrawals work now" in home and "yours to withdraw" in home and "Since" in home
    await ana.ask("/buy 5 ETH", "Only withdrawals work now")
    await ana.ask(f"/withdraw 5 ETH {ELSEWHERE}", "Balance after")
    # Finance may not let more go on.
    await finance.ask("/mode open it is over", "6-digit code")
    await finance.ask(finance.code(), "That is not open to you.")
    await owner.ask("/mode open it is over", "6-digit code")
    await owner.ask(owner.code(), "Done.")
    assert "Only withdrawals" not in await _home(ana)
    await ana.ask(f"/send 5 @{ben.username}", "Balance after")


async def test_pausing_everything_refuses_withdrawals_as_well_and_says_that_money_is_safe(town: Town) -> None:
    owner, ana = await town.resident("Root", role=Role.OWNER), await town.resident("Ana", itd=100)
    await owner.ask("/mode", "Whole wallet: everything works")
    await owner.ask("/mode pause-all", "Write it like this: /mode open|withdraw-only|pause-all why")
    await owner.ask("/mode pause-all something is wrong", "set the whole wallet to “everything is paused”")
    await owner.ask(owner.code(), "Done.")
    assert "Everything is paused" in await _home(ana)
    assert "Your money is safe" in text_of(await ana.ask(f"/withdraw 5 ETH {ELSEWHERE}", "Everything is paused"))
    desk = text_of(await owner.ask("/admin", "Admin desk"))
    assert "WHOLE WALLET: everything is paused, since" in desk and "something is wrong" in desk


async def test_a_rail_is_drained_with_a_reason_and_people_are_told_which_coin(town: Town) -> None:
    owner, ana = await town.resident("Root", role=Role.OWNER), await town.resident("Ana", itd=100)
    await _switched(owner, "Switch ETH", "Drain", "the node moves")
    rail = await town.wallet.ports.store.get(Rail, Asset.ETH)
    assert rail is not None and (rail.state, rail.switched_why) == (RailState.DRAINING, "the node moves")
    assert "New withdrawals in ETH are not taken now. Since" in await _home(ana)
    await ana.ask(f"/withdraw 5 ETH {ELSEWHERE}", "ETH is switched off right now")
    await owner.ask("/rail ETH", "Write it like this")
    await owner.ask("/rail DOGE pause why", "I do not know that coin")
    await owner.ask("/rail all finish the machine is worked on", "set payouts in all coins to “finishing”")
    await owner.ask(owner.code(), "Done.")
    assert "Withdrawals in ETH wait in the queue" in await _home(ana)
    assert "queued" in text_of(await _asked(ana))
    records = [r async for r in town.wallet.ports.store.scan(JournalRecord, {"kind": "rail_switched"})]
    assert sorted(r.facts["why"] for r in records) == ["the machine is worked on", "the node moves"]


async def _asked(ana: Talk) -> dict[str, object]:
    card = await ana.ask(f"/withdraw 5 ETH {ELSEWHERE}", "To address")
    await ana.press(card, "Confirm")
    await ana.told("6-digit code")
    await ana.say(ana.code())
    return await ana.told("Status:")


async def test_support_looks_at_everything_and_switches_nothing(town: Town) -> None:
    helper = await town.resident("Sue", role=Role.SUPPORT)
    desk = await helper.ask("/admin", "Admin desk")
    labels = {button["text"] for button in buttons_of(desk)}
    assert {"Hot wallets", "Rates", "Fees", "Statistics", "Health", "Alarms"} <= labels
    assert not labels & {"Whole wallet", "All rails", "Switch ETH", "Policies"}
    for command in ("/mode pause-all x", "/rail ETH pause x"):
        await helper.ask(command, "That is not open to you.")
    for command, part in {
        "/hotwallets": "By the books: hot 0 ETH",
        "/rates": "1 ETH = 2500 ITD, the median",
        "/fees": "Purchases: 1.00 %",
        "/statistics": "Seen within 24 hours: 1",
        "/health": "Messages that wait:",
        "/alarms": "No alarm is open.",
        "/batches": "Nothing is on its way.",
    }.items():
        card = await helper.ask(command, part)
        assert "Back" in {button["text"] for button in buttons_of(card)}
