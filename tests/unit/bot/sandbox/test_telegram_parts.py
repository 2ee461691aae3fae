"""Keyboards, faults, prices, addresses and the snapshot, each by itself."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.control.authenticator import running_code
from bot.sandbox.control.requests import ControlError
from bot.sandbox.loopback import is_loopback
from bot.sandbox.telegram.errors import ApiError
from bot.sandbox.telegram.faults import Fault, Faults
from bot.sandbox.telegram.keyboards import read_markup
from bot.sandbox.telegram.parameters import Parameters
from bot.sandbox.telegram.people import Draft, add_person, chat_with, write
from bot.sandbox.telegram.service import Telegram
from bot.sandbox.ticker import PriceBoard, PriceError

DEVICE = "otpauth://totp/ITD:ana?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=ITD"


def markup(*buttons: dict[str, Any]) -> Any:
    return read_markup(Parameters({"reply_markup": {"inline_keyboard": [list(buttons)]}}))


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"text": "x", "callback_data": "y" * 65}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "url": "nowhere"}, "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL"),
        ({"text": "x", "copy_text": {"text": "y" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "x"}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    ],
)
def test_bad_buttons_are_refused(button: dict[str, Any], reason: str) -> None:
    with pytest.raises(ApiError) as caught:
        markup(button)
    assert caught.value.description == f"Bad Request: {reason}"


def test_64_bytes_of_data_are_the_most() -> None:
    assert markup({"text": "x", "callback_data": "y" * 64})["inline_keyboard"][0][0]["callback_data"] == "y" * 64


def test_a_fault_is_used_as_often_as_ordered() -> None:
    faults = Faults()
    faults.order(Fault("sendMessage", 429, times=2, retry_after=3))
    assert faults.take("editMessageText", None) is None
    taken = [faults.take("sendMessage", "5") for _ in range(3)]
    assert [bool(fault) for fault in taken] == [True, True, False]
    assert taken[0] and taken[0].error().parameters == {"retry_after": 3}


@pytest.mark.parametrize("price", ["0", "-1", "1e3", "NaN", "1_000", "", "1.123456789", "١٢"])
async def test_a_price_is_a_plain_positive_number(price: str) -> None:
    with pytest.raises(PriceError):
        await PriceBoard().set_price("ETH", price)


@pytest.mark.parametrize(("host", "is_local"), [("127.0.0.1", True), ("::1", True), ("a.b", False)])
def test_only_this_machine_is_loopback(host: str, is_local: bool) -> None:
    assert is_loopback(host) == is_local


def test_the_authenticator_shows_a_code() -> None:
    shown = running_code(DEVICE)
    assert len(shown["code"]) == 6 and 1 <= shown["valid_for_seconds"] <= 30


@pytest.mark.parametrize("uri", ["", "https://example.org", DEVICE.replace("totp", "hotp") + "&counter=1"])
def test_the_authenticator_refuses_other_addresses(uri: str) -> None:
    with pytest.raises(ControlError):
        running_code(uri)


async def test_everything_is_there_again_after_a_restart(tmp_path: Path) -> None:
    before = Telegram("1:x", tmp_path)
    ana = add_person(before, "Ana", "ana", "de")
    await write(before, chat_with(before, ana["id"]), ana["id"], Draft("/start"))
    before.snapshot.save(before.state)
    after = Telegram("1:x", tmp_path)
    assert after.state == before.state
    assert [update["message"]["text"] for update in await after.updates.fetch(0, 100, 0)] == ["/start"]


async def test_a_change_is_saved_soon(tmp_path: Path) -> None:
    telegram = Telegram("1:x", tmp_path)
    keeping = asyncio.create_task(telegram.snapshot.keep(telegram.state))
    add_person(telegram, "Ana", None, "en")
    for _ in range(100):
        await asyncio.sleep(0.02)
        if Telegram("1:x", tmp_path).state.people:
            break
    keeping.cancel()
    assert Telegram("1:x", tmp_path).state.people == telegram.state.people
