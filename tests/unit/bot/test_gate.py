"""Before enrolment everything answers with the way to enrol and does nothing; what admins have, only admins reach."""

from __future__ import annotations

from typing import Any

import pytest

from bot.app import ROUTES
from bot.routes import ANYTHING, CHOSEN, CONTACT, DOCUMENT, PICTURE, PRESSED, STRAY_CODE, TIP, TYPED, Kind, Route
from tests.unit.bot.stage import PERSON, Stage
from wallet_core.domain.chat import Draft
from wallet_core.domain.guards import Guards
from wallet_core.domain.people import Access, Role
from wallet_core.domain.record import Target

WAY_TO_ENROL = "send /start and follow the two steps"
#: What belongs to the enrolment itself: it has texts of its own, which all lead to the same place.
ENROLMENT = {"start": "otpauth://", "enrol.code": WAY_TO_ENROL, "recovery.code": WAY_TO_ENROL}
#: Whoever moves a wallet to this Telegram account has none in it; what they get to see says nothing of any wallet.
MOVING = {
    "move": "/move 123456789",
    "move.recovery.code": "not one of your unused recovery codes",
    "move.code": "I do not know that any more",
    "move.cancel": "I do not know that any more",
    "move.complete": "I do not know that any more",
}


#: A message of each kind that has a route of its own.
MESSAGES: dict[str, dict[str, Any]] = {
    STRAY_CODE: {"text": "123456"},
    ANYTHING: {"text": "hello"},
    CONTACT: {"contact": {"phone_number": "1", "first_name": "Ben", "user_id": 7}},
    DOCUMENT: {"document": {"file_id": "1", "file_unique_id": "1", "file_name": "a.csv"}},
    PICTURE: {"photo": [{"file_id": "1", "file_unique_id": "1", "width": 90, "height": 60}]},
}


def _named(route: Route) -> str:
    return f"{route.kind}:{route.name}"


async def _reach(stage: Stage, route: Route) -> None:
    if route.kind in (Kind.INLINE, Kind.GROUP):
        await stage.abroad(route.name)
    elif route.kind is Kind.COMMAND:
        await stage.command(f"/{route.name} 1 ETH 0x0")
    elif route.kind is Kind.BUTTON:
        await stage.press(await stage.tap_of(route))
    elif route.kind is Kind.ANSWER:
        await stage.wait_for(route)
        await stage.text("123456")
    else:
        await stage.text(**MESSAGES[route.name])


def _ledgered(stage: Stage) -> set[Target]:
    return {
        target for target in stage.world.memory.documents if target.collection in {"journal", "accounts", "intents"}
    }


ABROAD = [route for route in ROUTES if route.kind in (Kind.INLINE, Kind.GROUP)]
#: What a stranger sees of it: the way to the private chat, where the enrolment is.
SHOWN_ABROAD = {
    TYPED: {"suggest": "Set up your wallet first"},
    CHOSEN: {"send": WAY_TO_ENROL},
    PRESSED: {"toast": "It is not there any more"},
    TIP: {"send": "More about this in our private chat."},
}


@pytest.mark.parametrize("route", ABROAD, ids=_named)
async def test_a_stranger_does_nothing_by_inline_mode_or_in_a_group(stage: Stage, route: Route) -> None:
    await _reach(stage, route)
    for method, text in SHOWN_ABROAD[route.name].items():
        assert any(call.method == method and text in call.text for call in stage.bot.calls), stage.bot.said()
    assert not _ledgered(stage)


@pytest.mark.parametrize("route", [route for route in ROUTES if route not in ABROAD], ids=_named)
async def test_a_stranger_sees_only_the_way_to_enrol(stage: Stage, route: Route) -> None:
    await _reach(stage, route)
    wanted = (ENROLMENT | MOVING).get(route.name, WAY_TO_ENROL)
    shown = [call for call in stage.bot.calls if call.method in {"send", "edit"}]
    assert shown and all(wanted in call.text for call in shown), stage.bot.said()
    kinds = {
        document["kind"] for target, document in stage.world.memory.documents.items() if target in _ledgered(stage)
    }
    assert kinds <= {"enrolment_begun", "admin_refused", "code_attempted"}


CONTENT: list[dict[str, Any]] = [
    MESSAGES[CONTACT],
    MESSAGES[DOCUMENT],
    {"sticker": {"file_id": "1", "file_unique_id": "1", "type": "regular", "width": 1, "height": 1,
                 "is_animated": False, "is_video": False}},
    {"location": {"longitude": 1, "latitude": 1}},
    {"new_chat_title": "x"},
    {"text": "/start pay_123", "entities": [{"type": "bot_command", "offset": 0, "length": 6}]},
]  # fmt: skip


@pytest.mark.parametrize("content", CONTENT, ids=lambda content: next(iter(content)))
async def test_any_kind_of_message_of_a_stranger_leads_to_the_enrolment(stage: Stage, content: dict[str, Any]) -> None:
    await stage.text(**content)
    assert WAY_TO_ENROL in stage.bot.said()


async def test_a_forged_button_of_a_stranger_leads_to_the_enrolment(stage: Stage) -> None:
    await stage.press("forged")
    assert WAY_TO_ENROL in stage.bot.said()


async def test_a_deep_link_of_a_stranger_begins_the_enrolment_only(stage: Stage) -> None:
    await stage.command("/start pay_123")
    assert "otpauth://" in stage.bot.said()
    assert await stage.world.ports.store.get(Draft, PERSON) is not None


ADMIN_ROUTES = [route for route in ROUTES if route.access > Access.ENROLLED]


@pytest.mark.parametrize("route", ADMIN_ROUTES, ids=_named)
async def test_what_admins_have_is_closed_to_everybody_else(stage: Stage, route: Route) -> None:
    await stage.world.person(PERSON)
    await _reach(stage, route)
    assert "That is not open to you" in stage.bot.said()


@pytest.mark.parametrize("route", ADMIN_ROUTES, ids=_named)
@pytest.mark.parametrize(("role", "access"), [(Role.SUPPORT, Access.SUPPORT), (Role.FINANCE, Access.FINANCE)])
async def test_a_role_reaches_what_is_its_own(stage: Stage, route: Route, role: Role, access: Access) -> None:
    await stage.world.person(PERSON, role=role)
    await _reach(stage, route)
    assert ("That is not open to you" in stage.bot.said()) == (route.access > access)


@pytest.mark.parametrize("role", [None, Role.SUPPORT, Role.FINANCE, Role.OWNER])
async def test_a_file_is_fetched_for_finance_alone_and_everybody_else_gets_a_kind_word(
    stage: Stage, role: Role | None
) -> None:
    await stage.world.person(PERSON, role=role)
    stage.bot.files["1"] = b"recipient,asset,amount,note\n"
    await stage.text(**MESSAGES[DOCUMENT])
    is_open = role in (Role.FINANCE, Role.OWNER)
    assert ([call.method for call in stage.bot.calls].count("fetch") == 1) == is_open
    assert ("nothing waits for that now" in stage.bot.said()) != is_open
    assert ("no line of a payment" in stage.bot.said()) == is_open


async def test_every_kind_of_message_with_a_route_is_known_here() -> None:
    assert {route.name for route in ROUTES if route.kind is Kind.MESSAGE} == set(MESSAGES)


async def test_a_group_gets_nothing_but_the_way_to_the_private_chat(stage: Stage) -> None:
    await stage.world.person(PERSON)
    for route in ROUTES:
        stage.bot.calls.clear()
        if route.kind is Kind.COMMAND:
            await stage.command(f"/{route.name}", chat=-5)
            wanted = "reply to somebody's message" if route.name == TIP else "in private only"
            assert wanted in stage.bot.said()
    await stage.text("a chat among friends", chat=-5)
    assert await stage.world.ports.store.get(Guards, -5) is None


async def test_a_code_in_a_group_is_deleted_and_refused(stage: Stage) -> None:
    await stage.text("123456", chat=-5)
    assert [call.method for call in stage.bot.calls] == ["delete", "send"]
    assert "Never write a code" in stage.bot.said()


async def test_a_button_in_a_group_is_refused(stage: Stage) -> None:
    await stage.world.person(PERSON)
    await stage.press("anything", chat=-5)
    assert [call.method for call in stage.bot.calls] == ["toast"] and "in private only" in stage.bot.said()
