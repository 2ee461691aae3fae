"""What people see about the bot: commands, descriptions, menu button."""

import json
import re
from typing import Any

from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.parameters import Parameters
from bot.sandbox.telegram.service import Telegram
from bot.sandbox.telegram.state import Chat, Json, State

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
#: Bot API, setMyCommands and BotCommand.
COMMAND_LIMIT = 100
DESCRIPTION_LIMIT = 256
SCOPES_WITH_CHAT = ("chat", "chat_administrators", "chat_member")
SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators", *SCOPES_WITH_CHAT)
#: Bot API, setMyDescription, setMyShortDescription, setMyName.
TEXT_LIMITS = {"description": 512, "short_description": 120, "name": 64}


async def set_my_commands(telegram: Telegram, call: Parameters) -> bool:
    """setMyCommands: replaces the list of one scope and language."""
    commands: Any = call.structure("commands")
    if not isinstance(commands, list) or len(commands) > COMMAND_LIMIT:
        raise bad_request("BOT_COMMANDS_TOO_MUCH" if commands else "can't parse commands: Expected an Array")
    _replace(telegram, call, [_command(command) for command in commands])
    return True


async def delete_my_commands(telegram: Telegram, call: Parameters) -> bool:
    """deleteMyCommands."""
    _replace(telegram, call, [])
    return True


async def get_my_commands(telegram: Telegram, call: Parameters) -> list[Json]:
    """getMyCommands: the list of exactly this scope and language."""
    return _listed(telegram.state, _key(_scope(call), call.text("language_code") or ""))


def commands_for(telegram: Telegram, chat: Chat, language: str) -> list[Json]:
    """The commands that a person sees in a chat (Bot API, "Determining list of commands")."""
    general = "all_private_chats" if chat.is_private else "all_group_chats"
    scopes: list[Json] = [{"type": "chat", "chat_id": chat.info["id"]}, {"type": general}, {"type": "default"}]
    keys = [_key(scope, wanted) for scope in scopes for wanted in (language, "")]
    return next((found for key in keys if (found := _listed(telegram.state, key))), [])


def _listed(state: State, key: str) -> list[Json]:
    return next((entry["commands"] for entry in state.commands if entry["key"] == key), [])


def _replace(telegram: Telegram, call: Parameters, commands: list[Json]) -> None:
    key = _key(_scope(call), call.text("language_code") or "")
    others = [entry for entry in telegram.state.commands if entry["key"] != key]
    telegram.state.commands = [*others, *([{"key": key, "commands": commands}] if commands else [])]
    telegram.changed()


def _scope(call: Parameters) -> Json:
    scope: Any = call.structure("scope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    if scope["type"] in SCOPES_WITH_CHAT and not scope.get("chat_id"):
        raise bad_request("can't parse BotCommandScope: Can't find field \"chat_id\"")
    return scope


def _key(scope: Json, language: str) -> str:
    named: Json = {**scope, "chat_id": str(scope["chat_id"])} if "chat_id" in scope else scope
    return f"{json.dumps(named, sort_keys=True)} {language}"


def _command(command: Any) -> Json:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: Object expected")
    name = str(command.get("command") or "").removeprefix("/")
    description = str(command.get("description") or "").strip()
    if not COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 0 < len(description) <= DESCRIPTION_LIMIT:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


async def set_my_description(telegram: Telegram, call: Parameters) -> bool:
    """setMyDescription: what an empty chat with the bot shows."""
    return _set_text(telegram, call, "description")


async def set_my_short_description(telegram: Telegram, call: Parameters) -> bool:
    """setMyShortDescription."""
    return _set_text(telegram, call, "short_description")


async def set_my_name(telegram: Telegram, call: Parameters) -> bool:
    """setMyName."""
    return _set_text(telegram, call, "name")


async def get_my_description(telegram: Telegram, call: Parameters) -> Json:
    """getMyDescription."""
    return {"description": _text(telegram, call, "description")}


async def get_my_short_description(telegram: Telegram, call: Parameters) -> Json:
    """getMyShortDescription."""
    return {"short_description": _text(telegram, call, "short_description")}


async def get_my_name(telegram: Telegram, call: Parameters) -> Json:
    """getMyName."""
    return {"name": _text(telegram, call, "name") or telegram.bot["first_name"]}


def _set_text(telegram: Telegram, call: Parameters, kind: str) -> bool:
    text = call.text(kind) or ""
    if len(text) > TEXT_LIMITS[kind]:
        raise bad_request(f"{kind.replace('_', ' ')} is too long")
    key = f"{kind}:{call.text('language_code') or ''}"
    if text:
        telegram.state.profile[key] = text
    else:
        telegram.state.profile.pop(key, None)
    telegram.changed()
    return True


def _text(telegram: Telegram, call: Parameters, kind: str) -> str:
    profile = telegram.state.profile
    return profile.get(f"{kind}:{call.text('language_code') or ''}") or profile.get(f"{kind}:", "")


async def set_chat_menu_button(telegram: Telegram, call: Parameters) -> bool:
    """setChatMenuButton, for one private chat or, without a chat, for all."""
    button = call.structure("menu_button") or {"type": "default"}
    if "chat_id" in call:
        telegram.chat_of(call).menu_button = button
    else:
        telegram.state.profile["menu_button:"] = json.dumps(button)
    telegram.snapshot.changed()
    return True


async def get_chat_menu_button(telegram: Telegram, call: Parameters) -> Json:
    """getChatMenuButton."""
    own = telegram.chat_of(call).menu_button if "chat_id" in call else None
    everywhere: Json = json.loads(telegram.state.profile.get("menu_button:", '{"type": "default"}'))
    return own or everywhere
