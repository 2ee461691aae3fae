"""Compares what guards say of people with the journal's last word about them."""

from __future__ import annotations

from wallet_core.domain.audit import gaps_in
from wallet_core.domain.guards import Guards
from wallet_core.domain.last_words import LastWords
from wallet_core.ports import Store
from wallet_core.use_cases.findings import Findings


async def compare_guards(store: Store, findings: Findings, words: LastWords) -> None:
    """Role, level and freeze of everybody: a gap for each that nobody was given."""
    async for some in store.batches(Guards, {}):
        for guards in some:
            findings.tell(gaps_in(f"person {guards['_id']}", words.gaps(guards)))
