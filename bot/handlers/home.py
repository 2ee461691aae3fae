"""The home card, help, and what the bot did not understand."""

from __future__ import annotations

from bot.context import Turn
from bot.views import messages
from wallet_core.use_cases.show_balance import show_balance
from wallet_core.use_cases.show_service import show_service


async def home(turn: Turn) -> None:
    """Shows the menu: in place, or below a receipt that should stay."""
    sheet, service = await show_balance(turn.ports, turn.caller), await show_service(turn.ports, turn.caller)
    freeze = turn.guards.freeze(await turn.ports.store.now())
    card = messages.home(turn.words, sheet, turn.guards, freeze=freeze, service=service)
    await turn.show(card, fresh=turn.argument == "below")


async def help_card(turn: Turn) -> None:
    """Shows every command."""
    await turn.show(messages.help_card(turn.words, turn.guards.role))


async def not_understood(turn: Turn) -> None:
    """Answers an unknown command, a text that nothing waited for, a file, a sticker."""
    await turn.show(messages.not_understood(turn.words))


async def stray_code(turn: Turn) -> None:
    """Answers a code that nothing waited for; it was deleted already."""
    await turn.say(messages.stray_code(turn.words))


async def cancel_question(turn: Turn) -> None:
    """Ends a question without an answer."""
    await turn.forget_question()
    await turn.show(messages.question_cancelled(turn.words), fresh=True)
