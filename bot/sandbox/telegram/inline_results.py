"""Checks what a bot answers to an inline query as the Bot API does (core.telegram.org/bots/api#inline-mode)."""

import re
from typing import Any

from bot.sandbox.telegram import utf16
from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.formatted import TEXT_LIMIT, Formatted, format_text
from bot.sandbox.telegram.keyboards import read_markup
from bot.sandbox.telegram.parameters import Parameters

Json = dict[str, Any]
#: answerInlineQuery: no more than 50 results.
RESULT_LIMIT = 50
#: InlineQueryResultArticle.id: 1 to 64 bytes.
RESULT_ID_LIMIT_BYTES = 64
#: InlineQuery.query: up to 256 characters.
QUERY_LIMIT = 256
#: Deep linking: 1 to 64 letters, digits, underscores and hyphens.
START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def checked_results(results: Any) -> list[Json]:
    """The results of an answer; 400 for what Telegram would not show. Only articles are known here."""
    if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
        raise bad_request("can't parse inline query results JSON array")
    if len(results) > RESULT_LIMIT:
        raise bad_request("RESULTS_TOO_MUCH")
    for result in results:
        _check(result)
    if len({str(result["id"]) for result in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    return results


def checked_button(button: Any) -> Json | None:
    """The button above the results, if there is one."""
    if not button:
        return None
    if not isinstance(button, dict) or not str(button.get("text") or "").strip():
        raise bad_request("can't parse inline query results button: Can't find field \"text\"")
    if not START_PARAMETER.fullmatch(str(button.get("start_parameter") or "")):
        raise bad_request("START_PARAM_INVALID")
    return button


def written(result: Json) -> Formatted:
    """What a result puts into the chat; 400 when it is empty or longer than 4096 characters."""
    content: Json = result.get("input_message_content") or {}
    text = format_text(str(content.get("message_text") or ""), content.get("parse_mode"), content.get("entities"))
    if not text.text:
        raise bad_request("message text is empty")
    if utf16.length(text.text) > TEXT_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    return text


def markup_of(result: Json) -> Json | None:
    """The checked keyboard of a result."""
    return read_markup(Parameters({"reply_markup": result.get("reply_markup")}))


def _check(result: Json) -> None:
    if result.get("type") != "article":
        raise bad_request("unsupported inline query result type in the sandbox")
    if not 0 < len(str(result.get("id") or "").encode()) <= RESULT_ID_LIMIT_BYTES:
        raise bad_request("RESULT_ID_INVALID")
    if not str(result.get("title") or "").strip():
        raise bad_request("ARTICLE_TITLE_EMPTY")
    written(result)
    markup_of(result)
