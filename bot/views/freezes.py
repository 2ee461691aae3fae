"""What somebody reads whose wallet is frozen: by whom, why, and what ends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.views.words import Words


def frozen_sentence(_: Words, facts: Mapping[str, Any]) -> str:
    """A freeze by what is known of it: ``frozen_by``, ``why`` and ``until``."""
    by, until = str(facts.get("frozen_by") or "person:"), facts.get("until")
    if by.startswith("reset:"):
        return _(
            "Nothing leaves your wallet while the reset of its second factor is under way. Send /recover to see how it "
            "stands, and to end it if it was not you."
        )
    # An admin's name is a person's as well; only an admin gives a reason.
    if by.startswith("person:") and facts.get("why") is None:
        if until is not None:
            return _(
                "Your wallet is frozen until {until}, so nothing leaves it; then it works again by itself. Send "
                "/freeze if it should stay frozen.",
                until=_.moment(until),
            )
        return _("Your wallet is frozen, so nothing leaves it. Send /unfreeze to end that with your code.")
    text = _(
        "Your wallet was frozen by the service, so nothing leaves it. Your money is safe; please ask the people who "
        "run it."
    )
    end = _("It ends by itself at {until}.", until=_.moment(until)) if until else ""
    why = _("Why: {why}", why=str(facts["why"])) if facts.get("why") else ""
    return " ".join(part for part in (text, why, end) if part)
