"""Freezing, languages, the menu and limits in the chat."""

from __future__ import annotations

from tests.integration.bot.conftest import Town, text_of


async def test_a_frozen_wallet_sends_nothing_until_it_is_unfrozen_with_a_code(town: Town) -> None:
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    await ana.ask("/freeze", "frozen now")
    card = await ana.ask(f"/send 5 @{ben.username}", "Send ITD")
    await ana.press(card, "Confirm")
    await ana.told("Your wallet is frozen")
    await ana.ask("/freeze", "Your wallet is frozen")
    await ana.ask("/unfreeze", "6-digit code")
    await ana.ask(ana.code(), "works again")
    await ana.press(await ana.ask("/start", "Available"), "Freeze")
    await ana.press(await ana.told("Freeze your wallet?"), "Freeze now")
    await ana.told("frozen now")


async def test_the_language_follows_the_profile_and_the_settings(town: Town) -> None:
    udo = await town.resident("Udo", language_code="de-AT")
    card = await udo.ask("/settings", "Deutsch")
    await udo.press(card, "العربية")
    await udo.told("العربية")
    await udo.press(await udo.ask("/settings", "العربية"), "English")
    await udo.told("Language: English")
    await udo.ask("/balance", "Available: 0 ITD")
    commands = (await town.sandbox.get(f"/sim/chats/{udo.person}"))["commands"]
    assert {"start", "send", "buy", "withdraw"} <= {c["command"] for c in commands}


async def test_limits_and_levels_have_their_numbers(town: Town) -> None:
    ana = await town.resident("Ana", 100)
    limits = text_of(await ana.ask("/limits", "sends: 0 of 10 used, 10 left"))
    assert "Level 2 has 10 and 2500 ITD." in limits
    assert "• purchases with BTC: 0 of 5, and 0 ITD of 500 ITD; next level: 20 and 5000 ITD" in limits
    levels = text_of(
        await ana.ask("/kyc", "payouts: 3 and 250 ITD; level 2: 10 and 2500 ITD; level 3: 30 and 25000 ITD")
    )
    assert "Level 2 needs your own contact, an identity document and a selfie." in levels
    assert "Level 3 needs proof of your address" in levels


async def test_every_button_of_the_menu_answers(town: Town) -> None:
    ana = await town.resident("Ana", 100)
    for label in ("Send", "Buy", "Withdraw", "Balance", "History", "Limits", "Levels", "Settings", "Help"):
        home = await ana.ask("/start", "Available")
        await ana.press(home, label)
        await ana.told("")


async def test_markup_in_names_is_text(town: Town) -> None:
    ana, eve = await town.resident("Ana", 100), await town.resident("<b>Eve</b>\u202e&", username="eve_x")
    card = await ana.ask(f"/send 5 @{eve.username}", "Send ITD")
    assert "<b>Eve</b>&" in text_of(card) and "\u202e" not in text_of(card) and "unusual characters" in text_of(card)


async def test_files_and_unknown_commands_get_a_short_help(town: Town) -> None:
    ana = await town.resident("Ana")
    await ana.ask("/nonsense", "I did not understand")
    await ana.refresh()
    files = {"file": ("a.csv", b"a,b", "text/csv")}
    sent = await town.sandbox.control.post(
        f"/sim/chats/{ana.person}/messages", data={"from": str(ana.person)}, files=files
    )
    ana.seen = int(sent.json()["seq"])
    await ana.told("nothing waits for that now")
