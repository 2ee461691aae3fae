"""A draft of the next table of limits, one an owner, sealed: what is asked for is what its owner typed."""

from __future__ import annotations

from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.kyc import LevelVersion
from wallet_core.domain.level_table import LevelDraft, LevelTable, differences, whole
from wallet_core.domain.people import Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.level_tables import known_levels


async def newest_version(ports: Ports) -> LevelVersion:
    """The version after which the next one comes, whether it counts already or not. Raises as ``known_levels``."""
    return (await known_levels(ports, await ports.store.now())).versions[-1]


async def draft_of(ports: Ports, caller: Caller, newest: LevelVersion) -> LevelDraft | None:
    """The caller's own draft; none once it was stored. Raises ``InvariantViolated`` when somebody wrote into it."""
    draft = await ports.store.get(LevelDraft, caller.person)
    if draft and not ports.vault.mac_fits(draft.terms(), draft.mac):
        raise InvariantViolated(f"the draft of levels of {caller.name} was changed in the database")
    is_old = draft and draft.base < newest.number
    return None if draft and is_old and await _is_stored(ports, draft) else draft


async def _is_stored(ports: Ports, draft: LevelDraft) -> bool:
    """Whether it became the table after the one that it began with."""
    table = await ports.store.get(LevelTable, draft.base + 1)
    return table is not None and table.by == draft.id and not differences(table.rows, draft.rows)


async def begun_draft(ports: Ports, caller: Caller) -> LevelDraft:
    """The caller's draft, or a new one of the newest table."""
    newest = await newest_version(ports)
    draft = await draft_of(ports, caller, newest)
    return draft or LevelDraft(id=caller.person, base=newest.number, rows=whole(newest))


async def keep_draft(ports: Ports, draft: LevelDraft) -> LevelDraft:
    """Stores a draft with its seal."""
    sealed = draft.model_copy(update={"mac": ports.vault.mac(draft.terms())})
    await ports.store.put(sealed)
    return sealed
