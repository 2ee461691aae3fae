"""/withdraw: ITD paid out in coins."""

from __future__ import annotations

from bot.actions import Action, Question
from bot.context import Turn
from bot.views import confirmations, messages, questions
from wallet_core.domain.kyc import Operation
from wallet_core.domain.money import Asset, parse_amount
from wallet_core.use_cases.cancel_intent import cancel_intent
from wallet_core.use_cases.cancel_withdrawal import cancel_withdrawal
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.show_coins import show_coins


async def withdraw(turn: Turn) -> None:
    """``/withdraw <ITD> <coin> <address>`` goes straight to the confirmation; otherwise it is asked piece by piece."""
    words = turn.text.split()
    if len(words) == 3:
        await _offer(turn, *words)
    elif words:
        await turn.say(messages.usage(turn.words, "/withdraw 50 ETH 0x…"))
    else:
        await _choose(turn)


async def asset(turn: Turn) -> None:
    """The coin was chosen; asks for the amount."""
    await turn.ask(Question.WITHDRAW_AMOUNT, questions.withdraw_amount(turn.words, turn.argument), turn.argument)


async def amount(turn: Turn) -> None:
    """The amount was written; asks for the address."""
    parse_amount(turn.text, Asset.ITD)
    text = questions.withdraw_address(turn.words, Asset(turn.argument), turn.ports.settings.networks)
    await turn.ask(Question.WITHDRAW_ADDRESS, text, f"{turn.text} {turn.argument}")


async def address(turn: Turn) -> None:
    """The address was written; amount and coin are known."""
    amount_text, asset_text = turn.argument.split()
    await _offer(turn, amount_text, asset_text, turn.text)


async def confirm(turn: Turn) -> None:
    """Asks for the code, which a withdrawal always takes."""
    purpose = questions.to_withdraw(turn.words)
    await turn.ask_code(Question.WITHDRAW_CODE, purpose, turn.argument, cancel=Action.WITHDRAW_CANCEL)


async def code(turn: Turn) -> None:
    """Requests the withdrawal; its receipt comes in the card's own place."""
    await request_withdrawal(turn.ports, turn.caller, turn.argument, turn.text)


async def cancel(turn: Turn) -> None:
    """Turns the offer down."""
    await cancel_intent(turn.ports, turn.caller, turn.argument)
    await turn.cancelled(confirmations.withdrawal_thread(turn.argument))


async def stop(turn: Turn) -> None:
    """Takes a requested withdrawal back; its receipt tells."""
    await cancel_withdrawal(turn.ports, turn.caller, turn.argument)
    turn.toast = questions.toast_cancelled(turn.words)


async def _choose(turn: Turn) -> None:
    coins = await show_coins(turn.ports, turn.caller, Operation.PAYOUT)
    heading, not_yet = questions.withdraw_asset(turn.words), questions.paying_out_not_yet(turn.words, coins)
    await turn.show(confirmations.asset_choice(turn.words, heading, Action.WITHDRAW_ASSET, coins.open, not_yet))


async def _offer(turn: Turn, amount_text: str, asset_text: str, address_text: str) -> None:
    quote = await quote_withdrawal(turn.ports, turn.caller, amount_text, asset_text, address_text)
    settings = turn.ports.settings
    card = confirmations.withdrawal(turn.words, quote, settings.itd_price_usd, settings.networks)
    await turn.show(card, fresh=True)
