"""An application for a level, as the person who applies sees it: what is wanted, what was sent, how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from bot.actions import Action
from bot.views.card import Button, Card, Row
from bot.views.words import Html, Words
from wallet_core.domain.kyc_application import RUNNING, KycReason, KycState
from wallet_core.domain.kyc_document import MAX_DOCUMENT_BYTES, MAX_PER_PART, MAX_TEXT_CHARACTERS, SINGLE, Part
from wallet_core.domain.kyc_messages import kyc_facts, kyc_thread
from wallet_core.use_cases.show_application import ApplicationView

Facts = Mapping[str, Any]


def with_application(_: Words, levels: Card, view: ApplicationView) -> Card:
    """The card of levels with the way to the next one, and with how far an application is."""
    latest = view.latest
    if latest is not None and latest.state in RUNNING:
        label = _("Continue your application") if latest.asks else _("Your application")
        row: tuple[Row, ...] = ((Button(label, Action.KYC_APPLY),),)
        line = state_line(_, kyc_facts(latest))
    else:
        wanted = _("Apply for level {level}", level=view.next_level)
        row = ((Button(wanted, Action.KYC_APPLY),),) if view.next_level else ()
        line = wanted_line(_, view.next_level) if view.next_level else ""
    text = "\n\n".join(part for part in (levels.text, line) if part)
    return replace(levels, text=text, rows=(*row, *levels.rows))


def wanted_line(_: Words, level: int) -> Html:
    """What a level wants."""
    if level == 2:
        return _("Level 2 wants your own contact, an identity document and a picture of yourself.")
    return _("Level 3 wants a proof of your address and where your money comes from.")


def card(_: Words, facts: Facts) -> Card:
    """An application at its present state, as ``kyc_facts`` has it."""
    state = KycState(facts["state"])
    heading = _.bold(_("Application for level {level}", level=facts["level"]))
    parts = [_part_line(_, facts, one) for one in facts["parts"]] if state in RUNNING else []
    blocks = (heading, "\n".join(parts), state_line(_, facts), _privacy(_) if state is KycState.OPEN else "")
    text = "\n\n".join(block for block in blocks if block)
    return Card(text, _rows(_, state, facts), thread=kyc_thread(facts["id"]), anew=bool(facts.get("news")))


def state_line(_: Words, facts: Facts) -> str:
    """Where it stands, and what to do next."""
    return _STATES[KycState(facts["state"])](_, facts)


def part_name(_: Words, part: Part) -> Html:
    """What a part is called."""
    names = {
        Part.CONTACT: _("Your own contact"),
        Part.IDENTITY: _("Identity document"),
        Part.SELFIE: _("Picture of yourself"),
        Part.ADDRESS: _("Proof of address"),
        Part.FUNDS: _("Source of your money"),
    }
    return names[part]


def reason_text(_: Words, reason: str) -> Html:
    """Why, in the person's language where the reviewer chose one of the usual reasons."""
    usual: dict[str, Html] = {
        KycReason.UNREADABLE: _("it cannot be read; send it larger and in focus, with all four edges"),
        KycReason.OUT_OF_DATE: _("it is out of date"),
        KycReason.NOT_THE_SAME: _("the documents are not of the same person"),
        KycReason.INCOMPLETE: _("a page or a side is missing"),
        KycReason.NOT_GENUINE: _("it is not a picture of the document itself"),
    }
    return usual.get(reason) or _.typed(reason)


def share_contact(_: Words) -> Card:
    """The button below the input field that shares the own contact."""
    text = _("Press “Share my contact” below the input field. Somebody else's contact is not taken.")
    return Card(text, shares_contact=_("Share my contact"))


def contact_taken(_: Words) -> Card:
    """The button is not needed any more."""
    return Card(_("Your contact was taken, and the message with it is deleted here."), ends_sharing=True)


def sharing_ended(_: Words) -> Card:
    """The button goes away although nothing was shared."""
    return Card(_("Your application was taken back."), ends_sharing=True)


def give_up(_: Words, application: str) -> Card:
    """Asks before an application is taken back."""
    text = _(
        "Take your application back? What you sent for it and did not hand in is removed at once. "
        "You can apply again at any time."
    )
    yes = Button(_("Take it back"), Action.KYC_CANCEL, application)
    return Card(text, ((yes, Button(_("Keep it"), Action.KYC_APPLY)),))


def nothing_waits(_: Words) -> Card:
    """A picture, a file or the own contact came that nothing asks for."""
    text = _(
        "Thank you, but nothing waits for that now, so I did not open it. If it is for your level, press “Levels” and "
        "apply first; then send it again, and delete this one from the chat."
    )
    return Card(
        text, ((Button(_("Levels"), Action.KYC), Button(_("Help"), Action.HELP), Button(_("Home"), Action.HOME)),)
    )


def level_lowered(_: Words, facts: Facts) -> Card:
    """An admin put the person on a lower level."""
    lines = (
        _.bold(_("Your level is {level} now", level=facts["level"])),
        _("It was {before}. Why: {reason}", before=facts["before"], reason=reason_text(_, str(facts["reason"]))),
        _("Your money is safe; the limits of a day are those of the new level. You can apply for the next one."),
    )
    return Card("\n".join(lines), ((Button(_("Levels"), Action.KYC), Button(_("Home"), Action.HOME, "below")),))


def _part_line(_: Words, facts: Facts, one: Mapping[str, Any]) -> str:
    part, files = Part(one["part"]), int(one["files"])
    if one["done"]:
        state = _("sent") if files <= 1 else _.plural("{count} file sent", "{count} files sent", files)
    elif files:
        state = _.plural("{count} file sent so far", "{count} files sent so far", files)
    else:
        state = _("wanted once more") if part == facts.get("again") else _("wanted")
    return f"{_.bold(part_name(_, part))}: {state}"


def _privacy(_: Words) -> Html:
    return _(
        "Each message with a document is deleted here once it is taken. It is kept sealed, only reviewers see it, each "
        "look is recorded, and after a time it is removed for good. Hand in within the time above."
    )


def _open(_: Words, facts: Facts) -> str:
    asks = Part(facts["asks"]) if facts.get("asks") else None
    again = (
        _(
            "A reviewer needs one part once more: {part}. Why: {reason}",
            part=part_name(_, Part(facts["again"])),
            reason=reason_text(_, str(facts["reason"])),
        )
        if facts.get("again")
        else ""
    )
    todo = _asking(_, asks, facts) if asks else _("Everything is here. Hand it in when you are ready.")
    until = _("This ends by itself at {until} if it is not handed in.", until=_.moment(facts["expires_at"]))
    return "\n".join(line for line in (again, todo, until) if line)


def _asking(_: Words, part: Part, facts: Facts) -> str:
    files = next(int(one["files"]) for one in facts["parts"] if one["part"] == part)
    if files:
        return _("Send more of it, such as the other side, or press “That is all”.")
    asked = {
        Part.CONTACT: _("Now share your own contact: the button stands below the input field."),
        Part.IDENTITY: _("Now send your passport's page with the picture, or both sides of an identity card."),
        Part.SELFIE: _("Now send a picture of your face, taken today, with the identity document beside it."),
        Part.ADDRESS: _("Now send a bill, a bank statement or an official letter, not older than three months, "
                        "with your name and address."),
        Part.FUNDS: _("Now write where your money comes from, such as your work or a sale, in at most {count} "
                      "characters; or send a document that shows it; or both.", count=MAX_TEXT_CHARACTERS),
    }  # fmt: skip
    if part is Part.CONTACT:
        return asked[part]
    limit = _(
        "A picture, or a JPEG, PNG or PDF file of at most {size} MB; at most {count}.",
        size=MAX_DOCUMENT_BYTES // 1_000_000,
        count=1 if part in SINGLE else MAX_PER_PART,
    )
    return f"{asked[part]} {limit}"


def _review(_: Words, facts: Facts) -> str:
    return _("Handed in. A reviewer looks at it; you are told here how it goes on. Your money is not affected.")


def _approved(_: Words, facts: Facts) -> str:
    return _("Approved: you are on level {level} now. /limits shows what that gives.", level=facts["level"])


def _refused(_: Words, facts: Facts) -> str:
    lines = [_("Refused. Why: {reason}", reason=reason_text(_, str(facts["reason"])))]
    if facts.get("again_from"):
        lines.append(_("You may apply again from {at}.", at=_.moment(facts["again_from"])))
    lines.append(_("Your level and your money are as they were."))
    return "\n".join(lines)


def _cancelled(_: Words, facts: Facts) -> str:
    return _("You took it back. Your level is as it was, and you can apply again.")


def _expired(_: Words, facts: Facts) -> str:
    return _("It was not handed in in time and ended. What you sent is removed; you can apply again.")


_STATES: Final[Mapping[KycState, Callable[[Words, Facts], str]]] = {
    KycState.OPEN: _open,
    KycState.REVIEW: _review,
    KycState.APPROVED: _approved,
    KycState.REFUSED: _refused,
    KycState.CANCELLED: _cancelled,
    KycState.EXPIRED: _expired,
}


def _rows(_: Words, state: KycState, facts: Facts) -> tuple[Row, ...]:
    application = str(facts["id"])
    last = (Button(_("Levels"), Action.KYC), Button(_("Home"), Action.HOME, "below"))
    if state not in RUNNING:
        return (last,)
    back = (Button(_("Take it back"), Action.KYC_GIVE_UP, application),)
    return (*(_open_rows(_, application, facts) if state is KycState.OPEN else ()), back, last)


def _open_rows(_: Words, application: str, facts: Facts) -> tuple[Row, ...]:
    asks = facts.get("asks")
    started = any(one["part"] == asks and one["files"] for one in facts["parts"])
    if not asks:
        first: Row = (Button(_("Hand in"), Action.KYC_HAND_IN, application),)
    elif started:
        first = (Button(_("That is all"), Action.KYC_FINISH, f"{application} {asks}"),)
    else:
        first = (Button(_("Continue"), Action.KYC_APPLY),)
    anew = tuple(
        (Button(_("Send anew: {part}", part=part_name(_, Part(one["part"]))), Action.KYC_ANEW,
                f"{application} {one['part']}"),)
        for one in facts["parts"] if one["files"]
    )  # fmt: skip
    return (first, *anew)
