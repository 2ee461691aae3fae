"""/payment: where a payment stands."""

from __future__ import annotations

from bot.actions import Question
from bot.context import Turn
from bot.views import payments as views
from wallet_core.use_cases.find_payment import find_payment


async def payment(turn: Turn) -> None:
    """``/payment <transaction>`` looks it up; without one it is asked for."""
    if turn.text.strip():
        await look_up(turn)
    else:
        await turn.ask(Question.PAYMENT_ID, views.question(turn.words))


async def look_up(turn: Turn) -> None:
    """Shows what is known of the caller's own payment."""
    found = await find_payment(turn.ports, turn.caller, turn.text)
    await turn.show(views.found(turn.words, found))


async def look_again(turn: Turn) -> None:
    """Shows how it stands now: below the purchase whose button asked, or in the answer's own place."""
    found = await find_payment(turn.ports, turn.caller, turn.argument)
    is_of_purchase = turn.tap is not None and turn.tap.thread is not None
    await turn.show(views.found(turn.words, found), fresh=is_of_purchase)
