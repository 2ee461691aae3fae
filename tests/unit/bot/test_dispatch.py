"""Taps are used up only after the deed, questions stay open while they can be mended, and no error reaches a person."""

from __future__ import annotations

import asyncio

import pytest
from telegram.error import BadRequest, Forbidden, TimedOut

from bot import app
from bot.actions import Action, Question
from bot.app import ROUTES
from bot.routes import Kind, Route, Table
from tests.unit.bot.stage import PERSON, Stage, message
from tests.unit.wallet_core.world import ITD
from wallet_core.domain.chat import Draft, Tap
from wallet_core.domain.errors import InvariantViolated, Unavailable
from wallet_core.domain.people import Caller

OTHER = 502


async def _offered(stage: Stage, amount: str = "5") -> str:
    caller = await stage.world.person(PERSON)
    await stage.world.person(OTHER)
    await stage.world.fund(caller, 100)
    await stage.command(f"/send {amount} @user{OTHER}")
    return stage.last_data("Confirm")


async def _tap(stage: Stage, data: str) -> Tap:
    tap = await stage.world.ports.store.get(Tap, data)
    assert tap is not None
    return tap


def test_every_action_and_question_has_a_route_and_every_route_a_name() -> None:
    table = Table(ROUTES)
    for action in Action:
        assert table.of(Kind.BUTTON, action).name == action
    for question in Question:
        assert table.of(Kind.ANSWER, question).name == question
    named = {*Action, *Question}
    assert {r.name for r in ROUTES if r.kind in {Kind.BUTTON, Kind.ANSWER}} == named


def test_two_routes_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same kind and name"):
        Table((*ROUTES, ROUTES[0]))


def test_codes_are_answers_that_are_deleted() -> None:
    assert all(route.secret for route in ROUTES if route.code)
    assert {r.name for r in ROUTES if r.secret} == {q.value for q in Question if q.value.endswith("code")}


async def test_a_tap_is_used_up_with_its_whole_card_after_the_deed(stage: Stage) -> None:
    confirm = await _offered(stage)
    cancel = stage.last_data("Cancel")
    await stage.press(confirm)
    assert (await _tap(stage, confirm)).used_at and (await _tap(stage, cancel)).used_at
    stage.bot.calls.clear()
    await stage.press(confirm)
    assert [call.method for call in stage.bot.calls] == ["toast"] and "done already" in stage.bot.said()


@pytest.mark.parametrize("error", [Unavailable("away"), InvariantViolated("odd"), RuntimeError("bug"), TimedOut()])
async def test_a_tap_that_failed_can_be_tapped_again(
    stage: Stage, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm = await _offered(stage)
    post = stage.world.memory.post

    async def fail(posting: object) -> None:
        raise error

    monkeypatch.setattr(stage.world.memory, "post", fail)
    await stage.press(confirm)
    assert (await _tap(stage, confirm)).used_at is None
    monkeypatch.setattr(stage.world.memory, "post", post)
    await stage.press(confirm)
    assert await stage.world.money(Caller(OTHER)) == (5 * ITD, 0)


async def test_a_deed_whose_answer_was_lost_is_not_done_twice(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    confirm = await _offered(stage)

    async def die(store: object, card: str) -> None:
        raise RuntimeError("killed between the deed and the mark")

    with monkeypatch.context() as patched:
        patched.setattr("bot.taps.use_up", die)
        await stage.press(confirm)
    stage.bot.calls.clear()
    await stage.press(confirm)
    assert "done already" in stage.bot.said()
    assert await stage.world.money(Caller(OTHER)) == (5 * ITD, 0)


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (Unavailable("secret detail"), "try again in a moment"),
        (InvariantViolated("secret detail"), "something did not add up"),
        (RuntimeError("secret detail"), "went wrong on our side"),
    ],
)
async def test_people_see_words_and_no_traceback(stage: Stage, error: Exception, part: str) -> None:
    await stage.world.person(PERSON)

    async def fail(turn: object) -> None:
        raise error

    await stage.dispatcher.command(Route(Kind.COMMAND, "broken", fail), message("/broken"), None)
    assert part in stage.bot.said() and "secret detail" not in stage.bot.said()


async def test_somebody_who_blocked_the_bot_breaks_nothing(stage: Stage) -> None:
    await stage.world.person(PERSON)
    stage.bot.fails = [Forbidden("bot was blocked by the user")]
    await stage.command("/balance")
    assert stage.bot.calls == [] and stage.woken == 1


async def test_a_vanished_message_is_replaced_by_a_new_one(stage: Stage) -> None:
    await stage.world.person(PERSON)
    stage.bot.fails = [BadRequest("Message to edit not found")]
    await stage.press(await stage.tap_of(Table(ROUTES).of(Kind.BUTTON, Action.BALANCE)))
    assert [call.method for call in stage.bot.calls] == ["send", "toast"]


async def test_a_message_that_is_as_wanted_is_no_error(stage: Stage) -> None:
    await stage.world.person(PERSON)
    stage.bot.fails = [BadRequest("Message is not modified: specified new message content ...")]
    await stage.press(await stage.tap_of(Table(ROUTES).of(Kind.BUTTON, Action.BALANCE)))
    assert [call.method for call in stage.bot.calls] == ["toast"]


async def test_a_question_stays_open_while_it_can_be_mended(stage: Stage) -> None:
    await stage.world.open_rail()
    await stage.world.person(PERSON)
    await stage.command("/withdraw")
    await stage.press(stage.last_data("ETH"))
    await stage.text("much")
    draft = await stage.world.ports.store.get(Draft, PERSON)
    assert draft is not None and draft.action == Question.WITHDRAW_AMOUNT


async def test_a_question_is_listened_to_before_it_is_shown(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot that is killed once Telegram has it leaves a question that somebody answers."""
    await stage.world.person(PERSON)
    send_message = stage.bot.send_message

    async def dies(*args: object, **more: object) -> None:
        await send_message(*args, **more)  # type: ignore[arg-type]  # passed on as it came
        raise asyncio.CancelledError

    monkeypatch.setattr(stage.bot, "send_message", dies)
    with pytest.raises(asyncio.CancelledError):
        await stage.command("/send 5")
    draft = await stage.world.ports.store.get(Draft, PERSON)
    assert draft is not None and draft.action == Question.SEND_RECIPIENT


async def test_a_question_ends_with_what_cannot_be_mended(stage: Stage) -> None:
    confirm = await _offered(stage, "60")
    stage.world.clock.turn(minutes=1)
    await stage.press(confirm)
    assert "6-digit code" in stage.bot.said()
    stage.world.clock.turn(minutes=6)
    code = await stage.world.code(Caller(PERSON))
    await stage.text(code)
    assert "expired" in stage.bot.said()
    assert await stage.world.ports.store.get(Draft, PERSON) is None


async def test_an_expired_question_is_no_question(stage: Stage) -> None:
    await stage.world.person(PERSON)
    await stage.command("/unfreeze")
    stage.world.clock.turn(minutes=11)
    await stage.text("123456")
    assert "Nothing was waiting for a code" in stage.bot.said()


async def test_a_code_written_with_a_command_is_deleted(stage: Stage) -> None:
    await stage.world.person(PERSON)
    await stage.command("/unfreeze 123456")
    assert stage.bot.calls[0].method == "delete"


def test_the_application_serves_every_command() -> None:
    commands = {route.name for route in ROUTES if route.kind is Kind.COMMAND}
    wanted = {"start", "balance", "send", "buy", "withdraw", "history", "limits", "kyc", "freeze", "settings", "help"}
    admins = {"admin", "paynow", "refundcard", "masssend", "policies", "policy", "dryrun", "screen", "unscreen"}
    admins |= {"approvals", "audit", "applications", "levels", "level", "setlevel", "reviews", "role", "user", "resets"}
    admins |= {"freezeuser", "unfreezeuser", "rail", "mode", "batches", "hotwallets", "rates", "fees", "statistics"}
    admins |= {"health", "alarms"}
    own = {"payment", "statement", "withdrawals", "unfreeze", "recover", "device", "newcodes", "move", "zone"}
    between_people = {"claims", "receive", "requests", "recurring", "tip"}
    assert wanted | admins | own | between_people == commands
    assert set(app.ALLOWED_UPDATES) == {"message", "callback_query", "inline_query", "chosen_inline_result"}
