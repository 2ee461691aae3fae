"""/settings: the language."""

from __future__ import annotations

from bot.commands import show_admin_commands
from bot.context import Turn
from bot.views import messages
from bot.views.words import known_language, words_for


async def settings(turn: Turn) -> None:
    """Shows the settings."""
    await turn.show(messages.settings(turn.words, turn.caller.person))


async def language(turn: Turn) -> None:
    """Speaks another language from now on."""
    chosen = known_language(turn.argument)
    await turn.speak(chosen)
    await turn.show(messages.settings(words_for(chosen), turn.caller.person))
    if turn.guards.role:
        await show_admin_commands(turn.chats.bot, words_for(chosen), turn.chat, turn.guards.role)
