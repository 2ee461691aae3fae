"""Where a payment stands, in words that say what to do."""

from __future__ import annotations

from bot.actions import Action
from bot.views.card import Button, Card, Row
from bot.views.words import Html, Words
from wallet_core.domain.case import Case, CaseChoice, CaseKind, CaseState
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import PaymentState
from wallet_core.domain.purchase import Invoice
from wallet_core.use_cases.find_payment import FoundPayment, Lookup


def question(_: Words) -> Html:
    """Asks which payment it is."""
    return _("Which payment? Send the id of its transaction, as your wallet app shows it, or the purchase's reference.")


def found(_: Words, lookup: Lookup) -> Card:
    """What is known of it."""
    heading = _.bold(_("Payment {id}", id=_.code(lookup.text)))
    if lookup.payments:
        blocks = [_block(_, each) for each in lookup.payments]
        rows = tuple(row for each in lookup.payments for row in _rows(_, each))
    else:
        blocks, rows = [_unpaid(_, lookup.unpaid) if lookup.unpaid else _not_seen(_)], ()
    refresh = Button(_("Refresh"), Action.PAYMENT, lookup.text)
    home = Button(_("Home"), Action.HOME)
    return Card("\n\n".join((heading, *blocks)), (*dict.fromkeys(rows), (refresh, home)))


def _block(_: Words, each: FoundPayment) -> str:
    payment = each.payment
    lines = (
        _(
            "{amount}, seen {at}.",
            amount=_.bold(_.amount(payment.coin_minor, payment.asset)),
            at=_.moment(payment.seen_at),
        ),
        _stands(_, each),
        _(
            "For the purchase of {amount}, reference {id}.",
            amount=_.amount(each.invoice.amount_minor),
            id=_.code(each.invoice.id),
        ),
    )
    return "\n".join(lines)


def _stands(_: Words, each: FoundPayment) -> str:
    payment, case = each.payment, each.case
    if payment.state is PaymentState.PENDING:
        return _pending(_, each)
    if payment.state is PaymentState.CREDITED and case and case.kind is CaseKind.ABOVE_LIMIT and case.coin_minor:
        return _sent_back(_, each, case)
    if payment.state is PaymentState.CREDITED:
        return _credited(_, each)
    if payment.state is PaymentState.GONE:
        return _(
            "It is not on its way any more: it was replaced by another transaction, or never mined. If you did not "
            "replace it, send it again from your wallet app; nothing arrived here."
        )
    if payment.state is PaymentState.REVERSED:
        return _reversed(_, payment.asset)
    return _of_case(_, case) if case else _("An admin decides what becomes of it; you are told.")


def _pending(_: Words, each: FoundPayment) -> str:
    if each.needed is None or each.confirmations is None:
        return _("It was seen and is not final yet. There is nothing for you to do.")
    return _.plural(
        "It was seen: {done} of {count} confirmation. There is nothing for you to do.",
        "It was seen: {done} of {count} confirmations. There is nothing for you to do.",
        each.needed,
        done=min(each.confirmations, each.needed),
    )


def _credited(_: Words, each: FoundPayment) -> str:
    payment = each.payment
    total = _.bold(_.amount(payment.credited_minor + payment.held_minor))
    if payment.held_minor and each.invoice.held_minor:
        return _(
            "It is yours: {total}. Of its purchase {held} is above your daily limit, and held until that allows it.",
            total=total,
            held=_.amount(each.invoice.held_minor),
        )
    if not payment.credited_minor + payment.held_minor:
        return _(
            "It was credited with its purchase: {total} in all.", total=_.bold(_.amount(each.invoice.credited_minor))
        )
    return _("It was credited: {total}.", total=total)


def _sent_back(_: Words, each: FoundPayment, case: Case) -> str:
    sentence = _(
        "{credited} of its purchase were credited; {coins} were above your daily limit and are sent back.",
        credited=_.amount(each.invoice.credited_minor),
        coins=_.amount(case.coin_minor, case.asset),
    )
    return f"{sentence} {_of_case(_, case)}"


def _reversed(_: Words, asset: Asset) -> str:
    if asset is Asset.USD:
        return _("It was credited, and the card company took it back.")
    return _("It was credited, and taken back when its block left the chain. If it is mined again, it counts again.")


def _of_case(_: Words, case: Case) -> str:
    if case.state is CaseState.OPEN and case.kind is CaseKind.ABOVE_LIMIT:
        return _("It could not be sent back and is still yours; an admin looks at it, and you are told.")
    if case.state is CaseState.OPEN:
        return _(
            "It is too little to be counted by itself. If you pay the rest to the same address, all of it counts; "
            "otherwise an admin decides what becomes of it, and you are told."
        )
    if case.state is CaseState.PAYING:
        return _("It is going back to you; /withdrawals shows how far it is.")
    if case.state is CaseState.WAITING and case.choice is CaseChoice.REFUND:
        return _("It goes back to you as soon as you give an address of yours.")
    if case.state is CaseState.WAITING:
        return _("It is too little by itself. Pay the rest to the same address, and all of it counts.")
    ends = {
        CaseChoice.REFUND: _("It went back to you."),
        CaseChoice.KEEP: _("It was too little to be counted or to be sent back. It stays with this service."),
    }
    return ends.get(case.choice or CaseChoice.CLOSE, _("It was looked into and is done with."))


def _unpaid(_: Words, invoice: Invoice) -> str:
    if invoice.pending_minor:
        return _(
            "{amount} is on its way to this purchase, and not in the chain yet. There is nothing for you to do.",
            amount=_.bold(_.amount(invoice.pending_minor, invoice.asset)),
        )
    if invoice.asset is Asset.USD:
        return _("Nothing was paid for this purchase yet.")
    return _(
        "No payment to this purchase was seen yet. It has to go to {address}. If your wallet app says that it was "
        "sent there, wait until the network has it; it is seen within a minute then.",
        address=_.code(invoice.address),
    )


def _not_seen(_: Words) -> str:
    return "\n".join(
        (
            _("No payment of yours with this id was seen by us yet."),
            _("• Compare the id and the address with what your wallet app shows; each purchase has its own address."),
            _("• A new transaction is seen within a minute. If the network does not have it, send it again."),
            _("• If it was confirmed to an address that you got here, tell the people who run this wallet its id."),
        )
    )


def _rows(_: Words, each: FoundPayment) -> tuple[Row, ...]:
    case = each.case
    if case and case.state is CaseState.WAITING and case.choice is CaseChoice.REFUND:
        return ((Button(_("Give an address"), Action.REFUND, case.id),),)
    return ()
