"""/receive: how others pay a person, and requests for an amount by a link; /requests lists them."""

from __future__ import annotations

from datetime import timedelta

from bot.actions import Question
from bot.context import Turn
from bot.start_links import PAY, REQUEST, start_link
from bot.views import confirmations, questions
from bot.views import requests as views
from wallet_core.domain.errors import AlreadyDone
from wallet_core.domain.money import Asset, parse_amount
from wallet_core.domain.payment_request import Payers, PaymentRequest, RequestState, request_message
from wallet_core.use_cases.cancel_request import cancel_request
from wallet_core.use_cases.open_pay_link import open_pay_link
from wallet_core.use_cases.open_request import open_request
from wallet_core.use_cases.quote_request import quote_request
from wallet_core.use_cases.remind_payers import remind_payers
from wallet_core.use_cases.request_payment import request_payment
from wallet_core.use_cases.show_receive import show_receive
from wallet_core.use_cases.show_request import show_request
from wallet_core.use_cases.show_requests import show_requests


async def receive(turn: Turn) -> None:
    """``/receive 20 dinner`` asks for an amount; alone it shows one's own link."""
    if turn.text:
        await _from_whom(turn, turn.text)
        return
    sheet = await show_receive(turn.ports, turn.caller)
    link = start_link(turn.chats.bot.username, PAY, sheet.parameter)
    await turn.show(views.receive(turn.words, sheet, link), fresh=True)


async def ask_amount(turn: Turn) -> None:
    """Asks for the amount and what it is for."""
    await turn.ask(Question.REQUEST_AMOUNT, views.amount_question(turn.words))


async def amount(turn: Turn) -> None:
    """Amount and note were written."""
    await _from_whom(turn, turn.text)


async def any_amount(turn: Turn) -> None:
    """Everybody pays what they like."""
    await turn.show(views.payers_question(turn.words, turn.argument))


async def until(turn: Turn) -> None:
    """It is known from whom; asks for how long."""
    await turn.show(views.lifetime_question(turn.words, turn.argument))


async def make(turn: Turn) -> None:
    """Everything is known. The card with the link comes by the outbox."""
    days, from_, amount_text, *note = turn.argument.split(maxsplit=3)
    await request_payment(
        turn.ports,
        turn.caller,
        "" if amount_text == views.ANY else amount_text,
        Payers(from_),
        note="".join(note),
        lifetime=timedelta(days=int(days)),
    )


async def requests(turn: Turn) -> None:
    """Lists one's own requests."""
    found, more = await show_requests(turn.ports, turn.caller, turn.page)
    await turn.show(views.listed(turn.words, found, turn.page, has_more=more))


async def one(turn: Turn) -> None:
    """Shows one of them, with its link while it can be paid."""
    await _show(turn, await show_request(turn.ports, turn.caller, turn.argument))


async def remind(turn: Turn) -> None:
    """Reminds those who opened it and have not paid."""
    turn.toast = views.reminded(turn.words, await remind_payers(turn.ports, turn.caller, turn.argument))


async def cancel(turn: Turn) -> None:
    """Takes it back."""
    try:
        await cancel_request(turn.ports, turn.caller, turn.argument)
    except AlreadyDone as done:
        if not isinstance(done.result, PaymentRequest):
            raise
    turn.toast = views.toast_cancelled(turn.words)


async def by_link(turn: Turn, request_id: str) -> None:
    """Somebody opened the link of a request."""
    found = await open_request(turn.ports, turn.caller, request_id)
    await turn.show(views.asked(turn.words, found, turn.caller.person))


async def pay_person(turn: Turn, parameter: str) -> None:
    """Somebody opened a person's own link: asks how much they want to pay."""
    payee = await open_pay_link(turn.ports, turn.caller, parameter)
    question = questions.send_amount_to(turn.words, payee)
    await turn.ask(Question.SEND_AMOUNT, question, f"{payee.id} {payee.name.replace('|', ' ')}")


async def pay(turn: Turn) -> None:
    """Offers to pay all that is left."""
    await _offer(turn, turn.argument)


async def ask_part(turn: Turn) -> None:
    """Asks how much of it shall be paid."""
    await turn.ask(Question.REQUEST_PART, views.part_question(turn.words), turn.argument)


async def part(turn: Turn) -> None:
    """Offers to pay so much of it."""
    await _offer(turn, turn.argument, turn.text)


async def _offer(turn: Turn, request_id: str, amount_text: str = "") -> None:
    quote = await quote_request(turn.ports, turn.caller, request_id, amount_text)
    await turn.show(confirmations.send(turn.words, quote, turn.ports.settings.itd_price_usd), fresh=True)


async def _from_whom(turn: Turn, typed: str) -> None:
    """Raises ``Refused(BAD_AMOUNT)`` at once; whatever else is wrong is refused when all is known."""
    parse_amount(typed.split(maxsplit=1)[0], Asset.ITD)
    await turn.show(views.payers_question(turn.words, " ".join(typed.split())))


async def _show(turn: Turn, found: PaymentRequest) -> None:
    link = start_link(turn.chats.bot.username, REQUEST, found.id) if found.state is RequestState.OPEN else ""
    await turn.show(views.request(turn.words, request_message(found).facts, link))
