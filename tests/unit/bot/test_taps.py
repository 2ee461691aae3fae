"""Buttons carry an opaque id that is bound to person, chat and time."""

from __future__ import annotations

import pytest

from bot import taps
from bot.actions import Action
from bot.views.card import Button, Card
from tests.unit.wallet_core.world import World, refusal
from wallet_core.domain.chat import Tap
from wallet_core.domain.errors import AlreadyDone, Reason

CARD = Card("x", ((Button("Yes", Action.SEND_CONFIRM, "i" * 500), Button("Copy", copies="0x1")),))


async def _minted(world: World) -> str:
    markup = await taps.keyboard(world.ports.store, CARD, person=1, chat=1)
    assert markup is not None
    return str(markup.inline_keyboard[0][0].callback_data)


@pytest.fixture
def world() -> World:
    return World()


async def test_a_button_carries_an_opaque_id(world: World) -> None:
    data = await _minted(world)
    assert len(data.encode()) <= 64 and "send" not in data and data != await _minted(world)
    tap = await taps.resolve(world.ports.store, data, person=1, chat=1)
    assert (tap.action, tap.argument) == (Action.SEND_CONFIRM, "i" * 500)


async def test_a_copy_button_has_no_tap(world: World) -> None:
    markup = await taps.keyboard(world.ports.store, CARD, person=1, chat=1)
    assert markup is not None and markup.inline_keyboard[0][1].copy_text is not None
    assert await world.ports.store.count(Tap, {}) == 1


async def test_a_card_without_buttons_has_no_keyboard(world: World) -> None:
    assert await taps.keyboard(world.ports.store, Card("x"), person=1, chat=1) is None


@pytest.mark.parametrize(("person", "chat"), [(2, 1), (1, 2), (2, 2), (1, None)])
async def test_a_button_works_for_its_person_in_its_chat_only(world: World, person: int, chat: int | None) -> None:
    data = await _minted(world)
    refused = await refusal(taps.resolve(world.ports.store, data, person=person, chat=chat))
    assert refused.reason is Reason.NOT_YOURS


@pytest.mark.parametrize("data", [None, "", "x", "x" * 65, "{'$ne': 1}"])
async def test_an_unknown_button_is_refused(world: World, data: str | None) -> None:
    refused = await refusal(taps.resolve(world.ports.store, data, person=1, chat=1))
    assert refused.reason is Reason.NOT_FOUND


async def test_an_old_button_is_refused(world: World) -> None:
    data = await _minted(world)
    world.clock.turn(days=31)
    assert (await refusal(taps.resolve(world.ports.store, data, person=1, chat=1))).reason is Reason.EXPIRED


async def test_a_used_button_says_that_it_was_used(world: World) -> None:
    data = await _minted(world)
    tap = await taps.resolve(world.ports.store, data, person=1, chat=1)
    await taps.use_up(world.ports.store, tap.card)
    with pytest.raises(AlreadyDone):
        await taps.resolve(world.ports.store, data, person=1, chat=1)
