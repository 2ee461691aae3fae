"""/buy: ITD for coins, or by card."""

from __future__ import annotations

from bot.actions import Action, Question
from bot.context import Turn
from bot.views import confirmations, questions
from wallet_core.domain.kyc import Operation
from wallet_core.use_cases.cancel_intent import cancel_intent
from wallet_core.use_cases.confirm_purchase import confirm_purchase
from wallet_core.use_cases.quote_purchase import quote_purchase
from wallet_core.use_cases.show_coins import show_coins


async def buy(turn: Turn) -> None:
    """``/buy <ITD> <ASSET>`` goes straight to the confirmation; otherwise the coin is chosen by a button."""
    words = turn.text.split(maxsplit=1)
    if len(words) == 2:
        await _offer(turn, *words)
        return
    coins = await show_coins(turn.ports, turn.caller, Operation.PURCHASE)
    heading, not_yet = questions.buy_asset(turn.words), questions.buying_not_yet(turn.words, coins)
    await turn.show(confirmations.asset_choice(turn.words, heading, Action.BUY_ASSET, coins.open, not_yet))


async def asset(turn: Turn) -> None:
    """The coin, or the card, was chosen; asks for the amount."""
    await turn.ask(Question.BUY_AMOUNT, questions.buy_amount(turn.words, turn.argument), turn.argument)


async def amount(turn: Turn) -> None:
    """The amount was written; the coin is known."""
    await _offer(turn, turn.text, turn.argument)


async def confirm(turn: Turn) -> None:
    """Takes the offer; the invoice comes by the outbox."""
    invoice = await confirm_purchase(turn.ports, turn.caller, turn.argument)
    turn.toast = questions.toast_confirmed(turn.words)
    await turn.show(confirmations.invoice_follows(turn.words, invoice.asset))


async def cancel(turn: Turn) -> None:
    """Turns the offer down."""
    await cancel_intent(turn.ports, turn.caller, turn.argument)
    await turn.cancelled(confirmations.purchase_thread(turn.argument))


async def _offer(turn: Turn, amount_text: str, asset_text: str) -> None:
    quote = await quote_purchase(turn.ports, turn.caller, amount_text, asset_text)
    await turn.show(confirmations.purchase(turn.words, quote, turn.ports.settings.itd_price_usd), fresh=True)
