"""Asking for money: how others pay a person, the card of a request, and what a payer reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, Picture, Row
from bot.views.claims import note_line
from bot.views.confirmations import person_named
from bot.views.words import Html, Words
from wallet_core.domain.payment_request import Payers, PaymentRequest, RequestState
from wallet_core.use_cases.show_receive import ReceiveSheet

Facts = Mapping[str, Any]
#: Payers that a card names; of more it tells how many there are.
_NAMED: Final = 10
#: What can be chosen, in days.
LIFETIMES: Final = (1, 7, 30)
#: An open amount, where a button has to say one.
ANY: Final = "any"


def receive(_: Words, sheet: ReceiveSheet, link: str) -> Card:
    """One's own name, number and link, with the link as a picture."""
    username = f" @{sheet.username}" if sheet.username else ""
    lines = (
        _.bold(_("Receive ITD")),
        _("You are {name}.", name=person_named(_, sheet.name, sheet.person, username)),
        _("Whoever opens your link pays you, and types how much:"),
        _.code(link),
        _("To ask for an amount, with what it is for: /receive 20 dinner"),
    )
    rows = (
        (Button(_("Copy the link"), copies=link),),
        (
            Button(_("Ask for an amount"), Action.REQUEST_ASK),
            Button(_("Any amount"), Action.REQUEST_FROM, ANY),
        ),
        (Button(_("My requests"), Action.REQUESTS), Button(_("Home"), Action.HOME)),
    )
    return Card("\n".join(lines), rows, picture=Picture(link, _("Scan this to pay me.")))


def amount_question(_: Words) -> Html:
    """How much to ask for."""
    return _("How much do you ask for? Write an amount and, if you like, what it is for: 20 dinner")


def payers_question(_: Words, typed: str) -> Card:
    """From one, or from several. ``typed``: amount and note."""
    rows = (
        (
            Button(_("From one person"), Action.REQUEST_UNTIL, f"{Payers.ONE} {typed}"),
            Button(_("From several"), Action.REQUEST_UNTIL, f"{Payers.MANY} {typed}"),
        ),
        keyboards.home(_),
    )
    text = _(
        "Who shall pay it? From one person: whoever pays first is the only one, also in parts. From several: each "
        "pays the whole amount."
    )
    return Card(text, rows)


def lifetime_question(_: Words, typed: str) -> Card:
    """Until when it can be paid. ``typed``: from whom, amount and note."""
    choices: Row = tuple(
        Button(_.plural("{count} day", "{count} days", days), Action.REQUEST_MAKE, f"{days} {typed}")
        for days in LIFETIMES
    )
    return Card(_("For how long can it be paid?"), (choices, keyboards.home(_)))


def request(_: Words, facts: Facts, link: str = "") -> Card:
    """The requester's card. ``link``: the whole address, while it can be paid."""
    state = RequestState(facts["state"])
    lines = (
        _.bold(_heading(_, facts, state)),
        _("From one person") if facts["from_"] == Payers.ONE else _("From several people"),
        note_line(_, facts),
        *_paid_lines(_, facts),
        *([_("Until {until}", until=_.moment(facts["expires_at"]))] if state is RequestState.OPEN else []),
        *([_("Give this link to whoever shall pay:"), _.code(link)] if link else []),
    )
    picture = Picture(link, _("Scan this to pay.")) if link else None
    return Card("\n".join(line for line in lines if line), _rows(_, facts, state, link), picture=picture)


def asked(_: Words, found: PaymentRequest, person: int) -> Card:
    """What somebody reads who opened the link."""
    left_minor = found.left_for(person)
    facts = {"note": found.note}
    lines = (
        _.bold(
            _("You are asked for {amount}", amount=_.amount(left_minor)) if left_minor else _("You are asked to pay")
        ),
        _("By: {name}", name=person_named(_, found.name, found.person)),
        note_line(_, facts),
        *([_("You paid {amount} of it.", amount=_.amount(found.paid_by(person)))] if found.paid_by(person) else []),
        _("It can be paid until {until}.", until=_.moment(found.expires_at)),
    )
    return Card("\n".join(line for line in lines if line), _pay_rows(_, found.id, left_minor))


def reminder(_: Words, facts: Facts) -> Card:
    """Somebody is reminded of what they opened and have not paid."""
    left_minor = facts["left_minor"]
    lines = (
        _.bold(_("Reminder: {amount}", amount=_.amount(left_minor)) if left_minor else _("Reminder of a payment")),
        _("By: {name}", name=person_named(_, str(facts["name"]), facts["person"])),
        note_line(_, facts),
        _("It can be paid until {until}.", until=_.moment(facts["expires_at"])),
    )
    return Card("\n".join(line for line in lines if line), _pay_rows(_, str(facts["id"]), left_minor))


def part_question(_: Words) -> Html:
    """How much of it to pay."""
    return _("How much do you want to pay? Write an amount such as 12.5.")


def listed(_: Words, found: Sequence[PaymentRequest], page: int, *, has_more: bool) -> Card:
    """A page of one's own requests."""
    lines: list[str] = [_.bold(_("Your requests"))]
    lines += [_line(_, one) for one in found] or [_("You have asked for nothing yet. Send /receive to begin.")]
    buttons: list[Row] = [(Button(_short(_, one), Action.REQUEST, one.id),) for one in found]
    turning = keyboards.pages(_, Action.REQUESTS, page, has_more=has_more)
    return Card("\n".join(lines), (*buttons, *turning, keyboards.home(_)))


def reminded(_: Words, count: int) -> str:
    """How many were reminded."""
    return _.plural("{count} person reminded", "{count} people reminded", count)


def toast_cancelled(_: Words) -> str:
    """The request was taken back."""
    return _("Cancelled")


def _heading(_: Words, facts: Facts, state: RequestState) -> str:
    amount = _amount(_, facts["amount_minor"])
    if state is RequestState.PAID:
        return _("Paid: {amount}", amount=_.amount(facts["paid_minor"]))
    if state is RequestState.CANCELLED:
        return _("Cancelled: you asked for {amount}", amount=amount)
    return _("You ask for {amount}", amount=amount)


def _amount(_: Words, minor: int) -> str:
    return _.amount(minor) if minor else _("any amount")


def _paid_lines(_: Words, facts: Facts) -> list[str]:
    payers = [payer for payer in facts["payers"] if payer["paid_minor"]]
    lines: list[str] = [_("Paid so far: {amount}", amount=_.amount(facts["paid_minor"]))] if payers else []
    for payer in payers[:_NAMED]:
        name = person_named(_, payer["name"], payer["person"])
        lines.append(_("{name}: {amount}", name=name, amount=_.amount(payer["paid_minor"])))
    if len(payers) > _NAMED:
        lines.append(_.plural("and {count} more", "and {count} more", len(payers) - _NAMED))
    waiting = len(facts["payers"]) - len(payers)
    if waiting and facts["state"] == RequestState.OPEN:
        lines.append(_.plural("{count} has opened it and not paid", "{count} have opened it and not paid", waiting))
    return lines


def _rows(_: Words, facts: Facts, state: RequestState, link: str) -> tuple[Row, ...]:
    home: Row = (Button(_("Home"), Action.HOME, "below"),)
    if state is not RequestState.OPEN:
        return (home,)
    copy = (Button(_("Copy the link"), copies=link),) if link else ()
    steer = (
        Button(_("Remind"), Action.REQUEST_REMIND, str(facts["id"])),
        Button(_("Cancel"), Action.REQUEST_CANCEL, str(facts["id"])),
    )
    return (*((copy,) if copy else ()), steer, home)


def _pay_rows(_: Words, request_id: str, left_minor: int) -> tuple[Row, ...]:
    if not left_minor:
        return ((Button(_("Choose an amount"), Action.REQUEST_PART, request_id),), keyboards.home(_))
    pay = Button(_("Pay {amount}", amount=_.amount(left_minor)), Action.REQUEST_PAY, request_id)
    return ((pay, Button(_("Pay a part"), Action.REQUEST_PART, request_id)), keyboards.home(_))


def _line(_: Words, one: PaymentRequest) -> str:
    states = {
        RequestState.OPEN: _("open"),
        RequestState.PAID: _("paid"),
        RequestState.CANCELLED: _("cancelled"),
    }
    paid = _.amount(one.paid_minor)
    line = _("{amount}, {state}, paid {paid}", amount=_amount(_, one.amount_minor), state=states[one.state], paid=paid)
    return f"{line}, {_.name(one.note)}" if one.note else line


def _short(_: Words, one: PaymentRequest) -> str:
    return f"{_amount(_, one.amount_minor)} {one.note}"[:40]
