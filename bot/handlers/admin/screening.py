"""The screening list: addresses to which nothing is paid."""

from __future__ import annotations

from typing import Final

from bot.actions import Question
from bot.context import Turn
from bot.views import messages
from bot.views import screening as views
from wallet_core.use_cases.screen_address import screen_address
from wallet_core.use_cases.show_screening import show_screening

_ON: Final = "on"
_OFF: Final = "off"
#: A coin, an address and at least a word of why.
_WORDS: Final = 3


async def show(turn: Turn) -> None:
    """Shows a page of the list."""
    await turn.show(views.screening(turn.words, await show_screening(turn.ports, turn.caller, turn.page)))


async def screen(turn: Turn) -> None:
    """``/screen <coin> <address> <why>`` asks for the admin's code to put it on the list; alone it shows the list."""
    if turn.text.strip():
        await _ask(turn, _ON, "/screen ETH 0x… theft of 1 October")
    else:
        await show(turn)


async def unscreen(turn: Turn) -> None:
    """``/unscreen <coin> <address> <why>`` asks for the admin's code to take it off."""
    await _ask(turn, _OFF, "/unscreen ETH 0x… it was a mistake")


async def code(turn: Turn) -> None:
    """Changes the list."""
    switch, asset, address, why = turn.argument.split(" ", 3)
    entry = await screen_address(turn.ports, turn.caller, asset, address, why, switch == _ON, turn.text)
    await turn.show(views.changed(turn.words, entry))


async def _ask(turn: Turn, switch: str, example: str) -> None:
    words = turn.text.split()
    if len(words) < _WORDS:
        await turn.say(messages.usage(turn.words, example))
        return
    asset, address, why = words[0], words[1], " ".join(words[2:]).replace("|", "/")
    purpose = views.purpose(turn.words, asset, address, listed=switch == _ON)
    await turn.ask_code(Question.SCREENING_CODE, purpose, f"{switch} {asset} {address} {why}")
