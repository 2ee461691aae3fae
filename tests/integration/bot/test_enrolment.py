"""Pairing an authenticator in the chat: nothing works before it, and no secret stays in the chat after it."""

from __future__ import annotations

import re

import pytest

from tests.integration.bot.conftest import Town, buttons_of, text_of


async def test_a_newcomer_pairs_an_authenticator_and_gets_recovery_codes(town: Town) -> None:
    ana = await town.newcomer()
    await ana.enrol()
    codes = await ana.told("Your recovery codes")
    assert codes["has_protected_content"]
    assert len(re.findall(r"\d-[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", codes["text"])) == 8
    home = await ana.ask("/start", "Available: 0 ITD")
    assert {"Send", "Buy", "Withdraw", "Balance", "History"} <= {b["text"] for b in buttons_of(home)}


async def test_picture_and_key_and_code_are_deleted_after_the_first_good_code(town: Town) -> None:
    ana = await town.newcomer()
    await ana.enrol()
    for message in await ana.refresh():
        secret = "photo" in message or "otpauth://" in text_of(message) or re.fullmatch(r"\d{6}", text_of(message))
        assert message["deleted"] or not secret, text_of(message)


async def test_start_again_shows_the_same_key_once(town: Town) -> None:
    ana = await town.newcomer()
    first = await ana.ask("/start", "otpauth://")
    second = await ana.ask("/start x", "otpauth://")
    assert first["text"] == second["text"]
    shown = [m for m in await ana.refresh() if "otpauth://" in text_of(m) and not m["deleted"]]
    assert len(shown) == 1


@pytest.mark.parametrize(
    "text", ["/balance", "/send 1 @somebody", "/admin", "hello", "123456", "/nonsense", "/recover"]
)
async def test_before_enrolment_everything_answers_with_the_way_to_enrol(town: Town, text: str) -> None:
    ana = await town.newcomer()
    await ana.ask(text, "send /start")


async def test_a_wrong_first_code_is_told_and_the_next_one_is_taken(town: Town) -> None:
    ana = await town.newcomer()
    card = await ana.ask("/start", "otpauth://")
    await ana.ask("000000", "That code is not right")
    await ana.ask("abc", "That is not a 6-digit code")
    match = re.search(r"secret=([A-Z2-7]+)", card["text"])
    assert match
    ana.secret = match.group(1)
    await ana.ask(ana.code(), "Your recovery codes")


async def test_a_recovery_code_pairs_a_new_device(town: Town) -> None:
    ana = await town.newcomer()
    await ana.enrol()
    codes = re.findall(r"\d-[A-Z2-9-]{19}", (await ana.told("Each works once"))["text"])
    await ana.ask("/recover", "Write one of your recovery codes")
    await ana.ask("1-AAAA-BBBB-CCCC-DDDD", "not one of your unused recovery codes")
    card = await ana.ask(codes[0], "otpauth://")
    await ana.told("A recovery code was used")
    await ana.ask("/balance", "send /start")
    match = re.search(r"secret=([A-Z2-7]+)", card["text"])
    assert match and match.group(1) != ana.secret
    ana.secret = match.group(1)
    await ana.ask(ana.code(), "Your recovery codes")
    await ana.ask("/balance", "Available")
    assert all(m["deleted"] for m in await ana.refresh() if text_of(m) in codes)
