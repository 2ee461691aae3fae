"""Payments between people, wherever they are asked for: the routes that ``bot.app`` takes into its list."""

from __future__ import annotations

from typing import Final

from bot.actions import Action, Question
from bot.handlers import claims, offers, recurring, requests, send, tips
from bot.routes import (
    CHOSEN,
    CONTACT,
    PRESSED,
    TIP,
    TYPED,
    Kind,
    Route,
    answer,
    code,
    command,
    does,
    shows,
)
from wallet_core.domain.errors import Reason
from wallet_core.domain.people import Access

_AMOUNT: Final = frozenset({Reason.BAD_AMOUNT, Reason.BELOW_MINIMUM, Reason.INSUFFICIENT_FUNDS, Reason.LIMIT_AMOUNT})
_NAME: Final = frozenset({Reason.UNKNOWN_RECIPIENT, Reason.CONTACT_UNKNOWN, Reason.RECIPIENT_IS_SELF})

SENDING_ROUTES: Final[tuple[Route, ...]] = (
    command("send", send.send),
    shows(Action.SEND, send.send),
    Route(Kind.MESSAGE, CONTACT, send.contact),
    answer(Question.SEND_AMOUNT, send.amount, _AMOUNT),
    Route(Kind.ANSWER, Question.SEND_RECIPIENT, send.recipient, mends=_NAME, takes_contact=True, takes_person=True),
    does(Action.SEND_CONFIRM, send.confirm),
    does(Action.SEND_CANCEL, send.cancel),
    code(Question.SEND_CODE, send.code),
    shows(Action.SEND_LINK, send.by_link),
    shows(Action.SEND_TO, send.to_recent),
    command("tip", tips.how),
    Route(Kind.GROUP, TIP, tips.tip, Access.ANYONE),
    Route(Kind.INLINE, TYPED, offers.typed, Access.ANYONE),
    Route(Kind.INLINE, CHOSEN, offers.chosen, Access.ANYONE),
    Route(Kind.INLINE, PRESSED, offers.pressed, Access.ANYONE),
    code(Question.OFFER_CODE, offers.code),
    shows(Action.OFFER_CANCEL, offers.cancel),
    command("recurring", recurring.recurring),
    shows(Action.RECURRING_SENDS, recurring.recurring),
    shows(Action.RECURRING, recurring.one),
    shows(Action.RECURRING_NEW, recurring.ask_what),
    answer(Question.RECURRING_WHAT, recurring.what, _AMOUNT | _NAME),
    shows(Action.RECURRING_WHEN, recurring.chosen),
    answer(Question.RECURRING_WHEN, recurring.when, frozenset({Reason.BAD_RULE})),
    does(Action.RECURRING_CONFIRM, recurring.confirm),
    code(Question.RECURRING_CODE, recurring.code),
    does(Action.RECURRING_PAUSE, recurring.pause),
    does(Action.RECURRING_RESUME, recurring.resume),
    does(Action.RECURRING_SKIP, recurring.skip),
    does(Action.RECURRING_END, recurring.end),
    command("receive", requests.receive),
    shows(Action.RECEIVE, requests.receive),
    shows(Action.REQUEST_ASK, requests.ask_amount),
    answer(Question.REQUEST_AMOUNT, requests.amount, _AMOUNT),
    shows(Action.REQUEST_FROM, requests.any_amount),
    shows(Action.REQUEST_UNTIL, requests.until),
    does(Action.REQUEST_MAKE, requests.make),
    command("requests", requests.requests),
    shows(Action.REQUESTS, requests.requests),
    shows(Action.REQUEST, requests.one),
    shows(Action.REQUEST_REMIND, requests.remind),
    does(Action.REQUEST_CANCEL, requests.cancel),
    shows(Action.REQUEST_PAY, requests.pay),
    shows(Action.REQUEST_PART, requests.ask_part),
    answer(Question.REQUEST_PART, requests.part, _AMOUNT),
    command("claims", claims.claims),
    shows(Action.CLAIMS, claims.claims),
    does(Action.CLAIM, claims.claim),
    does(Action.CLAIM_ACCEPT, claims.accept),
    does(Action.CLAIM_REFUSE, claims.refuse),
    does(Action.CLAIM_TAKE_BACK, claims.take_back),
)
