"""/audit: what admins did, decided and looked at."""

from __future__ import annotations

from bot.context import Turn
from bot.views import audit as views
from wallet_core.use_cases.journal_pages import Towards
from wallet_core.use_cases.show_audit import show_audit


async def audit_command(turn: Turn) -> None:
    """``/audit``, ``/audit by <admin>``, ``/audit on <person>``, ``/audit <kind>``: shows the newest page."""
    await turn.show(views.audit(turn.words, await show_audit(turn.ports, turn.caller, turn.text.strip() or "all")))


async def audit(turn: Turn) -> None:
    """Turns a page; the button carries where to go on, and the filter."""
    towards, place, about = [*turn.argument.split(" ", 2), "", "", ""][:3]
    if not place:
        await turn.show(views.audit(turn.words, await show_audit(turn.ports, turn.caller)))
        return
    page = await show_audit(turn.ports, turn.caller, about, Towards(towards), int(place))
    await turn.show(views.audit(turn.words, page))
