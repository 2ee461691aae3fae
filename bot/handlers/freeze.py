"""/freeze stops everything that leaves, at once; /unfreeze takes a code."""

from __future__ import annotations

from bot.actions import Question
from bot.context import Turn
from bot.views import messages, questions
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.unfreeze import unfreeze


async def freeze_now(turn: Turn) -> None:
    """Freezes without asking back: whoever types this is in a hurry."""
    await freeze(turn.ports, turn.caller)
    await turn.show(messages.frozen(turn.words))


async def ask_freeze(turn: Turn) -> None:
    """Asks before freezing by a button."""
    await turn.show(messages.freeze_question(turn.words))


async def ask_unfreeze(turn: Turn) -> None:
    """Asks for the code."""
    await turn.ask_code(Question.UNFREEZE_CODE, questions.to_unfreeze(turn.words))


async def unfreeze_code(turn: Turn) -> None:
    """Ends the freeze, at once or after a while."""
    until = await unfreeze(turn.ports, turn.caller, turn.text)
    await turn.show(messages.thawing(turn.words, until))
