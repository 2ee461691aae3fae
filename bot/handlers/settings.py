"""/settings: the language, and the time zone."""

from __future__ import annotations

from bot.commands import show_admin_commands
from bot.context import Turn
from bot.views import messages
from bot.views.words import known_language, words_for
from wallet_core.use_cases.set_zone import set_zone


async def settings(turn: Turn) -> None:
    """Shows the settings."""
    await turn.show(messages.settings(turn.words, turn.caller.person, turn.zone))


async def zone(turn: Turn) -> None:
    """``/zone Europe/Berlin``: by which clock the person lives."""
    chosen = await set_zone(turn.ports, turn.caller, turn.text)
    await turn.show(messages.settings(turn.words, turn.caller.person, chosen))


async def language(turn: Turn) -> None:
    """Speaks another language from now on."""
    chosen = known_language(turn.argument)
    await turn.speak(chosen)
    await turn.show(messages.settings(words_for(chosen), turn.caller.person, turn.zone))
    if turn.guards.role:
        await show_admin_commands(turn.chats.bot, words_for(chosen), turn.chat, turn.guards.role)
