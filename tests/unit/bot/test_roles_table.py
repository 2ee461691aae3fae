"""Everything that the bot can do, tried by everybody: exactly what ``docs/roles.md`` says, and the rest recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.app import ROUTES
from bot.chats import Chats
from bot.context import Turn
from bot.dispatch import Dispatcher
from bot.routes import Kind, Route, Table
from tests.support.everybody import NUMBERS, refusals, settle
from tests.support.roles_table import on_the_page
from tests.unit.bot.stage import Stage, message
from tests.unit.bot.test_gate import MESSAGES, WAY_TO_ENROL
from tests.unit.wallet_core.use_cases.test_gate import CHAT
from wallet_core.domain.people import Access

TABLE = on_the_page()
NOT_OPEN = "That is not open to you"


def test_the_page_has_exactly_what_there_is() -> None:
    routes = {(route.kind.value, str(route.name)) for route in ROUTES}
    assert TABLE.keys() == routes | {("use case", name.split(".")[0]) for name in CHAT}, "see docs/roles.md"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.kind}:{route.name}")
async def test_a_route_is_open_to_exactly_those_of_the_page(stage: Stage, route: Route) -> None:
    reached: list[int] = []

    async def reach(turn: Turn) -> None:
        reached.append(turn.caller.person)

    chats = Chats(stage.bot, stage.world.ports.store)  # type: ignore[arg-type]  # no library's bot, but all that is called of one
    routes = Table(tuple(replace(one, run=reach) if one is route else one for one in ROUTES))
    stage.dispatcher = Dispatcher(stage.world.ports, chats, routes, lambda: None)
    await settle(stage.world)
    allowed = TABLE[route.kind, route.name]
    for name, number in NUMBERS.items():
        stage.bot.calls.clear()
        await _try(stage, replace(route, run=reach), number)
        assert (number in reached) == allowed[name], name
        said = stage.bot.said()
        assert (NOT_OPEN in said or WAY_TO_ENROL in said) != allowed[name], (name, said)
    closed = {number for name, number in NUMBERS.items() if not allowed[name]} if _is_admins(route.access) else set()
    assert await refusals(stage.world) == dict.fromkeys(closed, f"{route.kind} {route.name}")


async def _try(stage: Stage, route: Route, person: int) -> None:
    if route.kind is Kind.COMMAND:
        await stage.dispatcher.command(route, message(f"/{route.name} 1", person=person), None)
    elif route.kind is Kind.BUTTON:
        await stage.press(await stage.tap_of(route, person=person), person)
    elif route.kind is Kind.ANSWER:
        await stage.wait_for(route, person=person)
        await stage.text("123456", person=person)
    elif route.kind in (Kind.INLINE, Kind.GROUP):
        await stage.abroad(route.name, person)
    else:
        await stage.text(**MESSAGES[route.name], person=person)


def _is_admins(access: Access) -> bool:
    return access > Access.ENROLLED
