"""The daily report: that all is well with its figures, or what is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions import Action
from bot.views.alerts import instead
from bot.views.card import Button, Card
from bot.views.words import Words
from wallet_core.domain.day_report import Trouble
from wallet_core.domain.money import Asset


def day_report(_: Words, facts: Mapping[str, Any]) -> Card:
    """Liabilities against assets, queues, hot wallets, what waits, and what was done in the 24 hours before."""
    troubles = [Trouble(trouble) for trouble in facts["troubles"]]
    heading = _("{day}: all is well", day=facts["day"]) if not troubles else _("{day}: NOT WELL", day=facts["day"])
    lines = [
        _.bold(heading),
        *(f"• {trouble_text(_, trouble)}" for trouble in troubles),
        *_books(_, facts),
        *(_rail(_, rail) for rail in facts["rails"]),
        _("Reviews waiting: {reviews}; cases open: {cases}", reviews=facts["reviews"], cases=facts["cases"]),
        _("Applications for a level waiting: {count}", count=facts["applications"])
        if facts.get("applications")
        else "",
        *_done(_, facts["volumes"]),
        _seals(_, facts),
        instead(_, facts),
    ]
    return Card("\n".join(line for line in lines if line), ((Button(_("Admin desk"), Action.DESK),),))


def trouble_text(_: Words, trouble: Trouble) -> str:
    """What is not well, and where to look."""
    texts = {
        Trouble.UNCOVERED: _("what we have is worth less than what we owe to people"),
        Trouble.UNPRICED: _("a coin has no rate now, so nobody can say whether what we owe is covered"),
        Trouble.MODE: _("the whole wallet is switched to less than everything"),
        Trouble.RAIL: _("a rail is switched off, or stopped by an alarm"),
        Trouble.ALARMS: _("critical alarms are open: /alarms"),
        Trouble.QUEUE: _("a payout has waited for more than a day"),
        Trouble.SHORT: _("a hot wallet has less than its floor and its queue"),
        Trouble.REVIEWS: _("a review has waited for more than a day"),
        Trouble.CASES: _("a case has been open for more than a day"),
        Trouble.APPLICATIONS: _("somebody has waited for more than a day for a level: /applications"),
        Trouble.SEALS: _("the journal has not been sealed for ten minutes: look at the worker"),
        Trouble.UNVERIFIED: _("nobody has run wallet verify for two days"),
        Trouble.GAPS: _("the last wallet verify found gaps"),
        Trouble.SILENT: _("a bot or a worker has not been heard of: /health"),
        Trouble.OUTBOX: _("messages to people have waited for ten minutes"),
    }
    return texts[trouble]


def _books(_: Words, facts: Mapping[str, Any]) -> list[str]:
    owed = _("Owed to people: {owed}", owed=_.amount(facts["owed_minor"]))
    held = [_holding(_, one) for one in facts["holdings"] if one["coin_minor"]]
    if facts["worth_minor"] is None:
        return [owed, *held]
    over = _.amount(facts["worth_minor"] - facts["owed_minor"])
    return [
        owed,
        *held,
        _("Worth in all: {worth}; over what is owed: {over}", worth=_.amount(facts["worth_minor"]), over=over),
    ]


def _holding(_: Words, one: Mapping[str, Any]) -> str:
    coins = _.amount(one["coin_minor"], Asset(one["asset"]))
    if one["worth_minor"] is None:
        return _("We have: {coins}, without a rate", coins=coins)
    return _("We have: {coins}, worth {worth}", coins=coins, worth=_.amount(one["worth_minor"]))


def _rail(_: Words, rail: Mapping[str, Any]) -> str:
    asset = Asset(rail["asset"])
    parts = [
        _(
            "{asset}: queued {count}, {sum}",
            asset=_.ltr(asset),
            count=rail["queued"],
            sum=_.amount(rail["queued_minor"], asset),
        ),
        _("oldest since {at}", at=_.instant(rail["oldest_at"])) if rail["oldest_at"] else "",
        _("hot wallet {free}", free=_.amount(rail["free_minor"], asset)) if rail["free_minor"] is not None else "",
        _("missing {missing}", missing=_.amount(rail["missing_minor"], asset)) if rail["missing_minor"] else "",
    ]
    return ", ".join(part for part in parts if part)


def _done(_: Words, volumes: Mapping[str, Any]) -> tuple[str, ...]:
    sums = {name: _.amount(volumes[f"{name}_minor"]) for name in ("sent", "bought", "paid", "income")}
    return (
        _("In the last 24 hours:"),
        _("Sends: {count}, {sum}", count=volumes["sends"], sum=sums["sent"]),
        _("Purchases: {count}, {sum}", count=volumes["purchases"], sum=sums["bought"]),
        _("Withdrawals: {count}, {sum}", count=volumes["withdrawals"], sum=sums["paid"]),
        _("Fees of these: {sum}", sum=sums["income"]),
    )


def _seals(_: Words, facts: Mapping[str, Any]) -> str:
    verified = _.instant(facts["verified_at"]) if facts["verified_at"] else _("never")
    return _("Seals: {count}; last verified: {at}", count=facts["seals"], at=verified)
