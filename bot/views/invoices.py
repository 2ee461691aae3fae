"""The card of a purchase, edited in place from the open invoice to the credit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.actions import Action
from bot.views.card import Button, Card, Picture, Row
from bot.views.card_invoices import card_invoice
from bot.views.networks import network
from bot.views.words import Words
from wallet_core.domain.case import CaseKind
from wallet_core.domain.money import Asset, plain
from wallet_core.domain.receipts import InvoiceStep

Facts = Mapping[str, Any]

#: While a payment is waited for, the address stays on the card with how much is to be paid to it.
_PAYABLE: Final = frozenset({InvoiceStep.OPEN, InvoiceStep.PARTLY, InvoiceStep.GONE, InvoiceStep.REST})
#: While something is on its way there is no picture: who scans it pays again.
_PICTURED: Final = frozenset({InvoiceStep.OPEN, InvoiceStep.PARTLY, InvoiceStep.REST})
#: Telegram's limit for a copy button.
_COPY_LIMIT: Final = 256


def invoice(_: Words, facts: Facts) -> Card:
    """The invoice at its present step, with a QR picture that is sent once."""
    step, asset = InvoiceStep(facts["step"]), Asset(facts["asset"])
    if asset is Asset.USD:
        return card_invoice(_, facts)
    lines = [
        _.bold(_("Purchase of {amount}", amount=_.amount(facts["amount_minor"]))),
        *_STEPS[step](_, facts, asset),
        *(_how_to_pay(_, facts, asset) if step in _PAYABLE else _paid_to(_, facts, asset)),
        _("Reference: {id}", id=_.code(facts["id"])),
    ]
    picture = _picture(_, facts, asset) if step in _PICTURED else None
    # Who is asked for the rest reads it below what was said since, with a picture of its own.
    return Card("\n".join(lines), _rows(_, facts, asset), picture=picture, anew=step is InvoiceStep.REST)


def _rows(_: Words, facts: Facts, asset: Asset) -> tuple[Row, ...]:
    step = InvoiceStep(facts["step"])
    copies = _copy_rows(_, facts, asset) if step in _PAYABLE else ()
    asked = (Button(_("Give an address"), Action.REFUND, facts["case"]),) if _awaits_address(facts) else ()
    look = (Button(_("How far is it?"), Action.PAYMENT, facts["id"]),) if step is InvoiceStep.PENDING else ()
    return tuple(row for row in (*copies, asked, look) if row)


def _awaits_address(facts: Facts) -> bool:
    return facts["step"] == InvoiceStep.REFUND and bool(facts.get("case"))


def _due_minor(facts: Facts) -> int:
    """What is to be paid now, in minor units of the coin."""
    step = InvoiceStep(facts["step"])
    if step is InvoiceStep.REST and facts.get("rest_minor"):
        return int(facts["rest_minor"])
    return int(facts.get("missing_minor") or facts["coin_minor"]) if step is InvoiceStep.PARTLY else facts["coin_minor"]


def _payment_uri(facts: Facts, asset: Asset) -> str:
    """The payment address for what is to be paid now; the one that was issued names the whole amount, at its end."""
    if facts["step"] != InvoiceStep.PARTLY:
        return str(facts["payment_uri"])
    due_minor = _due_minor(facts)
    issued, __, __ = facts["payment_uri"].rpartition("=")
    return f"{issued}={due_minor if asset is Asset.ETH else plain(due_minor, asset)}"


def _how_to_pay(_: Words, facts: Facts, asset: Asset) -> list[str]:
    # Who was asked for the rest has a time for it.
    is_locked = facts["step"] != InvoiceStep.REST
    return [
        _("Pay exactly: {amount}", amount=_.bold(_.amount(_due_minor(facts), asset))),
        _(
            "Network: {network}. What is sent as another coin or on another network is lost.",
            network=network(_, asset, facts.get("network")),
        ),
        _("Address: {address}", address=_.code(facts["address"])),
        _("Payment address for wallet apps: {uri}", uri=_.code(_payment_uri(facts, asset))),
        *([_locked(_, facts)] if is_locked else []),
        _("Fee included: {amount}", amount=_.amount(facts["fee_minor"])),
    ]


def _locked(_: Words, facts: Facts) -> str:
    return _(
        "The rate is locked until {expires}. A later payment counts at the rate of that time.",
        expires=_.moment(facts["expires_at"]),
    )


def _paid_to(_: Words, facts: Facts, asset: Asset) -> list[str]:
    txid = facts.get("txid")
    return [
        _("Network: {network}", network=network(_, asset, facts.get("network"))),
        _("Address: {address}", address=_.code(facts["address"])),
        *([_("Transaction: {txid}", txid=_.code(txid))] if txid else []),
    ]


def _open(_: Words, facts: Facts, asset: Asset) -> list[str]:
    return [_("Status: waiting for your payment. It is seen at once, and counts when the network has confirmed it.")]


def _pending(_: Words, facts: Facts, asset: Asset) -> list[str]:
    missing_minor = max(0, (facts.get("missing_minor") or 0) - (facts.get("aside_minor") or 0))
    missing, arrived = _.amount(missing_minor, asset), facts["credited_minor"]
    return [
        _(
            "Status: pending; {amount} was seen and waits for confirmations.",
            amount=_.bold(_.amount(facts["pending_minor"], asset)),
        ),
        _("It is less than was ordered: {missing} is missing of the whole order.", missing=missing)
        if missing_minor
        else _("There is nothing for you to do. Do not pay again."),
        *([_("Of this purchase already on your balance: {credited}", credited=_.amount(arrived))] if arrived else []),
    ]


def _credited(_: Words, facts: Facts, asset: Asset) -> list[str]:
    received, credited = _.amount(facts["received_minor"], asset), _.amount(facts["credited_minor"])
    return [_("Status: credited {credited} for {received}.", credited=_.bold(credited), received=received)]


def _held(_: Words, facts: Facts, asset: Asset) -> list[str]:
    return [
        _(
            "Status: {received} arrived. {held} is above your daily limit; it is yours and is held until the limit "
            "allows it, which is looked at all the time: /limits says when it frees.",
            received=_.amount(facts["received_minor"], asset),
            held=_.bold(_.amount(facts["held_minor"])),
        )
    ]


def _expired(_: Words, facts: Facts, asset: Asset) -> list[str]:
    return [_("Status: expired; nothing is owed. Please do not pay to it any more: send /buy for a new one.")]


def _partly(_: Words, facts: Facts, asset: Asset) -> list[str]:
    return [
        _(
            "Status: paid in part; {credited} is on your balance, and {missing} is missing of the whole order.",
            credited=_.bold(_.amount(facts["credited_minor"])),
            missing=_.amount(facts.get("missing_minor") or 0, asset),
        )
    ]


def _gone(_: Words, facts: Facts, asset: Asset) -> list[str]:
    return [
        _(
            "Status: the payment that was on its way was replaced or never mined, so nothing arrived. If you send it "
            "again, it is seen at once."
        )
    ]


def _reversed(_: Words, facts: Facts, asset: Asset) -> list[str]:
    owed = facts.get("owed_minor")
    return [
        _("Status: taken back, because the payment left the chain. If it is mined again, it counts again."),
        *([_("You had spent {owed} of it: what comes in next pays for that.", owed=_.amount(owed))] if owed else []),
    ]


def _case(_: Words, facts: Facts, asset: Asset) -> list[str]:
    if facts.get("case_kind") == CaseKind.ABOVE_LIMIT:
        sentence = _(
            "Status: {arrived} could not be sent back to you. It is still yours; an admin looks at it, and you are "
            "told here.",
            arrived=_aside(_, facts, asset),
        )
        return [sentence]
    return [
        _(
            "Status: {arrived} arrived, too little to be counted by itself. If you pay the rest to the same address, "
            "all of it counts; otherwise an admin decides what becomes of it, and you are told here.",
            arrived=_aside(_, facts, asset),
        )
    ]


def _rest(_: Words, facts: Facts, asset: Asset) -> list[str]:
    sentence = _(
        "Status: {arrived} arrived, too little to be counted by itself. Please pay the rest to the same address: then "
        "all of it counts.",
        arrived=_aside(_, facts, asset),
    )
    until = facts.get("until")
    return [sentence, *([_("Please pay it until {until}.", until=_.moment(until))] if until else [])]


def _refund(_: Words, facts: Facts, asset: Asset) -> list[str]:
    return [
        _(
            "Status: {arrived} goes back to you, less what the network takes. Press the button and give an address of "
            "yours.",
            arrived=_aside(_, facts, asset),
        )
    ]


def _refunding(_: Words, facts: Facts, asset: Asset) -> list[str]:
    arrived = _aside(_, facts, asset)
    return [_("Status: {arrived} is going back to you; its own receipt tells how far it is.", arrived=arrived)]


def _refunded(_: Words, facts: Facts, asset: Asset) -> list[str]:
    return [_("Status: {arrived} went back to you, less what the network took.", arrived=_aside(_, facts, asset))]


def _kept(_: Words, facts: Facts, asset: Asset) -> list[str]:
    return [
        _(
            "Status: {arrived} arrived, too little to be counted or to be sent back. It stays with this service.",
            arrived=_aside(_, facts, asset),
        )
    ]


def _aside(_: Words, facts: Facts, asset: Asset) -> str:
    return _.bold(_.amount(facts.get("aside_minor") or 0, asset))


_STEPS: Final[Mapping[InvoiceStep, Callable[[Words, Facts, Asset], list[str]]]] = {
    InvoiceStep.OPEN: _open,
    InvoiceStep.PENDING: _pending,
    InvoiceStep.CREDITED: _credited,
    InvoiceStep.HELD: _held,
    InvoiceStep.EXPIRED: _expired,
    InvoiceStep.PARTLY: _partly,
    InvoiceStep.GONE: _gone,
    InvoiceStep.REVERSED: _reversed,
    InvoiceStep.CASE: _case,
    InvoiceStep.REST: _rest,
    InvoiceStep.REFUND: _refund,
    InvoiceStep.REFUNDING: _refunding,
    InvoiceStep.REFUNDED: _refunded,
    InvoiceStep.KEPT: _kept,
    # Of cards alone; a coin that shows one of them is looked at by people.
    InvoiceStep.FAILED: _case,
    InvoiceStep.DISPUTED: _case,
}


def _copy_rows(_: Words, facts: Facts, asset: Asset) -> tuple[Row, ...]:
    copies = ((_("Copy address"), facts["address"]), (_("Copy amount"), plain(_due_minor(facts), asset)))
    return (tuple(Button(label, copies=text[:_COPY_LIMIT]) for label, text in copies),)


def _picture(_: Words, facts: Facts, asset: Asset) -> Picture:
    caption = _(
        "Scan to pay {amount} on {network}",
        amount=_.amount(_due_minor(facts), asset),
        network=network(_, asset, facts.get("network")),
    )
    return Picture(_payment_uri(facts, asset), caption)
