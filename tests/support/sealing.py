"""Seals for tests: what the worker's sealer does, and what a forger who has no key can write."""

from __future__ import annotations

from typing import Any

from tests.support.wallet import VAULT, Wallet
from wallet_core.adapters.mongo.seals import MongoSeals
from wallet_core.domain.seal import Head


def seals_of(wallet: Wallet) -> MongoSeals:
    """What seals this wallet's journal."""
    return MongoSeals(wallet.database, VAULT)


async def seal_all(wallet: Wallet) -> Head:
    """Seals until nothing waits; a seal for each call at least, if anything waits."""
    seals = seals_of(wallet)
    sealed = await seals.seal()
    while sealed.more:
        sealed = await seals.seal()
    assert sealed.faults == ()
    return sealed.head


async def documents(wallet: Wallet, collection: str, **where: Any) -> list[dict[str, Any]]:
    """Stored documents, in the order of their ids."""
    return [document async for document in wallet.database[collection].find(where).sort("_id", 1)]
