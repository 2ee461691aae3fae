"""Alarms as the chat of alerts and the desk show them: how grave, how often, what to do, and whether they are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.actions import Action
from bot.views import keyboards
from bot.views.alarm_guide import advice
from bot.views.card import Button, Card
from bot.views.words import Html, Words
from wallet_core.domain.alert import LASTING, Alert, Severity, Telling, severity_of

#: How many open alarms one card shows.
ALERTS_SHOWN = 8


def severity_name(_: Words, severity: Severity) -> str:
    """How soon somebody has to look."""
    names = {
        Severity.CRITICAL: _("CRITICAL, look now"),
        Severity.WARNING: _("Warning, look today"),
        Severity.INFO: _("For information"),
    }
    return names[severity]


def alarm(_: Words, facts: Mapping[str, Any]) -> Card:
    """One alarm, as an owner is told of it in private."""
    name = str(facts["alarm"])
    stopped = _("The hot wallet's payouts are stopped until an owner clears the alarm at the desk.")
    lines = [
        _.bold(_("Alarm in {asset}", asset=str(facts["asset"])) if facts.get("asset") else _("Alarm")),
        severity_name(_, severity_of(name)),
        _("{alarm}: {subject}", alarm=name, subject=_.code(str(facts.get("subject") or ""))),
        *([stopped] if facts.get("frozen") else []),
        _("What to do: {advice}", advice=advice(_, name)),
    ]
    return Card("\n".join(lines), ((Button(_("Admin desk"), Action.DESK),),))


def alert(_: Words, facts: Mapping[str, Any]) -> Card:
    """One kind of alarm on one rail, in the one message that is edited as it goes on; a reminder comes anew."""
    telling = Telling(facts["telling"])
    lines = [
        _.bold(_heading(_, facts, telling)),
        _("{alarm}: {subject}", alarm=str(facts["alarm"]), subject=_.code(str(facts["subject"]))),
        _times(_, facts),
        _state(_, facts),
        "" if facts.get("closed_at") else _("What to do: {advice}", advice=advice(_, str(facts["alarm"]))),
        instead(_, facts),
    ]
    text = "\n".join(line for line in lines if line)
    return Card(text, anew=telling is Telling.REMINDER)


def instead(_: Words, facts: Mapping[str, Any]) -> str:
    """Why somebody reads in private what was meant for the chat of alerts."""
    if "instead_of" not in facts:
        return ""
    chat = _.code(str(facts["instead_of"]))
    return _("The chat of alerts, {chat}, takes no messages: look at ALERT_CHAT_ID. So you read this here.", chat=chat)


def alerts(_: Words, found: Sequence[Alert], *, decides: bool = False) -> Card:
    """The alarms that are open, the latest first; ``decides``: for one who may say that they were seen to."""
    shown = found[:ALERTS_SHOWN]
    blocks = [_block(_, number, one) for number, one in enumerate(shown, 1)] or [_("No alarm is open.")]
    more = [_("And {count} more.", count=len(found) - len(shown))] if len(found) > len(shown) else []
    rows = tuple(
        (Button(_("Seen to: {number}", number=number), Action.ALERT_CLOSE, one.id),)
        for number, one in enumerate(shown, 1)
        if decides and not one.frozen
    )
    heading = _.bold(_("Open alarms: {count}", count=len(found)))
    refresh = (Button(_("Refresh"), Action.ALERTS),)
    return Card("\n\n".join((heading, *blocks, *more)), (*rows, refresh, keyboards.back(_, Action.DESK)))


def close_purpose(_: Words, alert_id: str) -> str:
    """What the admin's code is asked for."""
    return _("say that the alarm {alarm} was seen to", alarm=_.code(alert_id))


def _block(_: Words, number: int, one: Alert) -> str:
    facts = one.document()
    lines = (
        _("{number}. {heading}", number=number, heading=_heading(_, facts, Telling.NEWS)),
        _("{alarm}: {subject}", alarm=one.alarm, subject=_.code(one.subject)),
        _times(_, facts),
        _("What to do: {advice}", advice=_short(advice(_, one.alarm))),
    )
    return "\n".join(lines)


def _short(text: Html) -> Html:
    """As much as lets eight of them fit into a message; the alarm's own message has all of it."""
    return (
        text
        if len(text) <= _MOST_ADVICE
        else Html(text[:_MOST_ADVICE].rpartition(" ")[0].partition("<code>")[0] + " …")
    )


_MOST_ADVICE = 180


def _heading(_: Words, facts: Mapping[str, Any], telling: Telling) -> Html:
    grave = severity_name(_, severity_of(str(facts["alarm"])))
    where = _.ltr(str(facts.get("asset") or _("the whole wallet")))
    if telling is Telling.CLOSED:
        return _("Over: {severity}, {where}", severity=grave, where=where)
    if telling is Telling.REMINDER:
        return _(
            "STILL OPEN, reminder {count}: {severity}, {where}", count=facts["reminders"], severity=grave, where=where
        )
    return _("{severity}: {where}", severity=grave, where=where)


def _times(_: Words, facts: Mapping[str, Any]) -> str:
    if facts["count"] == 1:
        return _("Since {first}", first=_.instant(facts["first_at"]))
    return _(
        "Times: {count}, first {first}, last {last}",
        count=facts["count"],
        first=_.instant(facts["first_at"]),
        last=_.instant(facts["last_at"]),
    )


def _state(_: Words, facts: Mapping[str, Any]) -> str:
    if facts.get("closed_at"):
        at = _.instant(facts["closed_at"])
        if facts.get("closed_by") is None:
            is_over = str(facts["alarm"]) in LASTING
            return _("It is over, at {at}.", at=at) if is_over else _("It was quiet for a day; closed at {at}.", at=at)
        return _("An admin has seen to it, at {at}.", at=at)
    if facts.get("frozen"):
        return _("The hot wallet's payouts are stopped until an owner clears the alarm at the desk.")
    return ""
