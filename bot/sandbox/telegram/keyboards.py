"""Checks a `reply_markup` as the Bot API server does, and answers its clean form."""

from typing import Any

from bot.sandbox.telegram.errors import ApiError, bad_request
from bot.sandbox.telegram.parameters import Parameters

#: Bot API, InlineKeyboardButton.callback_data: 1 to 64 bytes.
CALLBACK_DATA_LIMIT_BYTES = 64
#: Bot API, CopyTextButton.text: 1 to 256 characters.
COPY_TEXT_LIMIT = 256
BUTTON_LIMIT = 100
SWITCHES = ("switch_inline_query", "switch_inline_query_current_chat", "switch_inline_query_chosen_chat")
BUTTON_KINDS = ("callback_data", "url", "copy_text", *SWITCHES, "web_app", "login_url", "pay")
LINK_SCHEMES = ("http://", "https://", "tg://", "ton://", "tonsite://")


def read_markup(call: Parameters) -> dict[str, Any] | None:
    """The call's `reply_markup`, checked; None when there is none."""
    markup = call.structure("reply_markup")
    if not markup:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        return _inline(markup["inline_keyboard"])
    if "keyboard" in markup:
        return {**markup, "keyboard": _reply_rows(markup["keyboard"])}
    return markup


def inline_part(markup: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a message shows of a markup: only inline keyboards stay with their message."""
    if markup and markup.get("inline_keyboard"):
        return {"inline_keyboard": markup["inline_keyboard"]}
    return None


def _inline(rows: Any) -> dict[str, Any]:
    if not isinstance(rows, list):
        raise _unreadable("inline_keyboard", "Field must be of type Array")
    cleaned = [[_button(button) for button in _row(row) if _has_text(button)] for row in rows]
    filled = [row for row in cleaned if row]
    if sum(map(len, filled)) > BUTTON_LIMIT:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return {"inline_keyboard": filled}


def _unreadable(what: str, why: str) -> ApiError:
    return bad_request(f"can't parse {what}: {why}")


def _row(row: Any) -> list[Any]:
    if not isinstance(row, list):
        raise _unreadable("keyboard row", "Expected an Array of buttons")
    return row


def _has_text(button: Any) -> bool:
    return not isinstance(button, dict) or bool(str(button.get("text") or "").strip())


def _button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise _unreadable("inline keyboard button", "Object expected")
    kind = next((kind for kind in BUTTON_KINDS if button.get(kind) is not None), None)
    if not kind:
        raise _unreadable("inline keyboard button", "Text buttons are unallowed in the inline keyboard")
    _check_value(kind, button[kind])
    kept = ("text", "style", "icon_custom_emoji_id")
    return {**{key: button[key] for key in kept if key in button}, kind: button[kind]}


def _check_value(kind: str, value: Any) -> None:
    if kind == "callback_data":
        if not 0 < len(str(value).encode()) <= CALLBACK_DATA_LIMIT_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    elif kind == "url":
        _check_address(str(value))
    elif kind == "copy_text" and not _is_copy_text(value):
        raise bad_request("BUTTON_COPY_TEXT_INVALID")


def _check_address(address: str) -> None:
    if not address.lower().startswith(LINK_SCHEMES) and "." not in address:
        raise bad_request(f"inline keyboard button URL '{address}' is invalid: Wrong HTTP URL")


def _is_copy_text(value: Any) -> bool:
    return isinstance(value, dict) and 0 < len(str(value.get("text") or "")) <= COPY_TEXT_LIMIT


def _reply_rows(rows: Any) -> list[list[dict[str, Any]]]:
    if not isinstance(rows, list):
        raise _unreadable("reply keyboard", 'Field "keyboard" must be of type Array')
    cleaned = [[_reply_button(button) for button in _row(row)] for row in rows]
    return [[button for button in row if button["text"]] for row in cleaned]


def _reply_button(button: Any) -> dict[str, Any]:
    if isinstance(button, str):
        return {"text": button}
    if not isinstance(button, dict):
        raise _unreadable("keyboard button", "Object expected")
    return {**button, "text": str(button.get("text") or "")}
