"""Attacks on people and on what they type, as they are met in the chat; `docs/security.md` lists all of them.

One town for all: each test has people of its own, and leaves the town as it was.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tests.integration.bot.conftest import Talk, Town, buttons_of, data_of, open_town, text_of
from tests.support.databases import Databases
from tests.support.roles import give_level
from tests.support.wallet import BTC_ELSEWHERE, ELSEWHERE, ITD, LTC_ELSEWHERE, PUBLIC
from wallet_core.domain.accounts import Account, available
from wallet_core.domain.guards import ChangeGuards, Guards
from wallet_core.domain.ledger import Posting, credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.two_factor import FREE_TRIES, TRIES_IN_ALL
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.remember_person import remember_person

#: Fewer than one person's line takes, so that none of them is dropped.
AT_ONCE = 25
SENDS_A_DAY = 10


@pytest.fixture(scope="module")
async def town(
    mongo_uri: str,
    databases: Databases,
    mongo_client: AsyncMongoClient[dict[str, Any]],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Town]:
    """A town with a running bot and all rails, for all tests of this file."""
    name = await databases.take(mongo_client)
    async with open_town(mongo_uri, name, tmp_path_factory.mktemp("attacks")) as town, town.bot():
        for asset in (Asset.BTC, Asset.LTC):
            await town.wallet.open_payouts(asset)
        yield town
    databases.give_back(name)


async def _change(town: Town, person: Talk, **fields: Any) -> None:
    change = ChangeGuards(person.person, lambda guards, _: guards.with_(**fields))
    await town.wallet.ports.ledger.post(Posting(f"test:{new_id()}", "test", "test", changes=(change,)))


async def _asked_for_code(person: Talk, itd: str = "5") -> dict[str, Any]:
    card = await person.ask(f"/withdraw {itd} ETH {ELSEWHERE}", "To address")
    await person.press(card, "Confirm")
    return await person.told("6-digit code")


async def _withdrawals(town: Town, person: Talk) -> list[Withdrawal]:
    return await town.wallet.ports.store.find(Withdrawal, {"person": person.person})


async def test_totp_replayed_many_times_at_once_withdraws_once(town: Town) -> None:
    ana = await town.resident(itd=100)
    await _asked_for_code(ana)
    code = ana.code()
    path, body = f"/sim/chats/{ana.person}/messages", {"from": ana.person, "text": code}
    await asyncio.gather(*(town.sandbox.post(path, **body) for _ in range(AT_ONCE)))
    await ana.told_ever("Status: queued")
    await _asked_for_code(ana)
    await ana.ask(code, "used before")
    assert len(await _withdrawals(town, ana)) == 1
    assert await town.balance(ana) == (94_500_000, 5_500_000)


async def test_totp_guessing_is_slowed_down_and_ends(town: Town) -> None:
    ana = await town.resident(itd=100)
    await _asked_for_code(ana)
    for _ in range(FREE_TRIES):
        await ana.ask("000000", "That code is not right")
    await ana.ask(ana.code(), "none is taken until")
    await ana.told_ever("Several wrong codes in a row")
    await _change(town, ana, failures_in_all=TRIES_IN_ALL, locked_until=None)
    await ana.ask(ana.code(), "codes are no longer taken: send /recover")
    assert await town.balance(ana) == (100 * ITD, 0) and await _withdrawals(town, ana) == []


async def test_a_stolen_database_shows_no_secret(town: Town) -> None:
    ana = await town.newcomer()
    await ana.enrol()
    codes = re.findall(r"\d-(\w{4}-\w{4}-\w{4}-\w{4})", text_of(await ana.told("Your recovery codes")))
    assert len(codes) == 8
    database = town.wallet.database
    dump = ""
    for name in await database.list_collection_names():
        dump += repr(await database[name].find().to_list())
    assert str(ana.person) in dump, "the dump has Ana"
    assert [secret for secret in (ana.secret, *codes) if secret in dump or secret.replace("-", "") in dump] == []


async def test_a_code_typed_in_a_group_is_spent_and_opens_nothing(town: Town) -> None:
    ana, eve = await town.resident(itd=100), await town.resident("Eve")
    await _change(town, ana, code_at=None)
    group = (await town.sandbox.post("/sim/groups", title="Friends", members=[ana.person, eve.person]))["id"]
    code = ana.code()
    said = await town.sandbox.say(ana.person, f"/send 1 @x {code}", group)
    answer = await town.sandbox.newest(group, said["seq"])
    while "Never write a code" not in text_of(answer):
        answer = await town.sandbox.newest(group, answer["seq"])
    await _asked_for_code(ana)
    await ana.ask(code, "used before")
    card = await ana.ask(f"/send 1 @{eve.username}", "Send ITD")
    await ana.press(card, "Confirm")
    await ana.told("6-digit code")
    assert await town.balance(ana) == (100 * ITD, 0)


async def test_a_telegram_account_taken_over_moves_no_money(town: Town) -> None:
    ana, eve = await town.newcomer(), await town.resident("Eve")
    await ana.enrol()
    paid = debit(Account(Asset.ITD, "trading"), 100 * ITD), credit(available(ana.person), 100 * ITD)
    await town.wallet.ports.ledger.post(Posting(f"test:{new_id()}", "test", "test", entries=paid))
    await _change(town, ana, code_at=None)
    await ana.press(await ana.ask(f"/send 1 @{eve.username}", "Send ITD"), "Confirm")
    await ana.told("6-digit code")
    await _asked_for_code(ana)
    for command in ("/device", "/newcodes"):
        await ana.ask(command, "6-digit code")
    await ana.press(await ana.ask("/recover", "Write one of your recovery codes"), "I have no recovery code")
    await ana.press(await ana.told("Reset of your second factor"), "Ask for the reset")
    await ana.told_ever("A reset of your second factor was asked for")
    guards = await town.wallet.ports.store.get(Guards, ana.person)
    assert guards is not None and guards.frozen_at is not None
    assert await town.balance(ana) == (100 * ITD, 0)


async def test_an_admin_taken_over_without_their_code_decides_nothing(town: Town) -> None:
    fin, ana = await town.resident("Fin", itd=900, role=Role.FINANCE), await town.resident(itd=900)
    await give_level(town.wallet.ports, ana.person, 2)
    await _asked_for_code(ana, "300")
    await ana.ask(ana.code(), "waiting for an admin")
    await fin.press(await fin.told_ever("A withdrawal waits for review"), "Approve")
    await fin.told("6-digit code")
    await fin.ask("000000", "That code is not right")
    await fin.ask("/mode pause-all mine now", "6-digit code")
    await fin.ask("000000", "That code is not right")
    await ana.ask("/balance", "Available")
    assert [w.state for w in await _withdrawals(town, ana)] == [PayoutState.REVIEW]


async def test_an_admin_taken_over_with_their_code_cannot_pay_themselves(town: Town) -> None:
    fin = await town.resident("Fin", itd=900, role=Role.FINANCE)
    await give_level(town.wallet.ports, fin.person, 2)
    await _asked_for_code(fin, "300")
    await fin.ask(fin.code(), "waiting for an admin")
    await fin.press(await fin.told_ever("A withdrawal waits for review"), "Approve")
    await fin.told("6-digit code")
    await fin.ask(fin.code(), "not open to you")
    await fin.ask(f"/role {fin.person} owner", "That is not open to you.")
    assert [w.state for w in await _withdrawals(town, fin)] == [PayoutState.REVIEW]


async def test_a_button_that_was_pressed_is_worth_nothing_on_another_message(town: Town) -> None:
    ana, ben = await town.resident(itd=100), await town.resident("Ben")
    card = await ana.ask(f"/send 5 @{ben.username}", "Send ITD")
    replayed = data_of(card, "Confirm")
    await ana.press(card, "Confirm")
    await ana.told("Sent 5 ITD")
    home = await ana.ask("/start", "Available")
    await ana.press_data(home, replayed)
    assert await town.balance(ben) == (5 * ITD, 0)


async def test_a_username_taken_over_after_the_card_pays_who_was_shown(town: Town) -> None:
    ana, ben = await town.resident(itd=100), await town.resident("Sam")
    name = f"sam_{new_id()[:8]}"
    await remember_person(town.wallet.ports, Caller(ben.person), display_name="Sam", username=name, language="en")
    card = await ana.ask(f"/send 5 @{name}", "Send ITD")
    assert f"id {ben.person}" in text_of(card)
    eve = await town.resident("Sam", username=name)
    await ana.press(card, "Confirm")
    await ana.told("Sent 5 ITD")
    assert (await town.balance(ben), await town.balance(eve)) == ((5 * ITD, 0), (0, 0))
    again = text_of(await ana.ask(f"/send 5 @{name}", "Send ITD"))
    assert f"(id {eve.person})" in again.splitlines()[1] and "This is somebody else, with another id" in again


@pytest.mark.parametrize("name", ["Αna", "Anа", "A\u202ena", "Ana\u200b"], ids=ascii)
async def test_a_look_alike_name_is_marked_beside_its_number(town: Town, name: str) -> None:
    ana, eve = await town.resident(itd=100), await town.resident(name, username=f"eve_{new_id()[:8]}")
    card = text_of(await ana.ask(f"/send 5 @{eve.username}", "Send ITD"))
    assert "unusual characters" in card and f"id {eve.person}" in card
    assert not {"\u202e", "\u200b"} & set(card)


BAD_ADDRESSES = [
    (Asset.ETH, BTC_ELSEWHERE, "an address of BTC, not of ETH"),
    (Asset.BTC, LTC_ELSEWHERE, "an address of LTC, not of BTC"),
    (Asset.LTC, BTC_ELSEWHERE, "an address of BTC, not of LTC"),
    (Asset.LTC, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "That is not an address"),
    (Asset.BTC, BTC_ELSEWHERE[:-1] + "q", "check sum does not fit"),
    (Asset.ETH, ELSEWHERE[:-1] + "e", "check sum does not fit"),
    (Asset.ETH, "0x" + "0" * 40, "Nobody owns that address"),
    (Asset.ETH, PUBLIC["hot"][Asset.ETH], "belongs to this wallet service"),
    (Asset.BTC, PUBLIC["hot"][Asset.BTC], "belongs to this wallet service"),
]


@pytest.mark.parametrize(("asset", "address", "why"), BAD_ADDRESSES)
async def test_a_wrong_address_is_refused_with_its_reason(town: Town, asset: Asset, address: str, why: str) -> None:
    ana = await town.resident(itd=100)
    answer = await ana.ask(f"/withdraw 5 {asset} {address}", why)
    assert "Confirm" not in [button["text"] for button in buttons_of(answer)]
    assert await town.balance(ana) == (100 * ITD, 0)


async def test_an_address_that_an_invoice_of_ours_has_is_refused(town: Town) -> None:
    ana = await town.resident(itd=100)
    await ana.press(await ana.ask("/buy 10 ETH", "Buy ITD"), "Confirm")
    found = re.search(r"ethereum:(0x\w{40})", text_of(await ana.told_ever("ethereum:0x")))
    assert found
    await ana.ask(f"/withdraw 5 ETH {found.group(1)}", "belongs to this wallet service")


OPERATORS = ['{"$ne": null}', '@{"$gt": ""}', "<b>x</b><a href='tg://user?id=1'>", "\u202e1 %s {0}"]


@pytest.mark.parametrize("typed", OPERATORS, ids=ascii)
async def test_operators_and_markup_that_people_type_are_only_text(town: Town, typed: str) -> None:
    ana, sue = await town.resident(itd=100), await town.resident("Sue", role=Role.SUPPORT)
    for command in (
        f"/send 5 {typed}",
        f"/send {typed} @{sue.username}",
        f"/withdraw 5 ETH {typed}",
        f"/payment {typed}",
    ):
        answer = await ana.ask(command, "")
        assert "Confirm" not in [button["text"] for button in buttons_of(answer)], text_of(answer)
        assert "on our side" not in text_of(answer), text_of(answer)
    answer = await sue.ask(f"/user {typed}", "")
    assert "on our side" not in text_of(answer) and f"id {ana.person}" not in text_of(answer)
    assert await town.balance(ana) == (100 * ITD, 0)


async def test_a_limit_raced_from_two_devices_is_exactly_the_limit(town: Town) -> None:
    ana, ben = await town.resident(itd=100), await town.resident("Ben")
    cards = [await ana.ask(f"/send 1 @{ben.username}", "Send ITD") for _ in range(SENDS_A_DAY + 3)]
    await asyncio.gather(*(ana.press(card, "Confirm") for card in cards))
    assert await town.balance(ben) == (SENDS_A_DAY * ITD, 0)
    assert await town.balance(ana) == ((100 - SENDS_A_DAY) * ITD, 0)
    await ana.ask(f"/send 1 @{ben.username}", f"sends today {SENDS_A_DAY} of {SENDS_A_DAY} at level 1")
