"""Sends that come again: the list, the card of one, and what is told when a run fails or is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from babel.dates import get_day_names

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, Row
from bot.views.claims import note_line
from bot.views.confirmations import person_named, recipient
from bot.views.reasons import reason_text
from bot.views.words import Html, Words
from wallet_core.domain.errors import Reason
from wallet_core.domain.recurrence import Every, Rule
from wallet_core.domain.recurring_send import RecurringSend, RecurringState, recurring_message
from wallet_core.use_cases.propose_recurring import Proposal

Facts = Mapping[str, Any]
#: What can be chosen without typing.
PRESETS = ("daily 09:00", "weekly mon 09:00", "monthly 1 09:00")


def listed(_: Words, found: Sequence[RecurringSend]) -> Card:
    """Those that run or are paused."""
    lines: list[str] = [_.bold(_("Recurring sends"))]
    lines += [_line(_, one) for one in found] or [_("There are none. What you send again and again can go by itself.")]
    rows: list[Row] = [(Button(_short(_, one), Action.RECURRING, one.id),) for one in found]
    new = (Button(_("New"), Action.RECURRING_NEW), Button(_("Home"), Action.HOME))
    return Card("\n".join(lines), (*rows, new))


def what_question(_: Words) -> Html:
    """How much, and to whom."""
    return _("How much, and to whom? Write it like this: 5 @name pocket money")


def when_question(_: Words, zone: str) -> Html:
    """When, by whose clock."""
    return _(
        "When? Choose, or write it like one of these: {examples}. Times are of your time zone, {zone}; /zone changes "
        "it.",
        examples=_.code("daily 18:00, weekly fri 18:00, monthly 15 18:00"),
        zone=_.ltr(zone),
    )


def presets(_: Words, zone: str, about: str) -> tuple[Button, ...]:
    """Buttons for what most people want. ``about``: what is to be sent, to whom."""
    rules = (
        Rule(every=Every.DAY, minute=540, zone=zone),
        Rule(every=Every.WEEK, minute=540, day=0, zone=zone),
        Rule(every=Every.MONTH, minute=540, day=1, zone=zone),
    )
    return tuple(
        Button(rule_text(_, rule), Action.RECURRING_WHEN, f"{typed}\n{about}")
        for rule, typed in zip(rules, PRESETS, strict=True)
    )


def proposal(_: Words, proposed: Proposal) -> Card:
    """What would be sent, to whom, when first; nothing is debited now."""
    send = proposed.send
    lines = (
        _.bold(_("Send again and again")),
        _("Amount: {amount}", amount=_.bold(_.amount(send.amount_minor))),
        _("To: {name}", name=recipient(_, proposed.recipient)),
        note_line(_, {"note": send.note}),
        rule_text(_, send.rule),
        _("First: {when}", when=_.wall(send.next_at, send.rule.zone)),
        _("Nothing is debited now. Each time it takes what you have and your limit of that day."),
    )
    rows = keyboards.confirmation(_, Action.RECURRING_CONFIRM, Action.RECURRING_END, send.id)
    return Card(
        "\n".join(line for line in lines if line), rows, thread=f"recurring:{send.id}", expires_at=send.expires_at
    )


def one(_: Words, send: RecurringSend) -> Card:
    """The card of one, as the outbox shows it too."""
    message = recurring_message(send)
    shown = card(_, message.facts)
    return Card(shown.text, shown.rows, thread=message.thread)


def card(_: Words, facts: Facts) -> Card:
    """What it is, when next, and what can be done about it."""
    state, rule = RecurringState(facts["state"]), _rule(facts)
    lines = (
        _.bold(_("{amount} to {name}", amount=_.amount(facts["amount_minor"]), name=str(facts["recipient_name"]))),
        _("To: {name}", name=_recipient(_, facts)),
        note_line(_, facts),
        rule_text(_, rule),
        _state_line(_, facts, state, rule),
        *([_failure(_, facts)] if facts.get("failures") else []),
    )
    return Card("\n".join(line for line in lines if line), _rows(_, facts, state))


def failed(_: Words, facts: Facts) -> Card:
    """A run was refused: why, and what comes next."""
    paused = facts["state"] == RecurringState.PAUSED
    lines = (
        _.bold(_("Not sent: {amount} to {name}", amount=_.amount(facts["amount_minor"]), name=_recipient(_, facts))),
        _("It was due at {when}.", when=_.wall(facts["due_at"], _rule(facts).zone)),
        _reason(_, facts),
        _("It failed three times in a row, so it is paused. Resume it when that is mended.")
        if paused
        else _("The next try is at {when}.", when=_.wall(facts["next_at"], _rule(facts).zone)),
    )
    return Card("\n".join(lines), _below(_, facts))


def missed(_: Words, facts: Facts) -> Card:
    """A run was left out, because nothing ran when it was due."""
    zone = _rule(facts).zone
    lines = (
        _.bold(_("Left out: {amount} to {name}", amount=_.amount(facts["amount_minor"]), name=_recipient(_, facts))),
        _(
            "It was due at {when}, and we could not send then. It is not made up for.",
            when=_.wall(facts["due_at"], zone),
        ),
        _("Nothing was debited. The next one is at {when}.", when=_.wall(facts["next_at"], zone)),
    )
    return Card("\n".join(lines), _below(_, facts))


def rule_text(_: Words, rule: Rule) -> str:
    """A rule in words."""
    at = _.ltr(f"{rule.minute // 60:02}:{rule.minute % 60:02}")
    if rule.every is Every.DAY:
        return _("every day at {at}", at=at)
    if rule.every is Every.WEEK:
        day = get_day_names("wide", locale=_.language)[rule.day]
        return _("every {day} at {at}", day=day, at=at)
    return _("on day {day} of every month at {at}", day=rule.day, at=at)


def to_set_up(_: Words) -> Html:
    """What the code is asked for."""
    return _("send this again and again")


def toast(_: Words, state: RecurringState) -> str:
    """What a pressed button answers."""
    toasts = {
        RecurringState.RUNNING: _("It runs"),
        RecurringState.PAUSED: _("Paused"),
        RecurringState.ENDED: _("Ended"),
    }
    return toasts.get(state, "")


def toast_skipped(_: Words) -> str:
    """The next run is left out."""
    return _("Skipped once")


def _rule(facts: Facts) -> Rule:
    return Rule.model_validate(facts["rule"])


def _recipient(_: Words, facts: Facts) -> Html:
    return person_named(_, str(facts["recipient_name"]), facts["recipient"])


def _state_line(_: Words, facts: Facts, state: RecurringState, rule: Rule) -> str:
    if state is RecurringState.RUNNING:
        return _("Next: {when}", when=_.wall(facts["next_at"], rule.zone))
    if state is RecurringState.PAUSED:
        return _("Paused: nothing is sent until you resume it.")
    return _("Ended: nothing is sent any more.")


def _failure(_: Words, facts: Facts) -> str:
    count, why = facts["failures"], _reason(_, facts)
    return _.plural("{count} failure in a row: {why}", "{count} failures in a row: {why}", count, why=why)


def _reason(_: Words, facts: Facts) -> str:
    return reason_text(_, Reason(facts.get("reason") or facts["failed_because"]), {})


def _rows(_: Words, facts: Facts, state: RecurringState) -> tuple[Row, ...]:
    recurring_id, home = str(facts["id"]), Button(_("Home"), Action.HOME, "below")
    end = Button(_("End"), Action.RECURRING_END, recurring_id)
    if state is RecurringState.RUNNING:
        due: datetime = facts["next_at"]
        skip = Button(_("Skip the next"), Action.RECURRING_SKIP, f"{recurring_id} {due.isoformat()}")
        return ((Button(_("Pause"), Action.RECURRING_PAUSE, recurring_id), skip), (end, home))
    if state is RecurringState.PAUSED:
        return ((Button(_("Resume"), Action.RECURRING_RESUME, recurring_id), end), (home,))
    return ((home,),)


def _below(_: Words, facts: Facts) -> tuple[Row, ...]:
    return ((Button(_("Look at it"), Action.RECURRING, str(facts["id"])), Button(_("Home"), Action.HOME, "below")),)


def _line(_: Words, one: RecurringSend) -> str:
    when = _.wall(one.next_at, one.rule.zone) if one.state is RecurringState.RUNNING else _("paused")
    name = person_named(_, one.recipient_name, one.recipient)
    return _(
        "{amount} to {name}, {rule}: {when}",
        amount=_.amount(one.amount_minor),
        name=name,
        rule=rule_text(_, one.rule),
        when=when,
    )


def _short(_: Words, one: RecurringSend) -> str:
    return f"{_.amount(one.amount_minor)} → {one.recipient_name}"[:40]
