"""What a second admin is asked: everything that the first one saw, who asks, and the digest that both can compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, Row
from bot.views.confirmations import person_named
from bot.views.mass_faults import file_name
from bot.views.mass_figures import digest_line, money, plan_lines
from bot.views.words import Html, Words
from wallet_core.domain.approval import Approval, ApprovalState

Facts = Mapping[str, Any]


def approval(_: Words, facts: Facts) -> Card:
    """The question with its buttons; once it is decided, who decided."""
    state, send = ApprovalState(facts["state"]), facts.get("mass_send") or {}
    lines = (
        _.bold(_("A mass send needs a second admin: {name}", name=file_name(send.get("file_name")))),
        _("Asked by: {name}", name=_who(_, facts, "asked_by")),
        *(plan_lines(_, send) if send else ()),
        *(("", digest_line(_, send)) if send else ()),
        "",
        _sentence(_, state, facts),
    )
    waits = state is ApprovalState.ASKED
    rows = approval_rows(_, facts["id"]) if waits else (keyboards.back(_, Action.DESK),)
    return Card("\n".join(lines), rows, expires_at=facts["expires_at"] if waits else None)


def approval_rows(_: Words, approval_id: str) -> tuple[Row, ...]:
    """Approve and, as near, Refuse."""
    approve = Button(_("Approve"), Action.APPROVAL_APPROVE, approval_id)
    return ((approve, Button(_("Refuse"), Action.APPROVAL_REFUSE, approval_id)),)


def purpose(_: Words, *, approve: bool) -> str:
    """What the admin's code is asked for."""
    return _("approve what another admin asked for") if approve else _("refuse what another admin asked for")


def decided(_: Words, found: Approval) -> Card:
    """One's own decision."""
    if found.state is ApprovalState.APPROVED:
        return Card(_("Approved. It runs now, exactly as it was shown."), (keyboards.back(_, Action.DESK),))
    return Card(_("Refused. Nothing was paid; whoever asked is told."), (keyboards.back(_, Action.DESK),))


def decided_before(_: Words, found: Approval) -> Card:
    """Somebody else was faster."""
    text = _("Nothing was done now: it was decided before. It is: {state}", state=state_name(_, found.state))
    return Card(text, (keyboards.back(_, Action.DESK),))


def state_name(_: Words, state: ApprovalState) -> str:
    """Where a question stands."""
    names = {
        ApprovalState.ASKED: _("not decided"),
        ApprovalState.APPROVED: _("approved"),
        ApprovalState.REFUSED: _("refused"),
        ApprovalState.WITHDRAWN: _("taken back"),
    }
    return names[state]


def _sentence(_: Words, state: ApprovalState, facts: Facts) -> str:
    if state is ApprovalState.ASKED:
        return _(
            "It is above {limit}. Ask whoever sent it, outside of this chat, what it is for and compare the digest. "
            "Approve pays it at once. This ends at {until}.",
            limit=money(_, facts["above_minor"]),
            until=_.moment(facts["expires_at"]),
        )
    if state is ApprovalState.WITHDRAWN:
        return _("Taken back by whoever asked. Nothing was paid.")
    who = _who(_, facts, "decided_by")
    if state is ApprovalState.APPROVED:
        return _("Approved by {name}. It runs.", name=who)
    return _("Refused by {name}. Nothing was paid.", name=who)


def _who(_: Words, facts: Facts, role: str) -> Html:
    person, name = facts.get(role), facts.get(f"{role}_name")
    return person_named(_, name, person) if name and person else _.ltr(f"id {person or '?'}")
