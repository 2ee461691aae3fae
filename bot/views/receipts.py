"""What the outbox tells a person about money and security; receipts follow a purchase and a withdrawal step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.actions import Action
from bot.views import invoices
from bot.views.card import Button, Card
from bot.views.confirmations import network, person_named, send_thread
from bot.views.desk import review_rows, review_text
from bot.views.policies import policy_sentence
from bot.views.words import Html, Words
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.money import Asset
from wallet_core.domain.receipts import WithdrawalStep

Facts = Mapping[str, Any]


def receipt(_: Words, message: OutboxMessage, secret: str = "") -> Card:
    """The card of an outbox message; ``secret`` is what was sealed in it."""
    if message.template == "recovery_codes":
        return _recovery_codes(_, secret)
    teller = _TELLERS.get(message.template)
    card = teller(_, message.facts) if teller else Card(_unknown(_, message))
    return Card(card.text, card.rows, card.thread or message.thread, card.expires_at, card.picture, card.protected)


def _unknown(_: Words, message: OutboxMessage) -> str:
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
        _reference(_, facts),
    ]
    thread = send_thread(facts["id"]) if "id" in facts else None
    return Card("\n".join(lines), (_receipt_home(_),), thread=thread)


def _received(_: Words, facts: Facts) -> Card:
    amount = _.amount(facts["amount_minor"])
    lines = (
        _.bold(_("Received {amount}", amount=amount)),
        _("From: {name}", name=_other(_, facts)),
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


def _other(_: Words, facts: Facts) -> Html:
    return person_named(_, str(facts.get("other_name") or "?"), facts["other_id"])


def _reference(_: Words, facts: Facts) -> str:
    return _("Reference: {id}", id=_.code(str(facts["id"]))) if "id" in facts else ""


def _receipt_home(_: Words) -> tuple[Button, ...]:
    """Home below a receipt opens a new card: the receipt stays in the chat."""
    return (Button(_("Home"), Action.HOME, "below"),)


def _withdrawal(_: Words, facts: Facts) -> Card:
    step, asset = WithdrawalStep(facts["step"]), Asset(facts["asset"])
    lines = [
        _.bold(_("Withdrawal of {amount}", amount=_.amount(facts["coin_minor"], asset))),
        _STEPS[step](_, facts),
        *_told(_, facts),
        _("For: {amount} and a fee of {fee}", amount=_.amount(facts["amount_minor"]), fee=_.amount(facts["fee_minor"])),
        _("Network: {network}", network=network(_, asset)),
        _("To address: {address}", address=_.code(facts["address"])),
        *([_("Transaction: {txid}", txid=_.code(facts["txid"]))] if facts.get("txid") else []),
        _reference(_, facts),
    ]
    stop = Button(_("Cancel withdrawal"), Action.WITHDRAWAL_STOP, facts["id"])
    can_stop = step in (WithdrawalStep.REVIEW, WithdrawalStep.QUEUED)
    return Card("\n".join(lines), ((stop,),) if can_stop else ())


def _told(_: Words, facts: Facts) -> list[str]:
    if "policy" not in facts:
        return []
    return [policy_sentence(_, facts["policy"], facts.get("numbers") or {})]


def _broadcast(_: Words, facts: Facts) -> str:
    return _("Status: on its way; the network has the transaction.")


def _confirmed(_: Words, facts: Facts) -> str:
    count = facts.get("confirmations")
    if not isinstance(count, int):
        return _("Status: in the chain; waiting until it is final.")
    return _.plural(
        "Status: in the chain, {count} confirmation.", "Status: in the chain, {count} confirmations.", count
    )


def _queued(_: Words, facts: Facts) -> str:
    if facts.get("not_before"):
        return _("Status: queued, not paid before {at}. The money is held.", at=_.moment(facts["not_before"]))
    return _("Status: queued for the next batch. The money is held.")


def _returned(_: Words, facts: Facts) -> str:
    if facts.get("requote"):
        return _(
            "Status: not paid, because the rate moved while it waited. The whole amount is available again; ask anew "
            "for today's rate."
        )
    if facts.get("fee_kept_minor"):
        return _(
            "Status: the receiver's contract refused the coins, so the payout failed for good. The amount is available "
            "again; the fee of {fee} went to the network.",
            fee=_.amount(facts["fee_kept_minor"]),
        )
    return _("Status: the payout failed for good. The whole amount is available again.")


def _fixed(text: str) -> Callable[[Words, Facts], str]:
    return lambda _, facts: _(text)


def _notice(text: str) -> Callable[[Words, Facts], Card]:
    return lambda _, facts: Card(f"{_.bold(_('Security notice'))}\n{_(text)}")


def _(text: str) -> str:
    """Marks a text for the catalogues where it is translated later."""
    return text


_STEPS: Final[Mapping[WithdrawalStep, Callable[[Words, Facts], str]]] = {
    WithdrawalStep.REVIEW: _fixed(_("Status: waiting for an admin. The money is held, nothing is lost.")),
    WithdrawalStep.QUEUED: _queued,
    WithdrawalStep.BATCHED: _fixed(_("Status: in a batch; it is being signed and can no longer be cancelled.")),
    WithdrawalStep.BROADCAST: _broadcast,
    WithdrawalStep.UNKNOWN: _fixed(
        _("Status: the network has not answered yet. The money is safe; it is looked up until it is clear.")
    ),
    WithdrawalStep.CONFIRMED: _confirmed,
    WithdrawalStep.SETTLED: _fixed(_("Status: paid. The transaction is final.")),
    WithdrawalStep.REFUSED: _fixed(_("Status: refused by an admin. The whole amount is available again.")),
    WithdrawalStep.CANCELLED: _fixed(_("Status: cancelled. The whole amount is available again.")),
    WithdrawalStep.RETURNED: _returned,
}


def _review_waiting(_: Words, facts: Facts) -> Card:
    return Card(review_text(_, facts), review_rows(_, facts["id"]))


def _alarm(_: Words, facts: Facts) -> Card:
    stopped = _("The hot wallet's payouts are stopped until an owner clears the alarm at the desk.")
    lines = [
        _.bold(_("Alarm in {asset}", asset=str(facts.get("asset") or ""))),
        _("{alarm}: {subject}", alarm=str(facts["alarm"]), subject=_.code(str(facts.get("subject") or ""))),
        *([stopped] if facts.get("frozen") else []),
    ]
    return Card("\n".join(lines), ((Button(_("Admin desk"), Action.DESK),),))


_TELLERS: Final[Mapping[str, Callable[[Words, Facts], Card]]] = {
    "recovery_used": _recovery_used,
    "sent": _sent,
    "received": _received,
    "hold_released": _hold_released,
    "invoice": invoices.invoice,
    "withdrawal": _withdrawal,
    "frozen": _notice(
        _("Your wallet was frozen: nothing leaves it. If this was not you, tell the people who run this wallet.")
    ),
    "thawed": _notice(_("The freeze of your wallet ended. If this was not you, send /freeze at once.")),
    "review_waiting": _review_waiting,
    "alarm": _alarm,
}
