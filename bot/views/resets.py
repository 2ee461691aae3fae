"""Replacing and resetting a second factor: what the person reads of it, and what admins check."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, Picture, Row
from bot.views.words import Words
from wallet_core.domain.access_reset import AccessReset, ResetState
from wallet_core.use_cases.begin_enrolment import Enrolment

Facts = Mapping[str, Any]
#: The answer of an admin who does not know the person.
NOBODY: Final = "nobody"


def to_replace_device(_: Words) -> str:
    """What a code is asked for: another device."""
    return _("pair another device in place of the one that shows this code")


def to_renew_codes(_: Words) -> str:
    """What a code is asked for: new recovery codes."""
    return _("get new recovery codes in place of all old ones")


def to_cancel_reset(_: Words) -> str:
    """What a code is asked for: the end of a reset."""
    return _("end the reset")


def no_recovery_code(_: Words) -> str:
    """The button of somebody who has neither the device nor a recovery code."""
    return _("I have no recovery code")


def new_device(_: Words, enrolled: Enrolment, thread: str) -> Card:
    """The secret for another device; the old one still works."""
    text = "\n\n".join(
        (
            _.bold(_("Pair the new device")),
            _(
                "1. Scan the QR picture above with it, or open this address on it:\n{uri}\nor type this key: {key}",
                uri=_.code(enrolled.uri),
                key=_.code(enrolled.secret),
            ),
            _("2. Write here the 6-digit code that the new device shows, within 15 minutes."),
            _("Until then your old device works as before. Then it ends, and you get new recovery codes."),
        )
    )
    caption = _("Scan this with your authenticator app, then write its 6-digit code here.")
    rows = ((Button(_("Copy the key"), copies=enrolled.secret),),)
    return Card(text, rows, thread=thread, picture=Picture(enrolled.uri, caption))


def reset_question(_: Words, wait_seconds: int) -> Card:
    """What a reset is, before somebody asks for one."""
    hours = max(1, wait_seconds // 3_600)
    lines = (
        _.bold(_("Reset of your second factor")),
        _("Your wallet is frozen as soon as you ask: nothing leaves it, and money can still arrive."),
        _("Two people who run this wallet check that it is you: by your documents, or by what they know of you."),
        _.plural(
            "Then it waits {count} hour, and you are told each day. Then you pair a new device, and withdrawals wait "
            "once more.",
            "Then it waits {count} hours, and you are told each day. Then you pair a new device, and withdrawals wait "
            "once more.",
            hours,
        ),
        _("Whoever still has the device or a recovery code can end it at any time."),
    )
    ask: Row = (Button(_("Ask for the reset"), Action.RESET_CONFIRM), Button(_("Home"), Action.HOME))
    return Card("\n".join(lines), (ask,))


def own_reset(_: Words, reset: AccessReset, now: datetime) -> Card:
    """How one's own reset stands, with what can be done."""
    return reset_notice(_, reset.document() | {"id": reset.id}, now)


def reset_notice(_: Words, facts: Facts, now: datetime | None = None) -> Card:
    """What happened to a reset; while it is under way with the buttons to end it and, when it is due, to go on."""
    state, due_at = ResetState(facts["state"]), facts.get("due_at")
    is_due = state is ResetState.WAITING and due_at is not None and now is not None and now >= due_at
    text = "\n".join((_.bold(_("Security notice")), *_sentences(_, state, due_at, is_due=is_due)))
    if state not in (ResetState.ASKED, ResetState.WAITING):
        return Card(text, (keyboards.home(_),) if state is ResetState.CANCELLED else ())
    end: Row = (Button(_("End it with my code"), Action.RESET_CANCEL), Button(_("Freeze now"), Action.FREEZE_NOW))
    go_on: tuple[Row, ...] = ((Button(_("Pair a new device"), Action.RESET_COMPLETE),),)
    return Card(text, (*(go_on if state is ResetState.WAITING else ()), end))


def _sentences(_: Words, state: ResetState, due_at: datetime | None, *, is_due: bool) -> tuple[str, ...]:
    not_you = _("If this was not you: end it with your code, send /recover with a recovery code, or send /freeze.")
    if state is ResetState.ASKED:
        checked = _("Two people who run this wallet check who asks. Your wallet is frozen meanwhile.")
        return (_("A reset of your second factor was asked for."), checked, not_you)
    if state is ResetState.WAITING:
        if is_due:
            return (_("The reset of your second factor has waited long enough: pair a new device now."), not_you)
        when = _.moment(due_at) if due_at else "?"
        return (
            _("The reset of your second factor was checked. From {until} a new device may be paired.", until=when),
            not_you,
        )
    return (
        {
            ResetState.DONE: _("Your second factor was reset: pair a new device. Withdrawals wait for some days."),
            ResetState.CANCELLED: _("The reset of your second factor was ended. Your device works as before."),
            ResetState.REFUSED: _(
                "The reset of your second factor was refused: those who checked could not tell that it was you. Your "
                "money is safe. Write to the people who run this wallet."
            ),
        }[state],
    )


def to_check(_: Words, facts: Facts) -> Card:
    """What an admin is asked about somebody's reset."""
    lines = (
        _.bold(_("A reset of a second factor waits for a check")),
        _("Person: {person}, level {level}", person=_.code(str(facts["person"])), level=facts["level"]),
        _("Balance: {amount}", amount=_.amount(facts["balance_minor"])),
        _(
            "Is it really them? Compare with their documents, or without documents ask for what only they know: recent "
            "amounts, people and addresses. Never tell them any of it."
        ),
        _("Another admin has to agree, then it waits and is announced."),
    )
    known: Row = (
        Button(_("Yes, by documents"), Action.RESET_CHECK, f"{facts['id']} documents"),
        Button(_("Yes, by history"), Action.RESET_CHECK, f"{facts['id']} history"),
    )
    refuse: Row = (Button(_("No, refuse"), Action.RESET_CHECK, f"{facts['id']} {NOBODY}"),)
    return Card("\n".join(lines), (known, refuse))


def to_answer(_: Words, how: str) -> str:
    """What the admin's code is asked for."""
    if how == NOBODY:
        return _("refuse this reset")
    return _("say that you know who asks for this reset")


def reset_refused(_: Words) -> Card:
    """An admin refused a reset."""
    return Card(_("Refused. The person was told, and their device works as before."), (keyboards.home(_),))


def none_waiting(_: Words) -> Card:
    """No reset waits."""
    return Card(_("No reset waits for a check."), (keyboards.home(_),))
