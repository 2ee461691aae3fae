"""What a person is told when a freeze, a reset or a move refuses something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.views.freezes import frozen_sentence
from bot.views.money_reasons import nothing_changed
from bot.views.words import Words
from wallet_core.domain.errors import Reason

Facts = Mapping[str, Any]
Teller = Callable[[Words, Facts], str]


def _not_yet(_: Words, facts: Facts) -> str:
    if not facts.get("due_at"):
        return _("It is not time for that yet. {safe}", safe=nothing_changed(_))
    return _("That is possible from {until}. {safe}", until=_.moment(facts["due_at"]), safe=nothing_changed(_))


def _needs_documents(_: Words, facts: Facts) -> str:
    limit = _.amount(facts["limit_minor"]) if facts.get("limit_minor") is not None else _("a small amount")
    return _(
        "Without documents that were checked, a second factor is only reset for wallets with at most {limit}. Hand "
        "documents in with /kyc first, or find a recovery code or your device. Your money is safe.",
        limit=limit,
    )


def _fixed(text: str) -> Teller:
    return lambda _, facts: _(text)


def _(text: str) -> str:
    """Marks a text for the catalogues where it is translated later."""
    return text


TELLERS: Final[Mapping[Reason, Teller]] = {
    Reason.FROZEN: frozen_sentence,
    Reason.NOT_YET: _not_yet,
    Reason.UNDER_WAY: _fixed(
        _("That is under way already. Nothing was changed; send /recover to see how it stands, or /freeze to end it.")
    ),
    Reason.NEEDS_DOCUMENTS: _needs_documents,
    Reason.DOCUMENTS_UNSEEN: _fixed(
        _("This person's documents were checked before, so compare with them. Nothing was changed.")
    ),
    Reason.HAS_WALLET: _fixed(
        _(
            "This Telegram account has a wallet of its own, so no other can move here: its money would be lost from "
            "sight. Nothing was changed."
        )
    ),
    Reason.BAD_END: _fixed(
        _("That end is over, or more than a year away. Write it like 12h, 3d or 2026-12-24. Nothing was changed.")
    ),
}
