"""Telegram's own rules for inline mode, links, keys and buttons, as the local server holds bots and people to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from telegram import (
    Bot,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    KeyboardButton,
    KeyboardButtonRequestUsers,
    ReplyKeyboardMarkup,
)
from telegram.error import BadRequest

from tests.integration.sandbox.conftest import TOKEN, Sandbox


def article(result_id: str = "1", text: str = "A gift", title: str = "Gift", data: str = "take") -> dict[str, Any]:
    """A result as it goes over the wire: the library checks some of the rules itself."""
    markup = {"inline_keyboard": [[{"text": "Take", "callback_data": data}]]}
    content = {"message_text": text}
    return {
        "type": "article",
        "id": result_id,
        "title": title,
        "input_message_content": content,
        "reply_markup": markup,
    }


@asynccontextmanager
async def typing(
    sandbox: Sandbox, bot: Bot, query: str = "5 ITD"
) -> AsyncIterator[tuple[InlineQuery, asyncio.Task[Any]]]:
    """Somebody types; the query that the bot gets, and what they are shown in the end."""
    ana = await sandbox.person()
    shown = asyncio.create_task(sandbox.post("/sim/inline", **{"from": ana}, query=query))
    (update,) = await bot.get_updates(timeout=5)
    assert update.inline_query
    yield update.inline_query, shown
    if not shown.done():
        await bot.answer_inline_query(update.inline_query.id, [])
    await shown


async def answered(sandbox: Sandbox, query: InlineQuery, results: list[dict[str, Any]]) -> dict[str, Any]:
    """What the server says to these results, past the library's own checks."""
    body = {"inline_query_id": query.id, "results": results}
    answer = await sandbox.control.post(f"/bot{TOKEN}/answerInlineQuery", json=body)
    return dict(answer.json())


@pytest.mark.parametrize(
    ("results", "why"),
    [
        ([article(str(n)) for n in range(51)], "RESULTS_TOO_MUCH"),
        ([article("x" * 65)], "RESULT_ID_INVALID"),
        ([article("é" * 33)], "RESULT_ID_INVALID"),
        ([article("")], "RESULT_ID_INVALID"),
        ([article(), article()], "RESULT_ID_DUPLICATE"),
        ([article(text="x" * 4_097)], "MESSAGE_TOO_LONG"),
        ([article(text=" ")], "message text is empty"),
        ([article(title="")], "ARTICLE_TITLE_EMPTY"),
        ([article(data="x" * 65)], "BUTTON_DATA_INVALID"),
    ],
)
async def test_results_that_telegram_would_not_show_are_refused(
    sandbox: Sandbox, results: list[dict[str, Any]], why: str
) -> None:
    async with sandbox.bot() as bot, typing(sandbox, bot) as (query, shown):
        answer = await answered(sandbox, query, results)
        assert not answer["ok"] and why in answer["description"]
        assert not shown.done()


async def test_fifty_results_with_ids_of_64_bytes_are_shown(sandbox: Sandbox) -> None:
    async with sandbox.bot() as bot, typing(sandbox, bot) as (query, shown):
        results = [article(f"{n:064d}", "x" * 4_096, data="x" * 64) for n in range(50)]
        assert (await answered(sandbox, query, results))["ok"]
        assert len((await shown)["results"]) == 50
        with pytest.raises(BadRequest, match=r"(?i)query is too old"):
            await bot.answer_inline_query(query.id, [])


@pytest.mark.parametrize("parameter", ["x" * 65, "a b", "ä"])
async def test_the_button_above_results_starts_the_bot_with_64_plain_characters(
    sandbox: Sandbox, parameter: str
) -> None:
    async with sandbox.bot() as bot, typing(sandbox, bot) as (query, shown):
        with pytest.raises(BadRequest, match=r"(?i)START_PARAM_INVALID"):
            await bot.answer_inline_query(
                query.id, [], button=InlineQueryResultsButton("Go", start_parameter=parameter)
            )
        assert await bot.answer_inline_query(
            query.id, [], button=InlineQueryResultsButton("Go", start_parameter="x" * 64)
        )
        assert (await shown)["button"] == {"text": "Go", "start_parameter": "x" * 64}


async def test_a_query_has_at_most_256_characters(sandbox: Sandbox) -> None:
    ana = await sandbox.person()
    answer = await sandbox.control.post("/sim/inline", json={"from": ana, "query": "x" * 257})
    assert answer.status_code == 400


async def test_a_link_leads_from_a_group_to_the_private_chat_with_at_most_64_characters(sandbox: Sandbox) -> None:
    ana, name = await sandbox.person(), (await sandbox.get("/sim/bot"))["username"]
    for link in (f"https://t.me/{name}?start={'x' * 64}", f"t.me/{name}"):
        sent = await sandbox.post(f"/sim/users/{ana}/open", url=link)
        assert sent["text"] == f"/start {link.partition('start=')[2]}".strip()
        assert sent["chat"]["id"] == ana
    for link in (
        f"https://t.me/{name}?start={'x' * 65}",
        f"https://t.me/{name}?start=a.b",
        "https://t.me/other?start=x",
    ):
        answer = await sandbox.control.post(f"/sim/users/{ana}/open", json={"url": link})
        assert answer.status_code == 400


async def posted(sandbox: Sandbox, bot: Bot, group: int, ana: int, **more: Any) -> dict[str, Any]:
    """A gift with a button, posted in a group by inline mode."""
    shown = asyncio.create_task(sandbox.post("/sim/inline", **{"from": ana}, query="5"))
    update = (
        await bot.get_updates(timeout=5, allowed_updates=["inline_query", "callback_query", "chosen_inline_result"])
    )[-1]
    assert update.inline_query
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Take", callback_data="take")]])
    result = InlineQueryResultArticle("1", "Gift", InputTextMessageContent("A gift"), reply_markup=markup)
    await bot.answer_inline_query(update.inline_query.id, [result])
    await shown
    message: dict[str, Any] = await sandbox.post(
        "/sim/inline/choose", **{"from": ana}, result_id="1", chat=group, **more
    )
    return message


async def pressed(
    sandbox: Sandbox, bot: Bot, group: int, person: int, message: dict[str, Any]
) -> tuple[CallbackQuery, Any]:
    """Somebody presses the button; what the bot gets, and what they will see."""
    press = {"from": person, "message_id": message["message_id"], "data": "take"}
    waiting = asyncio.create_task(sandbox.post(f"/sim/chats/{group}/press", **press))
    query = None
    while query is None:
        last = (await bot.get_updates(timeout=5))[-1]
        query = last.callback_query
        if query is None:
            await bot.get_updates(offset=last.update_id + 1, timeout=0)
    return query, waiting


async def test_a_choice_need_not_be_told_and_a_press_names_the_message(sandbox: Sandbox) -> None:
    ana, ben = await sandbox.person("Ana"), await sandbox.person("Ben")
    group = (await sandbox.post("/sim/groups", title="Friends", members=[ana, ben]))["id"]
    name = (await sandbox.get("/sim/bot"))["username"]
    async with sandbox.bot() as bot:
        message = await posted(sandbox, bot, group, ana, told=False)
        assert not any(update.chosen_inline_result for update in await bot.get_updates())
        query, waiting = await pressed(sandbox, bot, group, ben, message)
        assert query.message is None and query.inline_message_id and query.from_user.id == ben
        await bot.edit_message_text("Taken", inline_message_id=query.inline_message_id)
        with pytest.raises(BadRequest, match=r"(?i)URL_INVALID"):
            await bot.answer_callback_query(query.id, url="https://example.org")
        with pytest.raises(BadRequest, match=r"(?i)URL_INVALID"):
            await bot.answer_callback_query(query.id, url=f"https://t.me/{name}?start={'x' * 65}")
        await bot.answer_callback_query(query.id, url=f"https://t.me/{name}?start=x")
        assert (await waiting)["url"] == f"https://t.me/{name}?start=x"
        assert (await sandbox.get(f"/sim/chats/{group}/messages", after=0, wait=0))[-1]["text"] == "Taken"


async def test_a_key_chooses_people_and_goes_with_its_message(sandbox: Sandbox) -> None:
    ana, ben = await sandbox.person("Ana"), await sandbox.person("Ben", username="ben_k")
    await sandbox.say(ana, "/start")
    nobody = {"from": ana, "users_shared": {"request_id": 7, "user_ids": [ben]}}
    async with sandbox.bot() as bot:
        assert (await sandbox.control.post(f"/sim/chats/{ana}/messages", json=nobody)).status_code == 400
        wish = KeyboardButtonRequestUsers(7, request_name=True)
        keys = ReplyKeyboardMarkup([[KeyboardButton("Choose", request_users=wish)]], one_time_keyboard=True)
        await bot.send_message(ana, "Whom?", reply_markup=keys)
        two = {"from": ana, "users_shared": {"request_id": 7, "user_ids": [ana, ben]}}
        assert (await sandbox.control.post(f"/sim/chats/{ana}/messages", json=two)).status_code == 400
        sent = await sandbox.post(f"/sim/chats/{ana}/messages", **nobody)
        # The username was not asked for.
        assert sent["users_shared"] == {"request_id": 7, "users": [{"user_id": ben, "first_name": "Ben"}]}
        assert (await sandbox.get(f"/sim/chats/{ana}"))["keyboard"] is None
        again = await bot.send_message(ana, "Whom?", reply_markup=keys)
        assert (await sandbox.get(f"/sim/chats/{ana}"))["keyboard"] is not None
        await bot.delete_message(ana, again.message_id)
        assert (await sandbox.get(f"/sim/chats/{ana}"))["keyboard"] is None
