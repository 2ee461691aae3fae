"""Freezes, devices, resets, moves and floods as people meet them in the chat; each attack by its name."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.bot.conftest import Talk, Town, buttons_of, data_of, open_town, text_of
from tests.support.wallet import ELSEWHERE
from wallet_core.domain.people import Role

#: Long enough to be met, short enough to be waited for.
WAITS = {"unfreeze_delay_seconds": 2, "reset_wait_seconds": 2, "move_wait_seconds": 2, "recovery_wait_seconds": 60}
SECRET = re.compile(r"secret=([A-Z2-7]+)")
CODE = re.compile(r"\d-[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}")


@pytest.fixture
async def town(mongo_uri: str, database_name: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A town with short waits and a running bot."""
    async with open_town(mongo_uri, database_name, tmp_path, **WAITS) as town, town.bot():
        yield town


async def enrolled(town: Town, name: str) -> tuple[Talk, list[str]]:
    """Somebody who paired an authenticator, with their recovery codes."""
    talk = await town.newcomer(name)
    await talk.enrol()
    return talk, CODE.findall(text_of(await talk.told("Each works once")))


def pair(talk: Talk, card: dict[str, Any]) -> None:
    """Takes the secret of a card into the authenticator."""
    found = SECRET.search(card["text"])
    assert found
    talk.secret = found.group(1)


async def press_when_due(talk: Talk, card: dict[str, Any], label: str, part: str) -> dict[str, Any]:
    """Presses a button until what it stands for is no longer too early."""
    while True:
        toast = await talk.press_data(card, data_of(card, label))
        if "possible from" not in toast:
            return await talk.told(part)
        await asyncio.sleep(0.2)


async def test_a_thief_with_the_account_and_a_code_unfreezes_and_the_owner_keeps_it_frozen(town: Town) -> None:
    ana = await town.resident("Ana", 100)
    await ana.ask("/freeze", "frozen now")
    await ana.ask("/unfreeze", "6-digit code")
    await ana.ask(ana.code(), "stays frozen until")
    notice = await ana.told_ever("Your code was given to unfreeze")
    await ana.press(notice, "Keep it frozen")
    await ana.told_ever("stays frozen: that it should be unfrozen was taken back")
    await ana.ask("/unfreeze", "6-digit code")
    await ana.ask(ana.code(), "stays frozen until")
    await ana.told_ever("The freeze of your wallet ended")
    assert "frozen" not in text_of(await ana.ask("/start", "Available"))


async def test_support_freezes_somebody_who_reads_why_and_until_when(town: Town) -> None:
    ana, olga = await town.resident("Ana", 100), await town.resident("Olga", role=Role.SUPPORT)
    await olga.ask(f"/freezeuser @{ana.username} stolen telephone 12h", "freeze the wallet of")
    await olga.ask(olga.code(), "It ends by itself")
    notice = await ana.told_ever("The people who run this wallet froze yours")
    assert "stolen telephone" in text_of(notice) and "Your money is safe" in text_of(notice)
    await ana.ask("/unfreeze", "6-digit code")
    await ana.ask(ana.code(), "Why: stolen telephone")
    told = text_of(await ana.ask(f"/withdraw 5 ETH {ELSEWHERE}", "Why: stolen telephone"))
    assert "It ends by itself at" in told and "your money is where it was" in told
    await olga.ask(f"/unfreezeuser @{ana.username}", "not open to you")
    fred = await town.resident("Fred", role=Role.FINANCE)
    await fred.ask(f"/unfreezeuser {ana.person}", "end the freeze of")
    await fred.ask(fred.code(), "The freeze ended")
    await ana.told_ever("The freeze of your wallet ended")
    await fred.press(await fred.ask(f"/user {ana.person}", "Not frozen"), "Freeze")
    await fred.ask("lost again 2999-01-01", "more than a year away")
    await fred.ask("lost again 3d", "freeze the wallet of")
    await fred.ask(fred.code(), "It ends by itself")
    await fred.press(await fred.ask(f"/user @{ana.username}", "Why: lost again"), "Unfreeze")
    await fred.told("end the freeze of")
    await fred.ask(fred.code(), "The freeze ended")


async def test_the_device_is_replaced_with_a_code_and_the_old_one_works_until_then(town: Town) -> None:
    ana, old_codes = await enrolled(town, "Ana")
    await ana.ask("/device", "pair another device")
    card = await ana.ask(ana.code(), "Pair the new device")
    old = ana.secret
    await ana.ask("/balance", "Available")
    pair(ana, card)
    assert ana.secret != old
    codes = CODE.findall(text_of(await ana.ask(ana.code(), "Each works once")))
    await ana.told_ever("A new device was paired with your wallet")
    assert codes and not set(codes) & set(old_codes)
    for message in await ana.refresh():
        assert message["deleted"] or ("photo" not in message and "otpauth://" not in text_of(message))
    await ana.ask("/newcodes", "new recovery codes")
    await ana.ask(ana.code(), "Your recovery codes")
    await ana.told_ever("Your recovery codes were renewed")


async def test_somebody_who_lost_device_and_codes_comes_back_after_two_admins_and_a_wait(town: Town) -> None:
    ana, _ = await enrolled(town, "Ana")
    fred, olga = await town.resident("Fred", role=Role.FINANCE), await town.resident("Olga", role=Role.OWNER)
    await ana.press(await ana.ask("/recover", "Write one of your recovery codes"), "I have no recovery code")
    await ana.press(await ana.told("Reset of your second factor"), "Ask for the reset")
    await ana.told_ever("A reset of your second factor was asked for")
    await fred.press(await fred.told_ever("waits for a check"), "Yes, by history")
    await fred.told("say that you know")
    await fred.ask(fred.code(), "another admin")
    await olga.press(await olga.told_ever("needs a second admin"), "Approve")
    await olga.told("6-digit code")
    await olga.ask(olga.code(), "Approved")
    waiting = await ana.told_ever("was checked. From")
    card = await press_when_due(ana, waiting, "Pair a new device", "otpauth://")
    pair(ana, card)
    await ana.ask(ana.code(), "Your recovery codes")
    await ana.ask("/balance", "Available")


async def test_a_thief_asks_for_a_reset_while_the_owner_ends_it(town: Town) -> None:
    ana, _ = await enrolled(town, "Ana")
    await ana.press(await ana.ask("/recover", "Write one of your recovery codes"), "I have no recovery code")
    await ana.press(await ana.told("Reset of your second factor"), "Ask for the reset")
    notice = await ana.told_ever("A reset of your second factor was asked for")
    await ana.press(notice, "End it with my code")
    await ana.told("to end the reset")
    await ana.ask(ana.code(), "was ended. Your device works as before")
    await ana.press(await ana.ask("/recover", "Write one of your recovery codes"), "I have no recovery code")
    await ana.press(await ana.told("Reset of your second factor"), "Ask for the reset")
    await ana.told("possible from")


async def test_a_wallet_moves_to_another_telegram_account_with_everything(town: Town) -> None:
    ana, codes = await enrolled(town, "Ana")
    new = await town.newcomer("Anna")
    await ana.ask("/move", f"/move {ana.person}")
    await new.ask(f"/move {ana.person}", "recovery codes")
    await new.ask("1-AAAA-BBBB-CCCC-DDDD", "not one of your unused recovery codes")
    await new.ask(codes[0], "6-digit code")
    waiting = await new.ask(ana.code(), "can move here from")
    await ana.told_ever("asked to move this wallet")
    await press_when_due(new, waiting, "Finish the move", "The wallet is here now")
    await ana.told_ever("moved to another Telegram account, as it was announced")
    await new.ask("/balance", "Available")
    assert f"{ana.person}" in text_of(await new.ask("/settings", "Your number"))
    # The former id is a stranger's, and opens a wallet of its own.
    await ana.ask("/balance", "send /start")
    await ana.enrol()
    await ana.ask("/balance", "Available: 0 ITD")
    ben = await town.resident("Ben", 20)
    card = await ben.ask(f"/send 5 @{new.username}", "Send ITD")
    await ben.press(card, "Confirm")
    await new.told_ever("Received 5 ITD")
    assert (await town.balance(ana))[0] == 5_000_000, "by the number of the account, which is that of the first id"


async def test_a_thief_with_both_codes_and_not_the_account_is_ended_by_a_button(town: Town) -> None:
    ana, codes = await enrolled(town, "Ana")
    thief = await town.newcomer("Eve")
    await thief.ask(f"/move {ana.person}", "recovery codes")
    await thief.ask(codes[0], "6-digit code")
    await thief.ask(ana.code(), "can move here from")
    await ana.press(await ana.told_ever("asked to move this wallet"), "End the move")
    await ana.told_ever("was ended. It stays here")
    await thief.told_ever("The wallet stays where it was")
    await thief.ask("/balance", "send /start")


async def test_a_stranger_who_tries_codes_locks_nobody_out_but_themselves(town: Town) -> None:
    ana, _ = await enrolled(town, "Ana")
    eve = await town.newcomer("Eve")
    await eve.ask(f"/move {ana.person}", "recovery codes")
    for _ in range(5):
        await eve.ask("1-AAAA-BBBB-CCCC-DDDD", "not one of your unused recovery codes")
    await eve.ask("1-AAAA-BBBB-CCCC-DDDD", "none is taken until")
    await ana.ask("/newcodes", "6-digit code")
    await ana.ask(ana.code(), "Your recovery codes")


async def test_wrong_codes_are_told_to_the_owner(town: Town) -> None:
    ana = await town.resident("Ana", 100)
    await ana.ask("/newcodes", "6-digit code")
    for _ in range(5):
        await ana.ask("000000", "That code is not right")
    notice = await ana.told_ever("Several wrong codes in a row")
    assert "Freeze now" in {button["text"] for button in buttons_of(notice)}


async def test_a_flood_of_one_leaves_another_answered(mongo_uri: str, database_name: str, tmp_path: Path) -> None:
    async with open_town(mongo_uri, database_name, tmp_path, pace_looks=20) as town, town.bot():
        ana, ben = await town.resident("Ana", 1), await town.resident("Ben", 1)
        path, body = f"/sim/chats/{ana.person}/messages", {"from": ana.person, "text": "/balance"}

        async def flood() -> None:
            for _ in range(20):
                await asyncio.gather(*(town.sandbox.post(path, **body) for _ in range(25)))

        flooding = asyncio.create_task(flood())
        await ben.ask("/balance", "Available")
        await ben.ask("/limits", "sends")
        await flooding
        await ben.ask("/balance", "Available")
        await ana.ask("/freeze", "frozen now")
        answers = [text_of(message) for message in await ana.refresh()]
        windows = 1 + sum("a lot at once" in text for text in answers)
        assert sum("Available" in text for text in answers) <= 20 * windows
        assert sum("faster than me" in text for text in answers) <= windows
