"""Coins of a purchase go back: the person gives an address, confirms it, and gives a code."""

from __future__ import annotations

from bot.actions import Action, Question
from bot.context import Turn
from bot.views import confirmations, questions
from wallet_core.use_cases.cancel_intent import cancel_intent
from wallet_core.use_cases.quote_refund import quote_refund
from wallet_core.use_cases.request_refund import request_refund
from wallet_core.use_cases.show_refund import show_refund


async def ask_address(turn: Turn) -> None:
    """Asks where the coins should go."""
    refund = await show_refund(turn.ports, turn.caller, turn.argument)
    text = questions.refund_address(turn.words, refund.asset, turn.ports.settings.networks)
    await turn.ask(Question.REFUND_ADDRESS, text, refund.id)


async def address(turn: Turn) -> None:
    """The address was written: shows what would go there."""
    quote = await quote_refund(turn.ports, turn.caller, turn.argument, turn.text)
    await turn.show(confirmations.refund(turn.words, quote, turn.ports.settings.networks), fresh=True)


async def confirm(turn: Turn) -> None:
    """Asks for the code, which sending coins always takes."""
    purpose = questions.to_refund(turn.words)
    await turn.ask_code(Question.REFUND_CODE, purpose, turn.argument, cancel=Action.REFUND_CANCEL)


async def code(turn: Turn) -> None:
    """Requests it; a receipt of its own follows."""
    await request_refund(turn.ports, turn.caller, turn.argument, turn.text)
    thread = confirmations.refund_thread(turn.argument)
    await turn.show(confirmations.refund_follows(turn.words, thread))


async def cancel(turn: Turn) -> None:
    """Turns the offer down; another address may be given."""
    await cancel_intent(turn.ports, turn.caller, turn.argument)
    await turn.cancelled(confirmations.refund_thread(turn.argument))
