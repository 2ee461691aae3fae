"""What a person, or a reviewer, is told when something about levels and documents is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.views.kyc import part_name, reason_text
from bot.views.words import Words
from wallet_core.domain.errors import Reason
from wallet_core.domain.kyc_document import MAX_DOCUMENT_BYTES, MAX_TEXT_CHARACTERS, Part
from wallet_core.domain.mass_send import MassSend

Facts = Mapping[str, Any]
Teller = Callable[[Words, Facts], str]


def _bad_document(_: Words, facts: Facts) -> str:
    part = facts.get("part")
    if part == Part.CONTACT:
        return _("Please press “Share my contact” below the input field; a number that is written is not taken.")
    if part == Part.FUNDS:
        return _(
            "Please write where your money comes from in at most {count} characters, or send a picture, or a JPEG, PNG "
            "or PDF file. What you sent was not kept.",
            count=MAX_TEXT_CHARACTERS,
        )
    return _(
        "That was not taken and not kept: please send a picture, or a JPEG, PNG or PDF file. You can delete the other "
        "one from the chat."
    )


def _too_large(_: Words, facts: Facts) -> str:
    limit = int(facts.get("limit_bytes") or MAX_DOCUMENT_BYTES) // 1_000_000
    return _("That file is larger than {size} MB and was not kept. Send it smaller, or as a picture.", size=limit)


def _too_many(_: Words, facts: Facts) -> str:
    return _(
        "That is more than one application takes; the last one was not kept. Press “That is all”, or take the "
        "application back and begin anew."
    )


def _wait(_: Words, facts: Facts) -> str:
    if not facts.get("until"):
        return _("After a refusal you can apply again only after some time.")
    told = _("You can apply again from {until}.", until=_.moment(facts["until"]))
    if not facts.get("why"):
        return told
    return f"{told} " + _("Last time: {reason}", reason=reason_text(_, str(facts["why"])))


def _missing(_: Words, facts: Facts) -> str:
    if not facts.get("part"):
        return _("Something is still missing.")
    return _("This is still missing: {part}. Send it first.", part=part_name(_, Part(facts["part"])))


def _claimed(_: Words, facts: Facts) -> str:
    if not facts.get("until"):
        return _("Another reviewer has it now.")
    return _("Another reviewer has it until {until}.", until=_.moment(facts["until"]))


def _not_looked(_: Words, facts: Facts) -> str:
    if facts.get("what") == MassSend.collection:
        return _(
            "Open “Lines as a file” on the same card first, and look at whom they pay; then approve. Nothing was "
            "changed, and nothing was paid."
        )
    return _("Look at every document before you approve. Nothing was changed.")


def _fixed(text: str) -> Teller:
    return lambda _, facts: _(text)


def _(text: str) -> str:
    """Marks a text for the catalogues where it is translated later."""
    return text


TELLERS: Final[Mapping[Reason, Teller]] = {
    Reason.FOREIGN_CONTACT: _fixed(
        _(
            "That is not your own contact, so it was not kept. Press “Share my contact” below the input field, and "
            "delete the other one from the chat."
        )
    ),
    Reason.BAD_DOCUMENT: _bad_document,
    Reason.DOCUMENT_TOO_LARGE: _too_large,
    Reason.TOO_MANY_DOCUMENTS: _too_many,
    Reason.DOCUMENTS_GONE: _fixed(_("That document is not there any more. Ask for it again if it is still needed.")),
    Reason.HIGHEST_LEVEL: _fixed(_("You are on the highest level already.")),
    Reason.KYC_WAIT: _wait,
    Reason.KYC_MISSING: _missing,
    Reason.CLAIMED: _claimed,
    Reason.NOT_CLAIMED: _fixed(_("It is not in your hands, or not any more. Take it first. Nothing was changed.")),
    Reason.NOT_LOOKED: _not_looked,
    Reason.SECOND_REVIEWER: _fixed(_("You approved it already; another reviewer has to as well. Nothing was changed.")),
    Reason.BAD_REASON: _fixed(_("Please write a reason of 3 to 300 characters; the person reads it.")),
    Reason.NOT_LOWER: _fixed(
        _("A level is only lowered so, at least to 1; it goes up when an application is approved. Nothing was changed.")
    ),
}
