"""A reset of somebody's second factor, as the second admin reads it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from bot.views.approving.prompt import Facts, Prompt
from bot.views.words import Words


def _heading(_: Words, facts: Facts) -> str:
    return _("The reset of a second factor needs a second admin")


def _lines(_: Words, facts: Facts) -> Iterable[str]:
    said: dict[str, Any] = facts.get("reset") or {}
    if not said:
        return ()
    by_documents = said.get("how") == "documents"
    return (
        _("Person: {person}, level {level}", person=_.code(str(said["person"])), level=said["level"]),
        _("Balance: {amount}", amount=_.amount(int(said["balance"]))),
        _("The first admin knows them by their documents.")
        if by_documents
        else _("The first admin knows them by their history."),
    )


def _question(_: Words, facts: Facts) -> str:
    return _(
        "Check yourself that it is them. Approve lets the wait begin, after which they pair a new device. This ends at "
        "{until}.",
        until=_.moment(facts["expires_at"]),
    )


def _name(_: Words, facts: Facts) -> str:
    return _("reset of a second factor")


ACCESS_RESET: Final = Prompt(_heading, _lines, _question, _name)
