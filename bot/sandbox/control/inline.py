"""Inline mode: `/sim/inline`."""

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from bot.sandbox.control.requests import ControlError, body_of, field, optional, route
from bot.sandbox.telegram import utf16
from bot.sandbox.telegram.inline_results import QUERY_LIMIT, markup_of, written
from bot.sandbox.telegram.keyboards import inline_part
from bot.sandbox.telegram.people import chat_with, inline_message_id, person_of
from bot.sandbox.telegram.service import Telegram

Json = dict[str, Any]
ANSWER_SECONDS = 10.0


def routes(telegram: Telegram) -> list[Route]:
    """The routes of this module."""
    return [
        route("POST", "/sim/inline", ask, telegram),
        route("POST", "/sim/inline/choose", choose, telegram),
    ]


async def ask(telegram: Telegram, request: Request) -> Json:
    """POST /sim/inline: the person types after the name of the bot; answers with the results."""
    body = await body_of(request)
    person = person_of(telegram, field(body, "from", int))
    text = optional(body, "query", str) or ""
    if utf16.length(text) > QUERY_LIMIT:
        raise ControlError(f"an inline query has at most {QUERY_LIMIT} characters")
    query_id = telegram.inline.ask(person["id"], text)
    telegram.push("inline_query", {"id": query_id, "from": person, "query": text, "offset": ""})
    answer = await telegram.inline.answered(query_id, ANSWER_SECONDS)
    return {"results": answer.results, **({"button": answer.button} if answer.button else {})}


async def choose(telegram: Telegram, request: Request) -> Json:
    """POST /sim/inline/choose: the person sends one of the results to a chat.

    With `"told": false` the bot hears nothing of it, as with Telegram unless @BotFather was told "/setinlinefeedback".
    """
    body = await body_of(request)
    person_id = field(body, "from", int)
    offered = telegram.inline.offered(person_id, str(body.get("result_id")))
    if not offered:
        raise ControlError("the bot did not offer this result", 404)
    is_told = optional(body, "told", bool) is not False
    return _send_chosen(telegram, person_id, field(body, "chat", int), *offered, is_told=is_told)


def _send_chosen(telegram: Telegram, person_id: int, chat_id: int, text: str, result: Json, *, is_told: bool) -> Json:
    """Inline messages go to any chat between people; of those the sandbox has the groups and private chats."""
    chat = chat_with(telegram, chat_id, person_id)
    person = person_of(telegram, person_id)
    content: Json = {"from": person, "via_bot": telegram.bot, **_content(result)}
    message = telegram.add_message(chat, content)
    chosen: Json = {"result_id": str(result["id"]), "from": person, "query": text}
    if "reply_markup" in message:
        chosen["inline_message_id"] = inline_message_id(message)
    if is_told:
        telegram.push("chosen_inline_result", chosen)
    return chat.messages[message["message_id"]].view()


def _content(result: Json) -> Json:
    markup = inline_part(markup_of(result))
    return {**written(result).fields("text"), **({"reply_markup": markup} if markup else {})}
