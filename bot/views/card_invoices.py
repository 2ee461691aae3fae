"""The message of a purchase by bank card, which is paid on the card company's own page: no card number comes here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.views.card import Button, Card, Row
from bot.views.words import Words
from wallet_core.domain.card import ClaimKind
from wallet_core.domain.money import Asset
from wallet_core.domain.receipts import InvoiceStep

Facts = Mapping[str, Any]


def card_invoice(_: Words, facts: Facts) -> Card:
    """The purchase at its present step; while its page can be paid, with the button that leads there."""
    step = InvoiceStep(facts["step"])
    lines = [
        _.bold(_("Purchase of {amount} by card", amount=_.amount(facts["amount_minor"]))),
        *_STEPS.get(step, _closed)(_, facts),
        _("Reference: {id}", id=_.code(facts["id"])),
    ]
    return Card("\n".join(lines), _rows(_, facts) if step is InvoiceStep.OPEN else ())


def _rows(_: Words, facts: Facts) -> tuple[Row, ...]:
    if not facts.get("payment_uri"):
        return ()
    label = _("Pay {amount}", amount=_dollars(_, facts["coin_minor"]))
    return ((Button(label, url=facts["payment_uri"]),),)


def _open(_: Words, facts: Facts) -> list[str]:
    if not facts.get("payment_uri"):
        return [_("Status: your payment page is being opened; its button appears here in a moment.")]
    return [
        _("Status: waiting for your payment. The button opens the page of the card company."),
        _("You pay: {amount}", amount=_.bold(_dollars(_, facts["coin_minor"]))),
        _("Fee included: {amount}", amount=_.amount(facts["fee_minor"])),
        _("Payment page: {uri}", uri=_.ltr(facts["payment_uri"])),
        _("It is open until {expires}.", expires=_.moment(facts["expires_at"])),
        _("Never write a card number here: nobody from this service asks for one."),
    ]


def _pending(_: Words, facts: Facts) -> list[str]:
    amount = _dollars(_, facts["coin_minor"])
    return [_("Status: pending; your bank was asked for {amount}, which takes days. Do not pay again.", amount=amount)]


def _credited(_: Words, facts: Facts) -> list[str]:
    if facts.get("returned"):
        return [_given_back(_, facts)]
    credited, received = _.bold(_.amount(facts["credited_minor"])), _dollars(_, facts["received_minor"])
    matures = facts.get("matures_at")
    return [
        _("Status: credited {credited} for {received}.", credited=credited, received=received),
        *([_("You can send it at once, and withdraw it from {moment}.", moment=_.moment(matures))] if matures else []),
    ]


def _given_back(_: Words, facts: Facts) -> str:
    amount = _.bold(_.amount(facts["reversed_minor"]))
    if facts["returned"] == ClaimKind.DISPUTE:
        return _("Status: credited. The dispute ended in your favour; {amount} is free again.", amount=amount)
    return _("Status: credited. The refund to the card failed; {amount} is free again.", amount=amount)


def _expired(_: Words, facts: Facts) -> list[str]:
    return [_("Status: expired; nothing was paid and nothing is owed. Send /buy for a new page.")]


def _failed(_: Words, facts: Facts) -> list[str]:
    return [_("Status: failed; the bank did not pay, and nothing was taken from you. Send /buy to try again.")]


def _refunding(_: Words, facts: Facts) -> list[str]:
    return [
        _(
            "Status: {dollars} goes back to the card. {amount} is set aside for it until the card company has done so.",
            **_reversed_amounts(_, facts),
        )
    ]


def _refunded(_: Words, facts: Facts) -> list[str]:
    text = _(
        "Status: {dollars} went back to the card, and {amount} was taken for it.",
        **_reversed_amounts(_, facts),
    )
    return [text, *_owed(_, facts)]


def _disputed(_: Words, facts: Facts) -> list[str]:
    return [
        _(
            "Status: disputed. The owner of the card demands {dollars} back from the bank. What is there of {amount} "
            "is set aside, and nothing leaves your wallet until it is decided.",
            **_reversed_amounts(_, facts),
        )
    ]


def _lost(_: Words, facts: Facts) -> list[str]:
    text = _(
        "Status: taken back. The bank gave {dollars} back to the owner of the card, and {amount} was taken for it.",
        **_reversed_amounts(_, facts),
    )
    return [text, *_owed(_, facts)]


def _closed(_: Words, facts: Facts) -> list[str]:
    return [_("Status: an admin looks at it, and you are told here.")]


def _owed(_: Words, facts: Facts) -> list[str]:
    owed = facts.get("owed_minor")
    return [_("You had spent {owed} of it: what comes in next pays for that.", owed=_.amount(owed))] if owed else []


def _reversed_amounts(_: Words, facts: Facts) -> dict[str, str]:
    return {
        "dollars": _dollars(_, facts.get("reversed_coin_minor") or facts["coin_minor"]),
        "amount": _.bold(_.amount(facts.get("reversed_minor") or facts["amount_minor"])),
    }


def _dollars(_: Words, cents: int) -> str:
    return _.amount(cents, Asset.USD)


_STEPS: Final[Mapping[InvoiceStep, Callable[[Words, Facts], list[str]]]] = {
    InvoiceStep.OPEN: _open,
    InvoiceStep.PENDING: _pending,
    InvoiceStep.CREDITED: _credited,
    InvoiceStep.EXPIRED: _expired,
    InvoiceStep.FAILED: _failed,
    InvoiceStep.REFUNDING: _refunding,
    InvoiceStep.REFUNDED: _refunded,
    InvoiceStep.DISPUTED: _disputed,
    InvoiceStep.REVERSED: _lost,
}
