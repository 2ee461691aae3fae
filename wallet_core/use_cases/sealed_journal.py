"""Reads the whole journal in the order of the chain of seals, then what still waits for one, and checks all of it.

Everything is read in batches. What stays in memory is a number for each account, each person and each writer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from wallet_core.domain.accounts import Side
from wallet_core.domain.audit import Numbers, gaps_in, group_gaps, head_gaps, record_gaps, seal_gaps, strings_in
from wallet_core.domain.journal import GroupRecord, JournalRecord, group_id
from wallet_core.domain.last_words import LastWords
from wallet_core.domain.record import Document
from wallet_core.domain.seal import REFUSED, UNREADABLE, WAITING, Head, Seal, head_of
from wallet_core.domain.sums import AccountSums, LimitSums
from wallet_core.ports import Some, Store, Vault
from wallet_core.use_cases.findings import Findings

#: Documents that are asked for by name at once. A seal has at most a few thousand records, a group a thousand.
_SEALS_PER_READ: Final = 100
_GROUPS_PER_READ: Final = 200
_RECORDS_PER_READ: Final = 1_000
#: So many missing groups of a writer are named.
_NAMED_GROUPS: Final = 10

T = TypeVar("T")


@dataclass
class SealedJournal:
    """One reading of one snapshot. ``progress`` hears of every record."""

    store: Store
    vault: Vault
    findings: Findings
    books: AccountSums
    limits: LimitSums
    progress: Callable[[int], None]
    #: Groups that were read, and stand where they should.
    groups: int = 0
    #: What the records last said about people.
    words: LastWords = field(default_factory=LastWords)
    _numbers: Numbers = field(default_factory=Numbers)

    async def read(self, given: Head) -> None:
        """Reads everything. ``given`` is a head that was kept elsewhere; the chain must continue it."""
        began = await self.store.now()
        await self._read_sealed()
        self.findings.sealed = self.findings.records
        await self._read_waiting(began)
        self.findings.tail = self.findings.records - self.findings.sealed
        await self._name_missing()
        await self._follow_disordered()
        await self._compare(given)

    async def _read_sealed(self) -> None:
        async for seals in self.store.batches(Seal, {}, order_by=("_id",), size=_SEALS_PER_READ):
            for some in _packed(seals, "groups", _GROUPS_PER_READ):
                names = [name for seal in some for name in strings_in(seal.get("groups"))]
                groups = await _by_id(self.store, GroupRecord, names)
                for seal in some:
                    await self._read_seal(seal, groups)

    async def _read_seal(self, seal: Document, groups: dict[str, Document]) -> None:
        gaps = gaps_in(f"seal {seal['_id']}", seal_gaps(seal, self.findings.head, groups, self.vault.mac_fits))
        self.findings.tell(gaps)
        with suppress(*UNREADABLE):
            # Otherwise it is named as a gap, and the next seal is compared with the one before.
            self.findings.head = head_of(seal)
        there = [groups[name] for name in strings_in(seal.get("groups")) if name in groups]
        await self._read_groups(there, seal["_id"])

    async def _read_waiting(self, began: datetime) -> None:
        """What waits, and in its midst what was refused."""
        unsealed, order = {"seal": (WAITING, REFUSED)}, ("at", "writer", "number")
        async for groups in self.store.batches(GroupRecord, unsealed, order_by=order, size=_GROUPS_PER_READ):
            for group in groups:
                if group["seal"] == REFUSED:
                    self.findings.tell([f"group {group['_id']}: it was refused a seal, its code did not fit"])
                elif isinstance(group.get("at"), datetime):
                    waited = (began - group["at"]).total_seconds()
                    self.findings.tail_seconds = max(self.findings.tail_seconds, waited)
            await self._read_groups(groups)

    async def _read_groups(self, groups: Sequence[Document], seal: int | None = None) -> None:
        """Checks groups that ``seal`` chains; without one each may say for itself that it is unsealed."""
        for some in _packed(groups, "keys", _RECORDS_PER_READ):
            keys = [key for group in some for key in strings_in(group.get("keys"))]
            records = await _by_id(self.store, JournalRecord, keys)
            for group in some:
                self._check_group(group, group.get("seal") if seal is None else seal, records)

    def _check_group(self, group: Document, seal: Any, records: dict[str, Document]) -> None:
        gaps = gaps_in(f"group {group['_id']}", group_gaps(group, seal, records, self.vault.mac_fits))
        self.findings.tell(gaps)
        self.groups += group.get("seal") == seal
        if not gaps:
            self._numbers.note(group["writer"], group["number"])
        for order, key in enumerate(strings_in(group.get("keys"))):
            if key in records:
                self._check_record(records[key], group, order)

    def _check_record(self, record: Document, group: Document, order: int) -> None:
        gaps = gaps_in(record["_id"], self._gaps_of(record, group, order))
        self.findings.tell(gaps)
        if record.get("group") == group["_id"]:
            self.findings.records += 1
            self.progress(self.findings.records)

    def _gaps_of(self, record: Document, group: Document, order: int) -> Iterator[str]:
        yield from record_gaps(record, group, order)
        yield from self.books.add(record)
        self.limits.add(record)
        self.words.add(record)

    async def _name_missing(self) -> None:
        """A writer counts its groups: with fewer than its highest number, some were deleted."""
        for writer, highest in self._numbers.incomplete():
            named = 0
            for start in range(1, highest, _GROUPS_PER_READ):
                names = [group_id(writer, n) for n in range(start, min(start + _GROUPS_PER_READ, highest))]
                there = await _by_id(self.store, GroupRecord, names)
                gone = [name for name in names if name not in there][: _NAMED_GROUPS - named]
                self.findings.tell(f"group {name}: deleted, its writer went on to {highest}" for name in gone)
                named += len(gone)
                if named == _NAMED_GROUPS:
                    break
            if not named:
                # They are there, and in neither a seal nor among those that wait.
                self.findings.tell([f"writer {writer}: it went on to {highest}, and some of its groups stand nowhere"])

    async def _follow_disordered(self) -> None:
        """Accounts with a group that was refused a seal and got it later: their records are read again by place."""
        self.findings.tell(self.books.gaps())
        for account in sorted(self.books.disordered):
            again = AccountSums(only=account)
            entries = Some({"account": account, "side": tuple(Side)})
            async for records in self.store.batches(JournalRecord, {"entries": entries}, order_by=("place",)):
                for record in records:
                    with suppress(*UNREADABLE):
                        # Otherwise it is named as a gap already.
                        again.add_quietly(record)
            self.findings.tell(again.gaps())

    async def _compare(self, given: Head) -> None:
        seal = (await _by_id(self.store, Seal, [given.length])).get(given.length)
        gaps = gaps_in(f"seal {given.length}", head_gaps(given, self.findings.head.length, seal))
        self.findings.tell(gaps)


async def _by_id(store: Store, kind: type[Seal | GroupRecord | JournalRecord], ids: Sequence[T]) -> dict[T, Document]:
    """The documents of these names that are there."""
    where = {"_id": tuple(ids)}
    return {document["_id"]: document async for found in store.batches(kind, where) for document in found}


def _packed(documents: Iterable[Document], name: str, most: int) -> Iterator[list[Document]]:
    """The documents in their order, as many at once as list ``most`` names in a field together; at least one."""
    pack: list[Document] = []
    size = 0
    for document in documents:
        names = len(strings_in(document.get(name)))
        if pack and size + names > most:
            yield pack
            pack, size = [], 0
        pack.append(document)
        size += names
    if pack:
        yield pack
