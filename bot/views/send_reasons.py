"""Why a payment between people was refused: notes, requests, and what comes again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.views.words import Words
from wallet_core.domain.errors import Reason
from wallet_core.domain.money import Asset

Facts = Mapping[str, Any]


def _note_too_long(_: Words, facts: Facts) -> str:
    return _("A note has at most {most} characters. Shorten it. Nothing was sent.", most=facts.get("most", 140))


def _overpaid(_: Words, facts: Facts) -> str:
    if "left_minor" not in facts:
        return _("That is more than you were asked for. Nothing was sent; pay what is left of it.")
    return _(
        "That is more than you were asked for: {amount} is left. Nothing was sent.",
        amount=_.amount(facts["left_minor"], Asset.ITD),
    )


def _too_soon(_: Words, facts: Facts) -> str:
    if facts.get("until") is None:
        return _("You reminded them less than a day ago. Wait a little.")
    return _("You reminded them less than a day ago. You can again from {until}.", until=_.moment(facts["until"]))


def _too_many(_: Words, facts: Facts) -> str:
    return _("You have as many of these as there can be. End one of them first. Nothing was changed.")


def _fixed(text: str) -> Callable[[Words, Facts], str]:
    return lambda _, facts: _(text)


def _(text: str) -> str:
    """Marks a text for the catalogues where it is translated later."""
    return text


SEND_TELLERS: Final[Mapping[Reason, Callable[[Words, Facts], str]]] = {
    Reason.CONTACT_UNKNOWN: _fixed(
        _("That contact has no account at Telegram that I am told of. Send them a link instead. Nothing was sent.")
    ),
    Reason.NOT_A_PERSON: _fixed(
        _(
            "That message was not written by a person to whom ITD can be sent. Reply to somebody's message. "
            "Nothing was sent."
        )
    ),
    Reason.NOTE_TOO_LONG: _note_too_long,
    Reason.UNKNOWN_ZONE: _fixed(
        _("I do not know that time zone. Write one such as Europe/Berlin or America/New_York. Nothing was changed.")
    ),
    Reason.BAD_RULE: _fixed(
        _("That is no day or time that I can send at. Write it as shown in the example. Nothing was changed.")
    ),
    Reason.TOO_MANY: _too_many,
    Reason.REQUEST_TAKEN: _fixed(
        _("Somebody else is paying this already, and it was asked from one person. Nothing was sent.")
    ),
    Reason.REQUEST_PAID: _fixed(_("You have paid your part of this already. Nothing was sent twice.")),
    Reason.REQUEST_OVERPAID: _overpaid,
    Reason.REQUEST_FULL: _fixed(
        _("So many people have paid this that it takes no more. Nothing was sent; ask for a new link.")
    ),
    Reason.NOBODY_TO_REMIND: _fixed(
        _("There is nobody to remind: nobody has opened the link who still has something to pay.")
    ),
    Reason.TOO_SOON: _too_soon,
}
