"""Every Bot API method that the server knows, by name."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox.telegram.methods import editing, lookups, polling, profile, sending
from bot.sandbox.telegram.parameters import Parameters
from bot.sandbox.telegram.service import Telegram

Method = Callable[[Telegram, Parameters], Awaitable[Any]]

METHODS: dict[str, Method] = {
    "getMe": polling.get_me,
    "getUpdates": polling.get_updates,
    "setWebhook": polling.set_webhook,
    "deleteWebhook": polling.delete_webhook,
    "getWebhookInfo": polling.get_webhook_info,
    "close": polling.confirm,
    "logOut": polling.confirm,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendDocument": sending.send_document,
    "copyMessage": sending.copy_message,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "editMessageMedia": editing.edit_message_media,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "answerCallbackQuery": lookups.answer_callback_query,
    "answerInlineQuery": lookups.answer_inline_query,
    "getChat": lookups.get_chat,
    "getChatMember": lookups.get_chat_member,
    "getChatAdministrators": lookups.get_chat_administrators,
    "getChatMemberCount": lookups.get_chat_member_count,
    "getFile": lookups.get_file,
    "pinChatMessage": lookups.pin_chat_message,
    "unpinChatMessage": lookups.unpin_chat_message,
    "unpinAllChatMessages": lookups.unpin_all_chat_messages,
    "setMyCommands": profile.set_my_commands,
    "getMyCommands": profile.get_my_commands,
    "deleteMyCommands": profile.delete_my_commands,
    "setMyDescription": profile.set_my_description,
    "getMyDescription": profile.get_my_description,
    "setMyShortDescription": profile.set_my_short_description,
    "getMyShortDescription": profile.get_my_short_description,
    "setMyName": profile.set_my_name,
    "getMyName": profile.get_my_name,
    "setChatMenuButton": profile.set_chat_menu_button,
    "getChatMenuButton": profile.get_chat_menu_button,
}
#: Telegram does not care for the case of a method's name.
BY_LOWER_NAME = {name.lower(): (name, method) for name, method in METHODS.items()}
