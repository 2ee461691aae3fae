"""Applications for a level, as reviewers see them: the queue, one of them, a document, and the decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.actions import Action
from bot.views import keyboards
from bot.views.approving.prompt import who
from bot.views.card import Button, Card, File, Row
from bot.views.confirmations import person_named
from bot.views.kyc import part_name, reason_text
from bot.views.words import Html, Words
from wallet_core.domain.kyc_application import REVIEWERS, KycApplication, KycReason, KycState, is_claimed
from wallet_core.domain.kyc_document import KycDocument, Media, Part
from wallet_core.domain.kyc_messages import review_thread
from wallet_core.use_cases.look_at_document import OpenedDocument
from wallet_core.use_cases.show_applications import ApplicationsPage
from wallet_core.use_cases.show_kyc_case import KycCase

Facts = Mapping[str, Any]

#: What a reviewer decides; it stands in buttons and questions.
CLAIM, APPROVE, REFUSE, ASK_AGAIN = "claim", "approve", "refuse", "again"
#: Where no part is meant.
NO_PART: Final = "-"
#: Where a reviewer's word brought it; OPEN again: one part is wanted once more.
_DECIDED: Final = frozenset({KycState.OPEN, KycState.APPROVED, KycState.REFUSED})
_ENDINGS: Final = {Media.JPEG: "jpg", Media.PNG: "png", Media.PDF: "pdf"}


def queue(_: Words, page: ApplicationsPage) -> Card:
    """Those that wait, oldest first."""
    heading = _.bold(_("Applications for a level, page {page}", page=page.number))
    lines = [_line(_, number, one, name, page.now) for number, (one, name) in enumerate(page.rows, 1)]
    numbers = tuple(Button(str(n), Action.KYC_REVIEW, one.id) for n, (one, _name) in enumerate(page.rows, 1))
    rows = (
        *((numbers,) if numbers else ()),
        *keyboards.pages(_, Action.KYC_QUEUE, page.number, has_more=page.has_more),
        (Button(_("Refresh"), Action.KYC_QUEUE, str(page.number)),),
        keyboards.back(_, Action.DESK),
    )
    return Card("\n".join((heading, *(lines or [_("Nothing is waiting.")]))), rows)


def case(_: Words, case: KycCase) -> Card:
    """One application, and what the reviewer may do with it now."""
    application = case.application
    mine = application.reviewer == case.reviewer and is_claimed(application, case.now)
    lines = (
        _.bold(_("Application for level {level}", level=application.level)),
        _("Person: {name}", name=person_named(_, case.name, application.person)),
        _("State: {state}", state=state_name(_, application.state)),
        _("Handed in: {at}", at=_.moment(application.handed_in_at)) if application.handed_in_at else "",
        _holder(_, case, mine=mine),
        _approvals(_, application),
        _("Why: {reason}", reason=reason_text(_, application.reason)) if application.reason else "",
        *_document_lines(_, application, case.reviewer),
    )
    taken = is_claimed(application, case.now)
    rows = (
        *_case_rows(_, application, case.reviewer, mine=mine, taken=taken),
        keyboards.back(_, Action.KYC_QUEUE, "1"),
    )
    # It is the card that follows the application: what another reviewer decides stands in its place.
    thread = review_thread(application.id, case.reviewer)
    return Card("\n".join(line for line in lines if line), rows, thread=thread)


def document(_: Words, opened: OpenedDocument, until: datetime) -> Card:
    """A document for the reviewer's eyes: not to be saved or forwarded, and gone after a while."""
    facts = {"name": _named(_, opened.document, opened.number), "person": opened.application.person}
    caption = _(
        "{name}, person {person}. Your look is recorded. This message goes away at {until}, or when it is decided.",
        until=_.moment(until),
        **facts,
    )
    if opened.document.media is Media.TEXT:
        return Card(f"{caption}\n\n{_.typed(opened.content.decode())}", protected=True)
    file = File(f"document.{_ENDINGS[opened.document.media]}", opened.content, opened.document.is_picture)
    return Card(caption, file=file, protected=True)


def reasons(_: Words, verb: str, application: str, part: str) -> Card:
    """Asks why, with the usual reasons as buttons."""
    text = (
        _("Why is it refused? Press a reason or write it; the person reads it.")
        if verb == REFUSE
        else _("Why is it wanted again? Press a reason or write it; the person reads it.")
    )
    buttons = [
        (Button(short_reason(_, reason), Action.KYC_REASON, f"{verb} {application} {part} {reason}"),)
        for reason in KycReason
    ]
    return Card(text, (*buttons, (Button(_("Cancel"), Action.QUESTION_CANCEL),)))


def short_reason(_: Words, reason: KycReason) -> Html:
    """One of the usual reasons, in a word or two."""
    names = {
        KycReason.UNREADABLE: _("Cannot be read"),
        KycReason.OUT_OF_DATE: _("Out of date"),
        KycReason.NOT_THE_SAME: _("Not the same person"),
        KycReason.INCOMPLETE: _("Something is missing"),
        KycReason.NOT_GENUINE: _("Not the document itself"),
    }
    return names[reason]


def purpose(_: Words, verb: str, part: str, reason: str) -> str:
    """What the reviewer's code is asked for."""
    if verb == CLAIM:
        return _("take this application and look at its documents")
    if verb == APPROVE:
        return _("approve this application")
    if verb == REFUSE:
        return _("refuse this application: {reason}", reason=reason_text(_, reason))
    shown = part_name(_, Part(part))
    return _("ask for “{part}” again: {reason}", part=shown, reason=reason_text(_, reason))


def level_purpose(_: Words, person: int, level: str, reason: str) -> str:
    """What the admin's code is asked for."""
    facts = {"person": _.ltr(f"id {person}"), "level": level, "reason": reason_text(_, reason)}
    return _("put {person} on level {level}: {reason}", **facts)


def decided(_: Words, application: KycApplication) -> Card:
    """One's own decision."""
    back = keyboards.back(_, Action.KYC_QUEUE, "1")
    if application.state is KycState.REVIEW:
        return Card(_("Approved. A second reviewer has to look and approve as well."), (back,))
    told = _("Done: {state}. The person is told.", state=state_name(_, application.state))
    return Card(told, (back,))


def level_set(_: Words, person: int, before: int, level: int) -> Card:
    """A level was lowered."""
    facts = {"person": _.ltr(f"id {person}"), "before": before, "level": level}
    text = _("Done: {person} was on level {before} and is on level {level}. The person is told.", **facts)
    return Card(text, (keyboards.back(_, Action.DESK),))


def notice(_: Words, facts: Facts) -> Card:
    """What a reviewer is told of an application, as it goes on."""
    state = KycState(facts["state"])
    decided = state in _DECIDED and facts.get("decided_by")
    lines = (
        _.bold(_("Application for level {level}", level=facts["level"])),
        _("Person: {name}", name=person_named(_, str(facts.get("name") or "?"), facts["person"])),
        _("State: {state}", state=state_name(_, state)),
        _("Approved by one reviewer; a second one has to.") if facts["approvals"] and state is KycState.REVIEW else "",
        _("Decided by: {name}", name=who(_, facts, "decided_by")) if decided else "",
        _("Why: {reason}", reason=reason_text(_, str(facts["reason"]))) if decided and facts.get("reason") else "",
    )
    rows: tuple[Row, ...] = ((Button(_("Look at it"), Action.KYC_REVIEW, str(facts["id"])),),)
    waits = state is KycState.REVIEW
    # Nobody is told of an edit: what is to be done comes below everything.
    return Card("\n".join(line for line in lines if line), rows if waits else (), anew=waits)


def state_name(_: Words, state: KycState) -> Html:
    """Where an application stands."""
    names = {
        KycState.OPEN: _("waits for the person"),
        KycState.REVIEW: _("waits for a reviewer"),
        KycState.APPROVED: _("approved"),
        KycState.REFUSED: _("refused"),
        KycState.CANCELLED: _("taken back"),
        KycState.EXPIRED: _("expired"),
    }
    return names[state]


def _line(_: Words, number: int, application: KycApplication, name: str, now: datetime) -> str:
    held = _("in a reviewer's hands") if is_claimed(application, now) else _("free")
    return _(
        "{number}. level {level}, {name}, since {at}, {held}",
        number=number,
        level=application.level,
        name=person_named(_, name, application.person),
        at=_.moment(application.handed_in_at or now),
        held=held,
    )


def _holder(_: Words, case: KycCase, *, mine: bool) -> str:
    application = case.application
    if application.state is not KycState.REVIEW:
        return ""
    if not is_claimed(application, case.now) or application.claimed_until is None:
        return _("Nobody has it. Take it before you look.")
    until = _.moment(application.claimed_until)
    if mine:
        return _("You have it until {until}; each look prolongs that.", until=until)
    return _("{name} has it until {until}.", name=_.name(case.holder_name or "?"), until=until)


def _approvals(_: Words, application: KycApplication) -> str:
    needed = REVIEWERS[application.level]
    if needed == 1 or application.state is not KycState.REVIEW:
        return ""
    return _("Approvals: {count} of {needed}", count=len(application.approvals), needed=needed)


def _document_lines(_: Words, application: KycApplication, reviewer: int) -> list[str]:
    if application.key is None:
        return [_("Its documents were removed.")]
    seen, yes, no = application.seen.get(str(reviewer), ()), _("you looked"), _("not looked at yet")
    return [
        f"{_named(_, one, _number(application, one))}: {yes if one.id in seen else no}" for one in application.current
    ]


def _number(application: KycApplication, document: KycDocument) -> int:
    return [one.id for one in application.documents if one.part is document.part].index(document.id) + 1


def _named(_: Words, document: KycDocument, number: int) -> Html:
    return Html(f"{part_name(_, document.part)} {number}")


def _case_rows(_: Words, application: KycApplication, reviewer: int, *, mine: bool, taken: bool) -> tuple[Row, ...]:
    refresh = (Button(_("Refresh"), Action.KYC_REVIEW, application.id),)
    if application.state is not KycState.REVIEW or (taken and not mine):
        return (refresh,)
    if not mine:
        return ((Button(_("Take it"), Action.KYC_CLAIM, application.id),), refresh)
    looks = tuple(
        (Button(_("Look: {document}", document=_named(_, one, _number(application, one))), Action.KYC_LOOK,
                f"{application.id} {one.id}"),)
        for one in application.current
    )  # fmt: skip
    parts = dict.fromkeys(one.part for one in application.current)
    again = tuple(
        (Button(_("Ask again: {part}", part=part_name(_, part)), Action.KYC_ASK_AGAIN, f"{application.id} {part}"),)
        for part in parts
    )
    seen = application.seen.get(str(reviewer), ())
    ready = all(one.id in seen for one in application.current) and all(
        one.by != reviewer for one in application.approvals
    )
    approve = (Button(_("Approve"), Action.KYC_APPROVE, application.id),) if ready else ()
    decide = (*approve, Button(_("Refuse"), Action.KYC_REFUSE, application.id))
    return (*looks, decide, *again, (Button(_("Give it back"), Action.KYC_RELEASE, application.id), *refresh))
