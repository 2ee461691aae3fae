"""Give a purchase by card back to the card."""

from __future__ import annotations

from bot.actions import Question
from bot.context import Turn
from bot.views import card_refunds as views
from bot.views import messages
from wallet_core.use_cases.refund_card_purchase import refund_card_purchase


async def refund(turn: Turn) -> None:
    """``/refundcard <reference>`` asks for the admin's code; the reference stands on the purchase's message."""
    words = turn.text.split()
    if len(words) != 1:
        await turn.say(messages.usage(turn.words, "/refundcard 0123456789abcdef0123456789abcdef"))
        return
    reference = words[0].lower()[:64]
    await turn.ask_code(Question.CARD_REFUND_CODE, views.purpose(turn.words, reference), reference)


async def code(turn: Turn) -> None:
    """Sets the ITD aside; the worker does the rest."""
    reversal = await refund_card_purchase(turn.ports, turn.caller, turn.argument, turn.text)
    await turn.show(views.begun(turn.words, reversal))
