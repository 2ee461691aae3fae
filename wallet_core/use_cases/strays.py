"""Finds what was inserted beside the chain of seals. Slow, so it is looked for only where the numbers do not agree."""

from __future__ import annotations

from wallet_core.domain.audit import strings_in
from wallet_core.domain.journal import GroupRecord, JournalRecord
from wallet_core.domain.record import Document, Record
from wallet_core.domain.seal import REFUSED, WAITING, Seal
from wallet_core.ports import Store
from wallet_core.use_cases.findings import Findings


async def find_stray_groups(store: Store, findings: Findings) -> None:
    """Groups that say they are in a seal which does not list them."""
    async for groups in store.batches(GroupRecord, {}):
        sealed = [group for group in groups if not _is_unsealed(group.get("seal"))]
        lists = await _lists(store, Seal, [group.get("seal") for group in sealed], "groups")
        findings.tell(
            f"group {group['_id']}: inserted or moved, seal {group.get('seal')} does not list it"
            for group in sealed
            if group["_id"] not in lists.get(_key(group.get("seal")), ())
        )


async def find_stray_records(store: Store, findings: Findings) -> None:
    """Records that no group lists, or another group than they say."""
    async for records in store.batches(JournalRecord, {}):
        lists = await _lists(store, GroupRecord, [record.get("group") for record in records], "keys")
        findings.tell(
            f"{record['_id']}: the record was inserted or moved, group {record.get('group')} does not list it"
            for record in records
            if record["_id"] not in lists.get(_key(record.get("group")), ())
        )


def _is_unsealed(seal: object) -> bool:
    """Whether MongoDB finds it among those that wait. To Python ``False`` is 0, to MongoDB it is not."""
    return type(seal) is int and seal in (WAITING, REFUSED)


async def _lists(store: Store, kind: type[Record], ids: list[object], field: str) -> dict[object, set[str]]:
    """What documents of these names list."""
    wanted = tuple({_key(name) for name in ids})
    found: list[Document] = [d async for some in store.batches(kind, {"_id": wanted}) for d in some]
    return {document["_id"]: set(strings_in(document.get(field))) for document in found}


def _key(name: object) -> int | str | None:
    """The name, if it can be one."""
    return name if isinstance(name, int | str) else None
