"""Show what admins did, decided and looked at, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.history import AUDITED
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports, Where
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.journal_pages import JournalPage, Towards, journal_page

_ALL: Final = "all"
_BY, _ON = "by", "on"


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of the journal's audited records, and what it was filtered by, as it may be typed."""

    about: str
    page: JournalPage


@use_case(Access.OWNER)
async def show_audit(
    ports: Ports, caller: Caller, about: str = _ALL, towards: Towards = Towards.OLDER, place: int | None = None
) -> AuditPage:
    """``about``: ``all``, ``by <admin>``, ``on <person>``, or a kind; else raises ``Refused(BAD_FILTER)``."""
    words = about.split() or [_ALL]
    return AuditPage(" ".join(words), await journal_page(ports.store, _where(words), towards, place))


def _where(words: list[str]) -> Where:
    match words:
        case ["all"]:
            return {"kind": AUDITED}
        case ["by", number] if _is_person(number):
            return {"kind": AUDITED, "by": Caller(int(number)).name}
        case ["on", number] if _is_person(number):
            return {"kind": AUDITED, "people": int(number)}
        case [kind] if kind in AUDITED:
            return {"kind": kind}
    raise Refused(Reason.BAD_FILTER, kinds=AUDITED)


def _is_person(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 16
