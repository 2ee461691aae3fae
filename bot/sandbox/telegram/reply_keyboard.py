"""The keys below a chat's input field: which are there, and what comes of the one that chooses people."""

from typing import Any

from bot.sandbox.telegram.errors import ApiError
from bot.sandbox.telegram.state import Chat, Json

#: What of a person is told, and by which wish of the button (Bot API, KeyboardButtonRequestUsers).
_TOLD = {"first_name": "request_name", "last_name": "request_name", "username": "request_username"}


def set_reply_keyboard(chat: Chat, markup: Json | None, message_id: int) -> None:
    """A message brings a keyboard, or takes it away."""
    if markup and "keyboard" in markup:
        chat.keyboard, chat.keyboard_from = markup, message_id
    elif markup and markup.get("remove_keyboard"):
        chat.keyboard, chat.keyboard_from = None, None


def forget_reply_keyboard(chat: Chat, message_id: int) -> None:
    """The message was deleted that brought the keyboard: it goes with it, as in Telegram's own library (TDLib)."""
    if chat.keyboard_from == message_id:
        chat.keyboard, chat.keyboard_from = None, None


def chosen_people(chat: Chat, shared: Json) -> Json:
    """The people that were chosen, as far as the key wanted to know them; a key for one use is gone then.

    400 when there is no such key, or for more people than it takes.
    """
    wish = next((one for one in _wishes(chat) if one.get("request_id") == shared["request_id"]), None)
    if wish is None:
        raise ApiError(400, "no key of this chat asks for that")
    if not 0 < len(shared["users"]) <= int(wish.get("max_quantity") or 1):
        raise ApiError(400, "this key does not take so many people")
    if chat.keyboard and chat.keyboard.get("one_time_keyboard"):
        chat.keyboard, chat.keyboard_from = None, None
    users = [
        {key: user[key] for key in user if wish.get(_TOLD.get(key, "")) or key == "user_id"} for user in shared["users"]
    ]
    return {**shared, "users": users}


def _wishes(chat: Chat) -> list[dict[str, Any]]:
    rows = (chat.keyboard or {}).get("keyboard", [])
    return [button["request_users"] for row in rows for button in row if isinstance(button.get("request_users"), dict)]
