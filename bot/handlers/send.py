"""/send: ITD to another person, whether they have joined or not."""

from __future__ import annotations

from typing import Final

from bot.actions import Action, Question
from bot.context import Turn
from bot.handlers import kyc
from bot.views import confirmations, questions
from bot.views.card import Button, Picker
from bot.views.words import visible
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset, parse_amount
from wallet_core.use_cases.cancel_intent import cancel_intent
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.quote_send import ByLink, Picked, quote_send
from wallet_core.use_cases.recent_recipients import recent_recipients

#: In place of a name; Telegram's usernames have an ``@`` here, so nobody is called like it.
_LINK: Final = "link"


async def send(turn: Turn) -> None:
    """``/send <amount> @name [note]`` goes straight to the confirmation, ``link`` in place of a name makes a link."""
    words = turn.text.split(maxsplit=2)
    if len(words) >= 2:
        await _offer(turn, words[0], ByLink() if words[1].lower() == _LINK else words[1], *words[2:])
    elif words:
        await _ask_recipient(turn, words[0])
    else:
        await turn.ask(Question.SEND_AMOUNT, questions.send_amount(turn.words))


async def amount(turn: Turn) -> None:
    """The amount was written; the recipient may be known from a shared contact."""
    if turn.argument:
        await _offer(turn, turn.text, _picked(turn.argument))
    else:
        await _ask_recipient(turn, turn.text)


async def recipient(turn: Turn) -> None:
    """The recipient was written, or shared as a contact; the amount is known."""
    await _offer(turn, turn.argument, turn.text or _picked(_shared(turn)))


async def to_recent(turn: Turn) -> None:
    """One of the people to whom was sent before was pressed; the amount is known."""
    amount_text, _, picked = turn.argument.partition(" ")
    await turn.forget_question()
    await _offer(turn, amount_text, _picked(picked))


async def by_link(turn: Turn) -> None:
    """The recipient is whoever shows the link; the amount is known."""
    await turn.forget_question()
    await _offer(turn, turn.argument, ByLink())


async def contact(turn: Turn) -> None:
    """A contact was shared out of the blue: asks how much they should get. One's own is meant for one's level."""
    if turn.contact == turn.caller.person:
        await kyc.part(turn)
        return
    await turn.ask(Question.SEND_AMOUNT, questions.send_amount(turn.words), _shared(turn))


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


async def _offer(turn: Turn, amount_text: str, to: str | Picked | ByLink, note: str = "") -> None:
    quote = await quote_send(turn.ports, turn.caller, amount_text, to, note)
    await turn.show(confirmations.send(turn.words, quote, turn.ports.settings.itd_price_usd), fresh=True)


async def _ask_recipient(turn: Turn, amount_text: str) -> None:
    parse_amount(amount_text, Asset.ITD)
    amount_text = amount_text.strip()
    recent = (
        Button(visible(one.name), Action.SEND_TO, f"{amount_text} {one.id} {one.name}")
        for one in await recent_recipients(turn.ports, turn.caller)
    )
    link = Button(questions.by_link(turn.words), Action.SEND_LINK, amount_text)
    picker = Picker(questions.or_choose(turn.words), questions.choose_person(turn.words))
    text = questions.send_recipient(turn.words)
    await turn.ask(Question.SEND_RECIPIENT, text, amount_text, more=(*recent, link), picker=picker)


def _shared(turn: Turn) -> str:
    """The shared contact as a question keeps it. Raises ``Refused(CONTACT_UNKNOWN)``."""
    if not turn.contact:
        raise Refused(Reason.CONTACT_UNKNOWN)
    return f"{turn.contact} {turn.contact_name}"


def _picked(argument: str) -> Picked:
    person, _, name = argument.partition(" ")
    return Picked(int(person), name)
