"""What a second admin is asked: everything that the first one saw, who asks, and the digest that both can compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.actions import Action
from bot.views import keyboards
from bot.views.approving.access_reset import ACCESS_RESET
from bot.views.approving.keys import KEYS
from bot.views.approving.level_table import LEVEL_TABLE
from bot.views.approving.mass_send import MASS_SEND
from bot.views.approving.policy_set import POLICY_SET
from bot.views.approving.prompt import Prompt, who
from bot.views.approving.role import ROLE
from bot.views.approving.withdrawal import WITHDRAWAL
from bot.views.card import Button, Card, Row
from bot.views.mass_figures import digest_shown
from bot.views.words import Words
from wallet_core.domain.approval import Approval, ApprovalKind, ApprovalState

Facts = Mapping[str, Any]

#: What is told about each kind.
PROMPTS: Final[Mapping[ApprovalKind, Prompt]] = {
    ApprovalKind.KEYS: KEYS,
    ApprovalKind.MASS_SEND: MASS_SEND,
    ApprovalKind.ACCESS_RESET: ACCESS_RESET,
    ApprovalKind.LEVEL_TABLE: LEVEL_TABLE,
    ApprovalKind.POLICY_SET: POLICY_SET,
    ApprovalKind.ROLE: ROLE,
    ApprovalKind.WITHDRAWAL: WITHDRAWAL,
}


def approval(_: Words, facts: Facts) -> Card:
    """The question with its buttons; once it is decided, who decided."""
    state, prompt = ApprovalState(facts["state"]), PROMPTS[ApprovalKind(facts["kind"])]
    lines = (
        _.bold(prompt.heading(_, facts)),
        _("Asked by: {name}", name=who(_, facts, "asked_by")),
        *prompt.lines(_, facts),
        "",
        _sentence(_, state, facts),
    )
    waits = state is ApprovalState.ASKED
    rows = _rows(_, facts) if waits else (keyboards.back(_, Action.DESK),)
    return Card("\n".join(lines), rows, expires_at=facts["expires_at"] if waits else None)


def _rows(_: Words, facts: Facts) -> tuple[Row, ...]:
    if not facts.get("own"):
        return (*PROMPTS[ApprovalKind(facts["kind"])].opening(_, facts), *approval_rows(_, facts["id"]))
    return ((Button(_("Take it back"), Action.APPROVAL_TAKE_BACK, facts["id"]),),)


def approval_rows(_: Words, approval_id: str) -> tuple[Row, ...]:
    """Approve and, as near, Refuse."""
    approve = Button(_("Approve"), Action.APPROVAL_APPROVE, approval_id)
    return ((approve, Button(_("Refuse"), Action.APPROVAL_REFUSE, approval_id)),)


def waiting(_: Words, approvals: Sequence[Approval]) -> Card:
    """All that waits for a second admin, each with a button that opens it."""
    lines = [f"{number}. {_line(_, one)}" for number, one in enumerate(approvals, 1)]
    opening = tuple(Button(str(number), Action.APPROVAL, one.id) for number, one in enumerate(approvals, 1))
    rows = tuple(opening[start : start + 8] for start in range(0, len(opening), 8))
    text = "\n".join((_.bold(_("Waiting for a second admin")), *(lines or [_("Nothing is waiting.")])))
    return Card(text, (*rows, keyboards.back(_, Action.DESK)))


def _line(_: Words, one: Approval) -> str:
    facts = one.document()
    name, asked_by = PROMPTS[one.kind].name(_, facts), who(_, facts, "asked_by")
    return _("{what}, asked by {name}, until {until}", what=name, name=asked_by, until=_.moment(one.expires_at))


def purpose(_: Words, facts: Facts, *, approve: bool) -> str:
    """What the admin's code is asked for, as it is sealed: the message with the button may say something else."""
    shown = {
        "what": _.bold(PROMPTS[ApprovalKind(facts["kind"])].name(_, facts)),
        "name": who(_, facts, "asked_by"),
        "digest": digest_shown(_, facts["digest"]),
    }
    if approve:
        return _("approve what {name} asked for: {what}, digest {digest}", **shown)
    return _("refuse what {name} asked for: {what}, digest {digest}", **shown)


def asked(_: Words) -> Card:
    """Whoever asked is told that others have to agree."""
    text = _("Asked for. Nothing is changed before another admin approves; the card that came tells how it goes.")
    return Card(text, (keyboards.back(_, Action.DESK),))


def decided(_: Words, found: Approval) -> Card:
    """One's own decision."""
    if found.state is ApprovalState.APPROVED:
        return Card(_("Approved. It is done, exactly as it was shown."), (keyboards.back(_, Action.DESK),))
    if found.state is ApprovalState.WITHDRAWN:
        return Card(_("Taken back. Nothing was done."), (keyboards.back(_, Action.DESK),))
    return Card(_("Refused. Nothing was done; whoever asked is told."), (keyboards.back(_, Action.DESK),))


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
        if facts.get("own"):
            return _("Another admin has to approve until {until}.", until=_.moment(facts["expires_at"]))
        return PROMPTS[ApprovalKind(facts["kind"])].question(_, facts)
    if state is ApprovalState.WITHDRAWN:
        return _("Taken back by whoever asked. Nothing was done.")
    name = who(_, facts, "decided_by")
    if state is ApprovalState.APPROVED:
        return _("Approved by {name}. It is done.", name=name)
    return _("Refused by {name}. Nothing was done.", name=name)
