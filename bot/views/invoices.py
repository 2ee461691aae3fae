"""The card of a purchase, edited in place from the open invoice to the credit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.views.card import Button, Card, Picture, Row
from bot.views.networks import network
from bot.views.words import Words
from wallet_core.domain.money import Asset, plain
from wallet_core.domain.receipts import InvoiceStep

Facts = Mapping[str, Any]

#: While a payment may still come, address and payment address stay on the card.
_PAYABLE: Final = frozenset({InvoiceStep.OPEN, InvoiceStep.PENDING})
#: Telegram's limit for a copy button.
_COPY_LIMIT: Final = 256


def invoice(_: Words, facts: Facts) -> Card:
    """The invoice at its present step, with a QR picture that is sent once."""
    step, asset = InvoiceStep(facts["step"]), Asset(facts["asset"])
    lines = [
        _.bold(_("Purchase of {amount}", amount=_.amount(facts["amount_minor"]))),
        *_STEPS[step](_, facts, asset),
        *(_how_to_pay(_, facts, asset) if step in _PAYABLE else _paid_to(_, facts, asset)),
        _("Reference: {id}", id=_.code(facts["id"])),
    ]
    rows = _copy_rows(_, facts, asset) if step in _PAYABLE else ()
    return Card("\n".join(lines), rows, picture=_picture(_, facts, asset) if step is InvoiceStep.OPEN else None)


def _how_to_pay(_: Words, facts: Facts, asset: Asset) -> list[str]:
    return [
        _("Pay exactly: {amount}", amount=_.bold(_.amount(facts["coin_minor"], asset))),
        _(
            "Network: {network}. Other coins or networks would be lost.",
            network=network(_, asset, facts.get("network")),
        ),
        _("Address: {address}", address=_.code(facts["address"])),
        _("Payment address for wallet apps: {uri}", uri=_.code(facts["payment_uri"])),
        _(
            "The rate is locked until {expires}. A later payment counts at the rate of that time.",
            expires=_.moment(facts["expires_at"]),
        ),
        _("Fee included: {amount}", amount=_.amount(facts["fee_minor"])),
    ]


def _paid_to(_: Words, facts: Facts, asset: Asset) -> list[str]:
    txid = facts.get("txid")
    return [
        _("Network: {network}", network=network(_, asset, facts.get("network"))),
        _("Address: {address}", address=_.code(facts["address"])),
        *([_("Transaction: {txid}", txid=_.code(txid))] if txid else []),
    ]


def _open(_: Words, facts: Facts, asset: Asset) -> list[str]:
    return [_("Status: waiting for your payment. It counts as soon as the network has confirmed it.")]


def _pending(_: Words, facts: Facts, asset: Asset) -> list[str]:
    amount = _.amount(facts["pending_minor"], asset)
    return [_("Status: pending; {amount} was seen and waits for confirmations. Do not pay again.", amount=amount)]


def _credited(_: Words, facts: Facts, asset: Asset) -> list[str]:
    received, credited = _.amount(facts["received_minor"], asset), _.amount(facts["credited_minor"])
    return [_("Status: credited {credited} for {received}.", credited=_.bold(credited), received=received)]


def _held(_: Words, facts: Facts, asset: Asset) -> list[str]:
    return [
        _(
            "Status: {received} arrived. {held} is above your daily limit; it is yours and is held until the limit "
            "allows it.",
            received=_.amount(facts["received_minor"], asset),
            held=_.bold(_.amount(facts["held_minor"])),
        )
    ]


def _expired(_: Words, facts: Facts, asset: Asset) -> list[str]:
    return [_("Status: expired; nothing is owed. Please do not pay to it any more: send /buy for a new one.")]


_STEPS: Final[Mapping[InvoiceStep, Callable[[Words, Facts, Asset], list[str]]]] = {
    InvoiceStep.OPEN: _open,
    InvoiceStep.PENDING: _pending,
    InvoiceStep.CREDITED: _credited,
    InvoiceStep.HELD: _held,
    InvoiceStep.EXPIRED: _expired,
}


def _copy_rows(_: Words, facts: Facts, asset: Asset) -> tuple[Row, ...]:
    copies = ((_("Copy address"), facts["address"]), (_("Copy amount"), plain(facts["coin_minor"], asset)))
    return (tuple(Button(label, copies=text[:_COPY_LIMIT]) for label, text in copies),)


def _picture(_: Words, facts: Facts, asset: Asset) -> Picture:
    caption = _(
        "Scan to pay {amount} on {network}",
        amount=_.amount(facts["coin_minor"], asset),
        network=network(_, asset, facts.get("network")),
    )
    return Picture(facts["payment_uri"], caption)
