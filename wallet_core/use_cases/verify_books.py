"""Recompute the books from the journal, and compare them with seals, sums, promises, people's guards and the chains."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wallet_core.domain.journal import GroupRecord, JournalRecord
from wallet_core.domain.money import Asset
from wallet_core.domain.seal import Head
from wallet_core.domain.sums import AccountSums
from wallet_core.ports import Ports, Store
from wallet_core.use_cases.cached_sums import compare_balances, compare_holds, read_limits
from wallet_core.use_cases.compared_guards import compare_guards
from wallet_core.use_cases.findings import Findings
from wallet_core.use_cases.gate import operator_only
from wallet_core.use_cases.nodes import Chain, compare_with_node
from wallet_core.use_cases.sealed_journal import SealedJournal
from wallet_core.use_cases.strays import find_stray_groups, find_stray_records

__all__ = ["Chain", "verify_books"]

Progress = Callable[[int], None]


@operator_only
async def verify_books(
    ports: Ports,
    chains: Mapping[Asset, Chain],
    progress: Progress = lambda _: None,
    *,
    total: Progress = lambda _: None,
    given: Head | None = None,
) -> Findings:
    """Checks the books on one snapshot of the database, then the chains.

    ``progress`` hears of every journal record, ``total`` of how many there are. ``given`` is a head that was kept
    elsewhere: the chain of seals must continue it. Raises ``Unavailable`` when the database or a node does not answer,
    or the journal takes longer to read than the database keeps a snapshot: then nothing is known.
    """
    findings = Findings()
    async with ports.store.snapshot() as frozen:
        total(await frozen.count(JournalRecord, {}))
        books, limits = AccountSums(), await read_limits(frozen, findings)
        journal = SealedJournal(frozen, ports.vault, findings, books, limits, progress)
        await journal.read(given or Head())
        await _find_strays(frozen, findings, journal.groups)
        findings.tell(limits.gaps())
        await compare_balances(frozen, findings, books.sums)
        await compare_holds(frozen, findings, books.sums)
        await compare_guards(frozen, findings, journal.words)
    for asset, chain in chains.items():
        await compare_with_node(ports, findings, asset, chain)
    return findings


async def _find_strays(store: Store, findings: Findings, groups: int) -> None:
    if await store.count(GroupRecord, {}) != groups:
        await find_stray_groups(store, findings)
    if await store.count(JournalRecord, {}) != findings.records:
        await find_stray_records(store, findings)
