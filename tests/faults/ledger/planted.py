"""Bugs that are put in on purpose: a harness that sees none of them proves nothing.

Each replaces a part of the product, by ``setattr`` or by a test's ``monkeypatch.setattr``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import bson
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.write_concern import WriteConcern

from wallet_core.adapters.mongo import group_commit
from wallet_core.adapters.mongo.group_commit import GroupCommit
from wallet_core.domain.errors import Refused
from wallet_core.domain.ledger import ChangeBalance

Patch = Callable[[Any, str, Any], None]
#: What a group takes longer with some bugs, so that a kill meets it.
_WINDOW_SECONDS = 0.4


def no_balance_guard(patch: Patch) -> None:
    """A balance may go below zero."""
    guarded = ChangeBalance.apply

    def unguarded(self: ChangeBalance, document: Any, now: Any) -> Any:
        try:
            return guarded(self, document, now)
        except Refused as refused:
            minor = refused.facts["available_minor"] - refused.facts["needed_minor"]
            return {**guarded(ChangeBalance(self.account, 1), document, now), "balance_minor": minor}

    patch(ChangeBalance, "apply", unguarded)


def key_not_looked_up(patch: Patch) -> None:
    """Nobody asks whether a key was used; the journal's unique id is what is left."""
    commit = GroupCommit.commit

    async def unasked(self: GroupCommit, postings: Any, **_: Any) -> Any:
        return await commit(self, postings)

    patch(GroupCommit, "commit", unasked)


def key_not_unique(patch: Patch) -> None:
    """The journal keeps a record under another id than its key."""
    document = group_commit.journal_document

    def renamed(posting: Any, after: Any, slot: Any) -> Any:
        return {**document(posting, after, slot), "_id": f"{posting.key}@{slot.group}"}

    patch(group_commit, "journal_document", renamed)


def money_outside_the_transaction(patch: Patch) -> None:
    """Balances are written beside the transaction that writes the journal."""
    write = AsyncCollection.bulk_write

    async def written(self: Any, requests: Any, session: Any = None, **options: Any) -> Any:
        return await write(self, requests, session=None if self.name == "accounts" else session, **options)

    patch(AsyncCollection, "bulk_write", written)


def money_long_before_the_journal(patch: Patch) -> None:
    """The same, and the journal follows so much later that a kill comes in between."""
    money_outside_the_transaction(patch)
    written = AsyncCollection.bulk_write

    async def slow(self: Any, requests: Any, **options: Any) -> Any:
        result = await written(self, requests, **options)
        await asyncio.sleep(_WINDOW_SECONDS if self.name == "accounts" else 0)
        return result

    patch(AsyncCollection, "bulk_write", slow)


def guard_not_written(patch: Patch) -> None:
    """What a posting read and left as it was is not written back."""
    write = GroupCommit._write

    async def only_what_changed(self: Any, session: Any, group: Any, before: Any) -> None:
        group.changed = {t: d for t, d in group.changed.items() if _versionless(d) != _versionless(before.get(t))}
        await write(self, session, group, before)

    patch(GroupCommit, "_write", only_what_changed)


def _versionless(document: Any) -> Any:
    """As it is stored, where a tuple becomes a list."""
    return document and bson.decode(bson.encode({**document, "version": 0}))


def not_durable(patch: Patch) -> None:
    """A commit is acknowledged as soon as the primary has it in memory."""
    patch(group_commit, "_DURABLE", WriteConcern(w=1, j=False))


BUGS: dict[str, Callable[[Patch], None]] = {
    bug.__name__: bug
    for bug in (
        no_balance_guard,
        key_not_looked_up,
        key_not_unique,
        money_outside_the_transaction,
        money_long_before_the_journal,
        guard_not_written,
        not_durable,
    )
}
