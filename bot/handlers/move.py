"""/move: an account goes to another Telegram account, with a recovery code, a code, and a wait that can be ended."""

from __future__ import annotations

from typing import Final

from bot.actions import Question
from bot.context import Turn
from bot.views import messages
from bot.views import moves as views
from wallet_core.use_cases.ask_move import ask_move
from wallet_core.use_cases.begin_move import begin_move
from wallet_core.use_cases.cancel_move import cancel_move
from wallet_core.use_cases.complete_move import complete_move
from wallet_core.use_cases.show_move import show_move

_LONGEST_NUMBER: Final = 17


async def move(turn: Turn) -> None:
    """Shows what is under way; else, in the chat of somebody without a wallet, asks for a recovery code."""
    found = await show_move(turn.ports, turn.caller)
    number = turn.text.strip()
    if found is not None:
        is_owner = found.person == turn.caller.person
        await turn.show(views.status(turn.words, found, await turn.ports.store.now(), is_owner=is_owner))
    elif turn.guards.enrolled:
        await turn.show(views.how_to_move(turn.words, turn.caller.person))
    elif number.isascii() and number.isdecimal() and len(number) <= _LONGEST_NUMBER:
        await turn.ask(Question.MOVE_RECOVERY_CODE, views.recovery_question(turn.words), number)
    else:
        await turn.say(messages.usage(turn.words, "/move 123456789"))


async def recovery_code(turn: Turn) -> None:
    """The recovery code was written: asks for the code of the account's device."""
    begun = await begin_move(turn.ports, turn.caller, turn.chat, int(turn.argument), turn.text)
    await turn.ask_code(Question.MOVE_CODE, views.to_move(turn.words), begun.id)


async def code(turn: Turn) -> None:
    """Both codes were right: the wait begins."""
    asked = await ask_move(turn.ports, turn.caller, turn.argument, turn.text)
    await turn.show(views.status(turn.words, asked, await turn.ports.store.now(), is_owner=False))


async def cancel(turn: Turn) -> None:
    """The account stays where it is; both sides are told by the outbox."""
    await cancel_move(turn.ports, turn.caller, turn.argument)


async def complete(turn: Turn) -> None:
    """The account answers here from now on; what is told comes by the outbox."""
    await complete_move(turn.ports, turn.caller, turn.argument)
