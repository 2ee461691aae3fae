"""What the journal last said about a person's role, level and freeze, to be compared with what their guards say now.

Somebody who writes into the database changes the guards; the journal has a record of each change that was made as it
should be. Pure; ``use_cases/compared_guards`` reads both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from wallet_core.domain.record import Document

_ROLES: Final = frozenset({"role_granted", "role_taken"})
#: Records whose facts say on which level a person is from then on.
_LEVELS: Final = frozenset({"kyc_approved", "level_lowered"})
#: A freeze that lasts until it is ended, and what ends one, or lets it end.
_FREEZES: Final = frozenset({"person_frozen"})
_THAWS: Final = frozenset({"person_thawed", "person_thaws", "freeze_over"})
#: What may freeze a person beside that.
_FREEZES_TOO: Final = frozenset({"reset_asked"})
_KINDS: Final = _ROLES | _LEVELS | _FREEZES | _THAWS | _FREEZES_TOO
_FIRST_LEVEL: Final = 1


class LastWords:
    """Records may come in any order: of those about one thing the one with the highest place is the last."""

    def __init__(self) -> None:
        #: (what it is about, person) -> place of the last record, and what it says.
        self._last: dict[tuple[str, int], tuple[int, Any]] = {}

    def add(self, record: Document) -> None:
        """Takes a record. Raises for one that cannot be read."""
        kind = record["kind"]
        if kind not in _KINDS:
            return
        facts = record["facts"]
        person = facts.get("person", record["people"][0] if record["people"] else None)
        if kind in _ROLES:
            self._say("role", person, record["place"], facts["role"])
        elif kind in _LEVELS:
            self._say("level", person, record["place"], facts["level"])
        else:
            self._say("freeze", person, record["place"], self._lasts(kind, facts))

    def _lasts(self, kind: str, facts: Document) -> bool | None:
        """True: frozen until it is ended; False: not frozen, or about to be not; None: it may be either."""
        if kind in _THAWS:
            return False
        return True if kind in _FREEZES and not facts.get("until") else None

    def _say(self, about: str, person: int, place: int, what: Any) -> None:
        if place >= self._last.get((about, person), (0, None))[0]:
            self._last[about, person] = (place, what)

    def gaps(self, guards: Document) -> Iterator[str]:
        """What a person's guards say that the journal does not. Raises for guards that cannot be read."""
        person = guards["_id"]
        name, role = f"person {person}", guards.get("role")
        said = self._word("role", person)
        if role != said:
            yield f"{name}: guards say role {role or 'none'}, the journal {said or 'none'}"
        level, granted = guards.get("level", _FIRST_LEVEL), self._word("level", person) or _FIRST_LEVEL
        if level != granted:
            yield f"{name}: guards say level {level}, the journal {granted}"
        frozen = guards.get("frozen_at") is not None or guards.get("own_frozen_at") is not None
        if not frozen and self._word("freeze", person) is True:
            yield f"{name}: guards say not frozen, the journal frozen"
        if frozen and ("freeze", person) not in self._last:
            yield f"{name}: guards say frozen, the journal never said so"

    def _word(self, about: str, person: int) -> Any:
        return self._last.get((about, person), (0, None))[1]
