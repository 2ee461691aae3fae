"""Show the table of limits that counts, the next one, and what the caller's draft would change."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.kyc import LevelVersion
from wallet_core.domain.level_table import LevelDraft, LevelRow, differences, whole
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.level_drafts import draft_of
from wallet_core.use_cases.level_tables import known_levels


@dataclass(frozen=True, slots=True)
class LevelsNow:
    """The version that counts, the one that will, the caller's draft, and what it would change of the last of them."""

    active: LevelVersion
    next: LevelVersion | None
    draft: LevelDraft | None
    changes: tuple[tuple[LevelRow, LevelRow], ...]

    @property
    def newest(self) -> LevelVersion:
        """The version after which the next one comes."""
        return self.next or self.active


@use_case(Access.FINANCE)
async def show_levels(ports: Ports, caller: Caller) -> LevelsNow:
    """What counts now. Raises ``Refused(LEVELS_UNSOUND)``."""
    now = await ports.store.now()
    known = await known_levels(ports, now)
    active, newest = known.at(now), known.versions[-1]
    draft = await draft_of(ports, caller, newest)
    changes = differences(whole(newest), draft.rows) if draft else ()
    return LevelsNow(active, None if newest == active else newest, draft, changes)
