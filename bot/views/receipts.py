"""What the outbox tells a person about money and security; receipts follow a purchase and a withdrawal step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, Protocol

from bot.actions import Action
from bot.views import (
    alerts,
    approvals,
    cases,
    claims,
    day_report,
    hot_wallet,
    invoices,
    kyc,
    kyc_review,
    mass_sends,
    policy_sets,
    rails,
    recurring,
    requests,
    reviews,
    roles,
    security,
    withdrawals,
)
from bot.views.card import Button, Card
from bot.views.confirmations import person_named, send_thread
from bot.views.networks import Networks
from bot.views.words import Html, Words

Facts = Mapping[str, Any]


class Told(Protocol):
    """A message of a posting, or the outbox's copy of it."""

    @property
    def template(self) -> str:
        """Which of the texts it is."""

    @property
    def facts(self) -> Facts:
        """What is filled in."""

    @property
    def thread(self) -> str | None:
        """The message that it edits, if it was sent already."""


def receipt(_: Words, message: Told, secret: str = "", networks: Networks = MappingProxyType({})) -> Card:
    """The card of a message; ``secret`` is what was sealed in it, of a link the whole address."""
    if message.template == "recovery_codes":
        return _recovery_codes(_, secret)
    if message.template == "claimable_sent":
        return replace(claims.sent(_, message.facts, secret), thread=message.thread)
    if message.template == "payment_request":
        return replace(requests.request(_, message.facts, secret), thread=message.thread)
    teller = _TELLERS.get(message.template)
    card = teller(_, _with_network(message.facts, networks)) if teller else Card(_unknown(_, message))
    return replace(card, thread=card.thread or message.thread)


def _with_network(facts: Facts, networks: Networks) -> Facts:
    name = networks.get(facts["asset"]) if facts.get("asset") else None
    return {"network": name, **facts} if name else facts


def _unknown(_: Words, message: Told) -> str:
    facts = ", ".join(f"{name}: {value}" for name, value in sorted(message.facts.items()))
    return _("Notice: {what}. {facts}", what=message.template.replace("_", " "), facts=facts)


def _recovery_codes(_: Words, secret: str) -> Card:
    codes = Html("\n".join(_.code(code) for code in secret.split("\n")))
    text = _(
        "{heading}\n\n{codes}\n\nEach works once, with /recover, when you lose your device. Write them down on paper; "
        "they are not shown again. When you have them, delete this message.",
        heading=_.bold(_("Your recovery codes")),
        codes=codes,
    )
    return Card(text, protected=True)


def _recovery_used(_: Words, facts: Facts) -> Card:
    lines = [
        _.bold(_("Security notice")),
        _("A recovery code was used to pair a new device. The old device's codes no longer work."),
        _("Withdrawals wait until {until}.", until=_.moment(facts["withdrawals_from"])),
        _.plural("{count} recovery code is left.", "{count} recovery codes are left.", facts.get("codes_left", 0)),
        _("If this was not you, send /freeze at once, and tell the people who run this wallet."),
    ]
    return Card("\n".join(lines))


def _sent(_: Words, facts: Facts) -> Card:
    lines = [
        _.bold(_("Sent {amount}", amount=_.amount(facts["amount_minor"]))),
        _("To: {name}", name=_other(_, facts)),
        *([_("Fee: {amount}", amount=_.amount(facts["fee_minor"]))] if facts.get("fee_minor") else []),
        *_note(_, facts),
        _reference(_, facts),
    ]
    thread = send_thread(facts["id"]) if "id" in facts else None
    return Card("\n".join(lines), (_receipt_home(_),), thread=thread)


def _received(_: Words, facts: Facts) -> Card:
    amount = _.amount(facts["amount_minor"])
    lines = (
        _.bold(_("Received {amount}", amount=amount)),
        _("From: {name}", name=_other(_, facts)),
        *_note(_, facts),
        _reference(_, facts),
    )
    return Card("\n".join(lines), (_receipt_home(_),))


def _hold_released(_: Words, facts: Facts) -> Card:
    lines = (
        _.bold(_("Back on your balance: {amount}", amount=_.amount(facts["amount_minor"]))),
        _("It had been set aside for several payments and was not needed for them."),
        _reference(_, facts),
    )
    return Card("\n".join(lines), (_receipt_home(_),))


def _debt_repaid(_: Words, facts: Facts) -> Card:
    left = facts.get("debt_minor")
    lines = (
        _.bold(_("Debt repaid: {amount}", amount=_.amount(facts["amount_minor"]))),
        _("Still owed: {amount}", amount=_.amount(left)) if left else _("Nothing is owed any more."),
    )
    return Card("\n".join(lines), (_receipt_home(_),))


def _note(_: Words, facts: Facts) -> tuple[str, ...]:
    line = claims.note_line(_, facts)
    return (line,) if line else ()


def _other(_: Words, facts: Facts) -> Html:
    return person_named(_, str(facts.get("other_name") or "?"), facts["other_id"])


def _reference(_: Words, facts: Facts) -> str:
    return _("Reference: {id}", id=_.code(str(facts["id"]))) if "id" in facts else ""


def _receipt_home(_: Words) -> tuple[Button, ...]:
    """Home below a receipt opens a new card: the receipt stays in the chat."""
    return (Button(_("Home"), Action.HOME, "below"),)


_TELLERS: Final[Mapping[str, Callable[[Words, Facts], Card]]] = {
    "recovery_used": _recovery_used,
    "sent": _sent,
    "received": _received,
    "hold_released": _hold_released,
    "debt_repaid": _debt_repaid,
    "invoice": invoices.invoice,
    "withdrawal": withdrawals.withdrawal,
    **security.NOTICES,
    "review_waiting": reviews.notice,
    "case": cases.notice,
    "claimable": claims.waiting,
    "recurring_send": recurring.card,
    "recurring_failed": recurring.failed,
    "recurring_missed": recurring.missed,
    "request_reminder": requests.reminder,
    "mass_send": mass_sends.card,
    "approval": approvals.approval,
    "alarm": alerts.alarm,
    "alert": alerts.alert,
    "day_report": day_report.day_report,
    "kyc": kyc.card,
    "kyc_review": kyc_review.notice,
    "level_lowered": kyc.level_lowered,
    "role_changed": roles.changed_notice,
    "policies_switched": policy_sets.switched_notice,
    "hot_wallet": hot_wallet.notice,
    "rail_switched": rails.rail_notice,
    "mode_switched": rails.mode_notice,
}
