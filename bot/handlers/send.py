"""/send: ITD to another person."""

from __future__ import annotations

from bot.actions import Action, Question
from bot.context import Turn
from bot.handlers import kyc
from bot.views import confirmations, messages, questions
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset, parse_amount
from wallet_core.domain.people import Person
from wallet_core.use_cases.cancel_intent import cancel_intent
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.quote_send import quote_send


async def send(turn: Turn) -> None:
    """``/send <amount> @name`` goes straight to the confirmation; less is asked for."""
    words = turn.text.split()
    if len(words) == 2:
        await _offer(turn, *words)
    elif len(words) == 1:
        await _ask_recipient(turn, words[0])
    elif words:
        await turn.say(messages.usage(turn.words, "/send 5 @name"))
    else:
        await turn.ask(Question.SEND_AMOUNT, questions.send_amount(turn.words))


async def amount(turn: Turn) -> None:
    """The amount was written; the recipient may be known from a shared contact."""
    if turn.argument:
        await _offer(turn, turn.text, turn.argument)
    else:
        await _ask_recipient(turn, turn.text)


async def recipient(turn: Turn) -> None:
    """The recipient was written, or shared as a contact; the amount is known."""
    name = turn.text if turn.contact is None else await _contact_name(turn)
    await _offer(turn, turn.argument, name)


async def contact(turn: Turn) -> None:
    """A contact was shared out of the blue: asks how much they should get. One's own is meant for one's level."""
    if turn.contact == turn.caller.person:
        await kyc.part(turn)
        return
    await turn.ask(Question.SEND_AMOUNT, questions.send_amount(turn.words), await _contact_name(turn))


async def confirm(turn: Turn) -> None:
    """Sends, or asks for the code where the amount takes one. The receipt comes in the card's own place."""
    try:
        await confirm_send(turn.ports, turn.caller, turn.argument)
    except Refused as refused:
        if refused.reason is not Reason.CODE_NEEDED:
            raise
        purpose = questions.to_send(turn.words)
        await turn.ask_code(Question.SEND_CODE, purpose, turn.argument, cancel=Action.SEND_CANCEL)
    else:
        turn.toast = questions.toast_sent(turn.words)


async def code(turn: Turn) -> None:
    """Sends with the code."""
    await confirm_send(turn.ports, turn.caller, turn.argument, turn.text)


async def cancel(turn: Turn) -> None:
    """Turns the offer down."""
    await cancel_intent(turn.ports, turn.caller, turn.argument)
    await turn.cancelled(confirmations.send_thread(turn.argument))


async def _offer(turn: Turn, amount_text: str, recipient_text: str) -> None:
    quote = await quote_send(turn.ports, turn.caller, amount_text, recipient_text)
    await turn.show(confirmations.send(turn.words, quote, turn.ports.settings.itd_price_usd), fresh=True)


async def _ask_recipient(turn: Turn, amount_text: str) -> None:
    parse_amount(amount_text, Asset.ITD)
    await turn.ask(Question.SEND_RECIPIENT, questions.send_recipient(turn.words), amount_text)


async def _contact_name(turn: Turn) -> str:
    person = await turn.ports.store.get(Person, turn.contact)
    if person is None or person.username is None:
        raise Refused(Reason.UNKNOWN_RECIPIENT, recipient=turn.text)
    return f"@{person.username}"
