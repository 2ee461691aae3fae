"""How far the chain of seals has come, and what still waits for a seal."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.journal import GroupRecord
from wallet_core.domain.seal import WAITING, Head, Seal, head_of
from wallet_core.ports import Store


@dataclass(frozen=True, slots=True)
class Tail:
    """Groups that wait for their seal, and for how many seconds of database time the oldest of them does."""

    groups: int = 0
    seconds: float = 0.0


async def head_of_chain(store: Store) -> Head:
    """The last seal."""
    newest = await store.find(Seal, {}, order_by=("-_id",), limit=1)
    return head_of(newest[0].document()) if newest else Head()


async def tail_of_chain(store: Store) -> Tail:
    """What waits."""
    waiting = {"seal": WAITING}
    oldest = await store.find(GroupRecord, waiting, order_by=("at",), limit=1)
    if not oldest:
        return Tail()
    seconds = (await store.now() - oldest[0].at).total_seconds()
    return Tail(await store.count(GroupRecord, waiting), max(0.0, seconds))
