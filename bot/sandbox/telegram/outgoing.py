"""What the bot's messages have in common: reply, protection, keyboard."""

from typing import Any

from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.keyboards import inline_part, read_markup
from bot.sandbox.telegram.parameters import Parameters
from bot.sandbox.telegram.reply_keyboard import set_reply_keyboard
from bot.sandbox.telegram.service import Telegram
from bot.sandbox.telegram.state import Chat, Json


def post(telegram: Telegram, chat: Chat, call: Parameters, content: Json) -> Json:
    """Puts a message of the bot into a chat, with everything that any send call may ask for."""
    markup = read_markup(call)
    message: Json = {"from": telegram.bot, **content}
    reply = reply_target(chat, _reply_parameters(call))
    if reply:
        message["reply_to_message"] = reply
    if call.flag("protect_content"):
        message["has_protected_content"] = True
    if inline_part(markup):
        message["reply_markup"] = inline_part(markup)
    sent = telegram.add_message(chat, message)
    set_reply_keyboard(chat, markup, sent["message_id"])
    return sent


def reply_target(chat: Chat, wanted: Json | None) -> Json | None:
    """The message that is replied to, without its own reply; 400 when it is gone, unless that is allowed."""
    if not wanted:
        return None
    stored = chat.messages.get(int(wanted["message_id"]))
    if stored and not stored.deleted:
        return {key: value for key, value in stored.message.items() if key != "reply_to_message"}
    if wanted.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def _reply_parameters(call: Parameters) -> Json | None:
    parameters: Any = call.structure("reply_parameters")
    if isinstance(parameters, dict) and isinstance(parameters.get("message_id"), int):
        return parameters
    message_id = call.integer("reply_to_message_id")
    if message_id is None:
        return None
    return {"message_id": message_id, "allow_sending_without_reply": call.flag("allow_sending_without_reply")}
