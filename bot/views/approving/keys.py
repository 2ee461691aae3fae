"""Keys that are not the registered ones, as the owner who approves them reads it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.views.approving.prompt import Facts, Prompt
from bot.views.words import Words


def _heading(_: Words, facts: Facts) -> str:
    return _("ALARM: the wallet was started with other keys or addresses")


def _lines(_: Words, facts: Facts) -> Iterable[str]:
    for name, change in sorted(facts["what"]["changed"].items()):
        before, after = _.code(str(change["before"] or "–")), _.code(str(change["after"] or "–"))
        yield _("• {name}: {before} → {after}", name=_.ltr(name), before=before, after=after)


def _question(_: Words, facts: Facts) -> str:
    return _(
        "Nothing new is formed or signed until an owner approves. If you did not plan this, somebody has your server: "
        "do not approve, stop the worker and look. This ends at {until}; then you are asked again.",
        until=_.moment(facts["expires_at"]),
    )


def _name(_: Words, facts: Facts) -> str:
    return _("other keys of the wallet")


KEYS: Final = Prompt(_heading, _lines, _question, _name)
