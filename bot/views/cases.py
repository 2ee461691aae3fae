"""The desk's cases: whose money, how much, what happened, and what each button does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card
from bot.views.words import Html, Words
from wallet_core.domain.case import Case, CaseChoice, CaseKind, CaseState
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.use_cases.case_row import CaseRow
from wallet_core.use_cases.show_cases import CasesPage

Facts = Mapping[str, Any]
Teller = Callable[[Words, Facts], Html]

#: A card has room for so many payments.
_MOST_PAYMENTS: Final = 5


def notice(_: Words, facts: Facts) -> Card:
    """What finance admins are told when a case opens, and in its place how it goes on."""
    state, choice = CaseState(facts["state"]), facts.get("choice")
    lines = (
        _.bold(_("A case needs a decision") if state is CaseState.OPEN else _("A case at the desk")),
        _("Person: {id}", id=_.ltr(str(facts["person"]))),
        what_happened(_, facts),
        *(_("Payment: {id}", id=_.code(payment)) for payment in facts["payments"][:_MOST_PAYMENTS]),
        _("Reference: {id}", id=_.code(str(facts["id"]))),
        _stands(_, state, CaseChoice(choice) if choice else None),
        _decided_by(_, facts.get("decided_by"), None),
    )
    row = (Button(_("Open the case"), Action.CASE, facts["id"]), Button(_("All cases"), Action.CASES, "1"))
    return Card("\n".join(line for line in lines if line), (row,))


def cases(_: Words, page: CasesPage) -> Card:
    """The cases that are not over, each with a button that opens it."""
    blocks = [_block(_, number, row) for number, row in enumerate(page.rows, 1)] or [_("No case is open.")]
    heading = _.bold(_("Cases, page {page}", page=page.number))
    numbers = tuple(Button(str(number), Action.CASE, row.case.id) for number, row in enumerate(page.rows, 1))
    turn = keyboards.pages(_, Action.CASES, page.number, has_more=page.has_more)
    rows = (*((numbers,) if numbers else ()), *turn, keyboards.back(_, Action.DESK))
    return Card("\n\n".join((heading, *blocks)), rows)


def case(_: Words, row: CaseRow) -> Card:
    """One case with everything that is known of it, and what may be decided now."""
    it, invoice = row.case, row.invoice
    lines = (
        _.bold(_("Case {id}", id=_.code(it.id))),
        _("Person: {name}", name=_person(_, it.person, row.name)),
        what_happened(_, it.document()),
        _worth(_, row),
        *_payments(_, row),
        _("Its purchase: {amount} ordered, {credited} credited.", **_of_invoice(_, row)) if invoice else "",
        _("To address: {address}", address=_.code(invoice.address)) if invoice else "",
        _("Open since {at}.", at=_.moment(it.opened_at)),
        _stands(_, it.state, it.choice, it.until),
        _decided_by(_, it.decided_by, row.decider),
        *(f"• {_button_does(_, choice, row)}" for choice in row.choices),
        _("Each change asks for your own code.") if row.choices else "",
    )
    buttons = tuple((_button(_, choice, it),) for choice in row.choices)
    refresh = (Button(_("Refresh"), Action.CASE, it.id),)
    return Card("\n".join(line for line in lines if line), (*buttons, refresh, keyboards.back(_, Action.CASES, "1")))


def what_happened(_: Words, facts: Facts) -> Html:
    """One plain sentence."""
    return _KINDS[CaseKind(facts["kind"])](_, facts)


def purpose(_: Words, choice: CaseChoice, reference: str) -> str:
    """What the admin's code is asked for."""
    shown = _.code(reference)
    purposes = {
        CaseChoice.CREDIT: _("credit case {id} at today's rate", id=shown),
        CaseChoice.ASK_REST: _("ask for the rest in case {id}", id=shown),
        CaseChoice.REFUND: _("send back the money of case {id}", id=shown),
        CaseChoice.KEEP: _("keep the money of case {id}", id=shown),
        CaseChoice.CLOSE: _("close case {id}", id=shown),
    }
    return purposes[choice]


def decided(_: Words, case: Case) -> Card:
    """What was decided just now."""
    text = _("Done. {state}", state=_stands(_, case.state, case.choice, case.until))
    return Card(text, (keyboards.back(_, Action.CASES, "1"),))


def decided_before(_: Words, row: CaseRow) -> Card:
    """Somebody else was faster, or it went on by itself."""
    it = row.case
    lines = (
        _("Nothing was done: this case went on since you saw it."),
        _stands(_, it.state, it.choice, it.until),
        _decided_by(_, it.decided_by, row.decider),
    )
    button = Button(_("Open the case"), Action.CASE, it.id)
    return Card("\n".join(line for line in lines if line), ((button,), keyboards.back(_, Action.CASES, "1")))


def _block(_: Words, number: int, row: CaseRow) -> str:
    person = _("Person: {name}", name=_person(_, row.case.person, row.name))
    happened = what_happened(_, row.case.document())
    return f"{number}. {person}\n{happened}\n{_stands(_, row.case.state, row.case.choice, row.case.until)}"


def _person(_: Words, person: int, name: str | None) -> Html:
    shown = _.ltr(f"id {person}")
    return Html(f"{_.name(name)} ({shown})") if name else shown


def _of_invoice(_: Words, row: CaseRow) -> dict[str, Html]:
    if row.invoice is None:
        return {}
    return {"amount": _.amount(row.invoice.amount_minor), "credited": _.amount(row.invoice.credited_minor)}


def _worth(_: Words, row: CaseRow) -> str:
    if not row.case.coin_minor:
        return ""
    if row.worth_minor is None:
        return _("There is no rate that can be relied on now, so it cannot be credited or asked for.")
    return _("Worth now, before the fee: {amount}", amount=_.bold(_.amount(row.worth_minor)))


def _payments(_: Words, row: CaseRow) -> list[str]:
    known = {payment.id for payment in row.payments}
    lines = [_payment(_, payment) for payment in row.payments[:_MOST_PAYMENTS]]
    return lines + [_("Payment: {id}", id=_.code(name)) for name in row.case.payments if name not in known]


def _payment(_: Words, payment: Payment) -> str:
    amount, txid = _.amount(payment.coin_minor, payment.asset), _.code(payment.txid)
    if payment.height is None or payment.state is PaymentState.GONE:
        return _("Payment: {amount} in {txid}, in no block", amount=amount, txid=txid)
    return _("Payment: {amount} in {txid}, block {height}", amount=amount, txid=txid, height=payment.height)


def _stands(_: Words, state: CaseState, choice: CaseChoice | None, until: datetime | None = None) -> str:
    if state is CaseState.OPEN:
        return _("It waits for a decision.")
    if state is CaseState.WAITING and choice is CaseChoice.REFUND:
        return _("The person was asked for an address to send it back to.")
    if state is CaseState.WAITING and until:
        return _("The person was asked for the rest until {until}.", until=_.moment(until))
    if state is CaseState.WAITING:
        return _("The person was asked for the rest.")
    if state is CaseState.PAYING:
        return _("It is on its way back.")
    ends = {
        CaseChoice.CREDIT: _("It was credited."),
        CaseChoice.REFUND: _("It was sent back."),
        CaseChoice.KEEP: _("It was kept."),
        CaseChoice.CLOSE: _("It was closed."),
        CaseChoice.ASK_REST: _("The rest came, and all of it was credited."),
    }
    return ends[choice] if choice else _("It ended by itself; nothing is left to be decided.")


def _decided_by(_: Words, person: int | None, name: str | None) -> str:
    return _("Decided by {name}.", name=_person(_, person, name)) if person else ""


def _button(_: Words, choice: CaseChoice, it: Case) -> Button:
    labels = {
        CaseChoice.CREDIT: _("Credit at today's rate"),
        CaseChoice.ASK_REST: _("Ask for the rest"),
        CaseChoice.REFUND: _("Send it back"),
        CaseChoice.KEEP: _("Keep it"),
        CaseChoice.CLOSE: _("Close"),
    }
    return Button(labels[choice], Action.CASE_DECIDE, f"{choice} {it.id} {it.decisions}")


def _button_does(_: Words, choice: CaseChoice, row: CaseRow) -> Html:
    coins = _.amount(row.refund_minor or 0, row.case.asset)
    meanings = {
        CaseChoice.CREDIT: _("Credit: the person has the ITD at once, at the rate of that moment, less the fee."),
        CaseChoice.ASK_REST: _("Ask for the rest: the person gets the purchase's card anew; with more, all counts."),
        CaseChoice.REFUND: _("Send it back: the person gives an address, and {coins} go there.", coins=coins),
        CaseChoice.KEEP: _("Keep it: nobody claims it, and it becomes this service's own."),
        CaseChoice.CLOSE: _("Close: it was looked into; what is owed stays owed."),
    }
    if choice is CaseChoice.CLOSE and row.case.kind is CaseKind.ABOVE_LIMIT:
        return _("Close: it stays the person's, and waits until their limits allow it.")
    return meanings[choice]


def _too_small(_: Words, facts: Facts) -> Html:
    return _(
        "{coins} arrived for a purchase: too little to be credited without a decision. It lies aside.",
        coins=_.amount(facts["coin_minor"], Asset(facts["asset"])),
    )


def _owed(_: Words, facts: Facts) -> Html:
    inner = facts.get("facts") or {}
    return _(
        "A credited payment left the chain for good, and the person had spent it: they owe {owed}.",
        owed=_.amount(inner.get("owed_minor") or 0),
    )


def _dispute(_: Words, facts: Facts) -> Html:
    inner = facts.get("facts") or {}
    amount = _.amount(inner.get("usd_minor") or 0, Asset.USD)
    if inner.get("outcome") == "lost":
        return _("A card payment was disputed, and the bank gave {amount} back to the card's owner.", amount=amount)
    if inner.get("outcome") == "won":
        return _("A card payment was disputed, and the bank left {amount} with this service.", amount=amount)
    return _("A card payment is disputed: its owner demands {amount} back from their bank.", amount=amount)


def _above_limit(_: Words, facts: Facts) -> Html:
    inner = facts.get("facts") or {}
    return _(
        "A payment was above the person's daily limit: {held} are held. They are the person's, and are released as the "
        "limits allow, unless the payment is sent back.",
        held=_.amount(inner.get("held_minor") or 0),
    )


_KINDS: Final[Mapping[CaseKind, Teller]] = {
    CaseKind.TOO_SMALL: _too_small,
    CaseKind.OWED: _owed,
    CaseKind.DISPUTE: _dispute,
    CaseKind.ABOVE_LIMIT: _above_limit,
}
