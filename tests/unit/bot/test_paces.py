"""A flood in the chat: told once, codes and /freeze always taken, buttons answered by a toast."""

from __future__ import annotations

import pytest

from bot.actions import Action
from bot.app import ROUTES
from bot.paces import PACES, pace_of
from bot.routes import Kind, Table
from tests.unit.bot.stage import PERSON, Stage, message
from wallet_core.domain.pace import Pace


@pytest.fixture
def slow_stage() -> Stage:
    """A bot that is content with little."""
    stage = Stage()
    small = {"pace_looks": 3, "pace_money": 2, "pace_heavy": 1, "pace_strangers": 2}
    settings = stage.world.ports.settings.model_copy(update=small)
    object.__setattr__(stage.world.ports, "settings", settings)
    return stage


def test_every_name_in_the_table_is_a_routes() -> None:
    assert set(PACES) <= {route.name for route in ROUTES}


def test_no_code_and_no_freeze_is_ever_held_up() -> None:
    free = {route.name for route in ROUTES if pace_of(route) is Pace.FREE}
    assert {route.name for route in ROUTES if route.code or route.secret} | {"freeze", "freeze.now"} <= free


async def test_too_many_messages_are_told_once_and_go_on_in_the_next_window(slow_stage: Stage) -> None:
    await slow_stage.world.person(PERSON)
    for _ in range(10):
        await slow_stage.command("/balance")
    said = [call.text for call in slow_stage.bot.calls]
    assert sum("Available" in text for text in said) == 3
    assert sum("a lot at once" in text for text in said) == 1 and len(said) == 4
    slow_stage.world.clock.turn(seconds=61)
    await slow_stage.command("/balance")
    assert sum("Available" in call.text for call in slow_stage.bot.calls) == 4


async def test_a_button_that_came_too_fast_is_answered_by_a_toast(slow_stage: Stage) -> None:
    await slow_stage.world.person(PERSON)
    tap = await slow_stage.tap_of(Table(ROUTES).of(Kind.BUTTON, Action.BALANCE))
    for _ in range(6):
        await slow_stage.press(tap)
    toasts = [call.text for call in slow_stage.bot.calls if call.method == "toast"]
    assert len(toasts) == 6 and sum("a lot at once" in text for text in toasts) == 3


async def test_codes_and_freezing_work_in_the_middle_of_a_flood(slow_stage: Stage) -> None:
    caller = await slow_stage.world.person(PERSON)
    await slow_stage.command("/unfreeze")
    for _ in range(20):
        await slow_stage.command("/help")
    await slow_stage.text("000000")
    assert "That code is not right" in slow_stage.bot.said()
    await slow_stage.command("/freeze")
    assert (await slow_stage.world.guards(caller)).frozen_at is not None


async def test_classes_and_people_do_not_count_for_each_other(slow_stage: Stage) -> None:
    await slow_stage.world.person(PERSON)
    await slow_stage.world.person(502)
    for _ in range(5):
        await slow_stage.command("/statement nonsense")
    assert slow_stage.bot.said().count("a lot at once") == 1
    await slow_stage.command("/balance")
    assert "Available" in slow_stage.bot.said()
    slow_stage.bot.calls.clear()
    route = Table(ROUTES).of(Kind.COMMAND, "statement")
    await slow_stage.dispatcher.command(route, message("/statement nonsense", 502), None)
    assert "could not read that range" in slow_stage.bot.said()


async def test_a_stranger_has_the_least_also_of_what_the_gate_refuses(slow_stage: Stage) -> None:
    for _ in range(10):
        await slow_stage.command("/balance")
    assert slow_stage.bot.said().count("send /start") == 2
    assert slow_stage.bot.said().count("a lot at once") == 1


async def test_a_full_line_is_told_once_in_a_window(slow_stage: Stage) -> None:
    for _ in range(5):
        await slow_stage.dispatcher.flooded(message("x"))
    assert slow_stage.bot.said().count("faster than me") == 1
