"""Another table of limits: once a second owner agrees, it is stored, and counts a while later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from wallet_core.domain.approval import Approval
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.level_table import LevelDraft, LevelTable, StoreTable, check_begun
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.approving.carried import Carried, said
from wallet_core.use_cases.level_drafts import draft_of, newest_version
from wallet_core.use_cases.level_tables import table_key

_SECOND: Final = timedelta(seconds=1)


async def _store(ports: Ports, caller: Caller, approval: Approval) -> Posting:
    what = said(approval)
    draft, now = await _draft(ports, approval, what), await ports.store.now()
    table = _sealed(ports, draft, caller, now)
    return Posting(
        table_key(table.id),
        "level_table_stored",
        caller.name,
        changes=(StoreTable(table),),
        facts={
            "approval": approval.id,
            "number": table.id,
            "begins_at": table.begins_at.isoformat(),
            "note": table.note,
            "changes": what["changes"],
            "seal": table.mac,
        },
    )


async def _draft(ports: Ports, approval: Approval, what: dict[str, Any]) -> LevelDraft:
    """The draft as it was asked about. Raises ``Refused(CHANGED_MEANWHILE)`` when it, or what it follows, is not."""
    newest = await newest_version(ports)
    draft = await draft_of(ports, Caller(approval.asked_by), newest)
    if draft is None or draft.digest != what["draft"]:
        raise Refused(Reason.CHANGED_MEANWHILE, what=LevelDraft.collection)
    if draft.base != newest.number:
        raise Refused(Reason.CHANGED_MEANWHILE, what=LevelTable.collection)
    check_begun(newest, await ports.store.now())
    return draft


def _sealed(ports: Ports, draft: LevelDraft, caller: Caller, now: datetime) -> LevelTable:
    """The next table; it begins at a whole second, since its seal covers no less."""
    at = now.replace(microsecond=0)
    table = LevelTable(
        id=draft.base + 1,
        rows=draft.rows,
        begins_at=at + _SECOND + timedelta(seconds=ports.settings.level_table_delay_seconds),
        by=draft.id,
        approved_by=caller.person,
        at=at,
        note=draft.note,
    )
    table.version()
    return table.model_copy(update={"mac": ports.vault.mac(table.terms())})


LEVEL_TABLE: Final = Carried(asks=Access.OWNER, approves=Access.OWNER, approved=_store, operator_may=True)
