"""The menu of commands, in each language; admins see more. A menu only decorates: every call is checked."""

from __future__ import annotations

from typing import Final

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.views.command_words import COMMANDS, command_meaning, commands_for
from bot.views.words import DEFAULT_LANGUAGE, LANGUAGES, Words, words_for
from wallet_core.domain.account_move import MoveState
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.guards import Guards
from wallet_core.domain.people import Access, Person, Role
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import admins_reaching, role_of
from wallet_core.use_cases.identities import telegram_of

_IN_GROUPS: Final = ("tip",)
_LOG: Final = structlog.get_logger("bot")


async def announce(bot: Bot, ports: Ports) -> None:
    """Sets everybody's menu, and that of those who are admins now."""
    try:
        for language in LANGUAGES:
            code = None if language == DEFAULT_LANGUAGE else language
            menu = _menu(words_for(language), COMMANDS)
            await bot.set_my_commands(menu, BotCommandScopeAllPrivateChats(), language_code=code)
            in_groups = _menu(words_for(language), _IN_GROUPS)
            await bot.set_my_commands(in_groups, BotCommandScopeAllGroupChats(), language_code=code)
        for admin in await admins_reaching(ports.store, ports.vault, Access.SUPPORT):
            person = await ports.store.get(Person, admin.id)
            words = words_for(person.language if person else None)
            chat = await telegram_of(ports, admin.id)
            await show_admin_commands(bot, words, chat, admin.role)
    except TelegramError as error:
        _LOG.warning("menu_not_set", error=str(error))


async def follow_role(bot: Bot, words: Words, message: OutboxMessage, chat: int) -> None:
    """Whoever was told of a new role of theirs sees its commands, and whoever has none any more sees everybody's."""
    if message.template != "role_changed" or message.facts["person"] != message.person:
        return
    role = message.facts.get("role")
    await (show_admin_commands(bot, words, chat, Role(role)) if role else _show_everybodys(bot, chat))


async def follow_move(bot: Bot, ports: Ports, words: Words, message: OutboxMessage, chat: int) -> None:
    """An admin's menu goes with the account to the chat that it moves to, and out of the one that it left."""
    if message.template == "account_moved_away":
        await _show_everybodys(bot, chat)
    elif message.template == "account_move" and message.facts["is_owner"] and message.facts["state"] == MoveState.DONE:
        guards = await ports.store.get(Guards, message.person)
        role = await role_of(ports, guards) if guards else None
        if role:
            await show_admin_commands(bot, words, chat, role)


async def _show_everybodys(bot: Bot, chat: int) -> None:
    try:
        await bot.delete_my_commands(BotCommandScopeChat(chat))
    except TelegramError as error:
        _LOG.info("menu_not_set", chat=chat, error=str(error))


async def show_admin_commands(bot: Bot, words: Words, chat: int, role: Role | None) -> None:
    """Puts the commands of an admin into their chat's menu; somebody who never wrote to the bot has none."""
    try:
        await bot.set_my_commands(_menu(words, commands_for(role)), BotCommandScopeChat(chat))
    except TelegramError as error:
        _LOG.info("menu_not_set", chat=chat, error=str(error))


def _menu(words: Words, commands: tuple[str, ...]) -> list[BotCommand]:
    return [BotCommand(command, command_meaning(words, command)) for command in commands]
