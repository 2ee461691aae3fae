"""A wallet with sealed books, for tests that spoil them on purpose past the ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.support.sealing import documents, seal_all
from tests.support.wallet import ELSEWHERE, ITD, PUBLIC, Wallet, open_wallet
from wallet_core.adapters.mongo.codec import decode, encode
from wallet_core.domain.kyc import BUILT_IN_LEVELS, Operation, TakeLimit, day_of
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.movements import sent
from wallet_core.domain.people import Caller
from wallet_core.domain.seal import Head
from wallet_core.use_cases.fund_hot_wallet import fund_hot_wallet
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.verify_books import Chain, verify_books

Dump = dict[str, list[dict[str, Any]]]


class FakeNode:
    def __init__(self, wei: int) -> None:
        self.wei = wei

    async def balance_minor(self, address: str) -> int:
        return self.wei


@dataclass
class Books:
    """A wallet with four seals and a tail, whose books a test spoils on purpose."""

    wallet: Wallet
    anna: Caller
    ben: Caller

    async def gaps(self, wei: int = 2 * 10**18, given: Head | None = None) -> list[str]:
        chain = Chain(FakeNode(wei), PUBLIC["hot"][Asset.ETH])
        return (await verify_books(self.wallet.ports, {Asset.ETH: chain}, given=given)).gaps

    async def send(self, key: str, itd: int = 1) -> None:
        now = await self.wallet.ports.store.now()
        limit = TakeLimit(self.anna.person, Operation.SEND, itd * ITD, day_of(now), BUILT_IN_LEVELS)
        entries = sent(self.anna.person, self.ben.person, itd * ITD, 0)
        await self.wallet.ports.ledger.post(
            Posting(key, "sent", "test", entries=entries, changes=(limit,), facts={"note": "lunch"})
        )

    async def set(self, collection: str, _id: Any, **fields: Any) -> None:
        """Writes fields past the ledger."""
        done = await self.wallet.database[collection].update_one({"_id": _id}, {"$set": encode(fields)})
        assert done.modified_count == 1

    async def record(self, key: str) -> dict[str, Any]:
        (found,) = await documents(self.wallet, "journal", _id=key)
        decoded: dict[str, Any] = decode(found)
        return decoded

    async def group_of(self, key: str) -> dict[str, Any]:
        (found,) = await documents(self.wallet, "groups", keys=key)
        return found

    async def dump(self) -> Dump:
        """Everything that is in the database."""
        names = await self.wallet.database.list_collection_names()
        return {name: await documents(self.wallet, name) for name in names}

    async def restore(self, dump: Dump) -> None:
        """The database as it was, to the last balance."""
        for name, before in dump.items():
            await self.wallet.database[name].delete_many({})
            if before:
                await self.wallet.database[name].insert_many(before)


@asynccontextmanager
async def open_books(uri: str, database_name: str) -> AsyncIterator[Books]:
    """Anna sends to Ben in three seals, withdraws in a fourth, and sends twice more."""
    async with open_wallet(uri, database_name) as wallet:
        await wallet.set_rail(watched_through=1_000)
        made = Books(wallet, await wallet.person(100, level=2), await wallet.person())
        for part in range(3):
            await made.send(f"send:{part}0")
            await made.send(f"send:{part}1")
            await seal_all(wallet)
        quote = await quote_withdrawal(wallet.ports, made.anna, "5", "ETH", ELSEWHERE)
        await request_withdrawal(wallet.ports, made.anna, quote.intent.id, await wallet.code(made.anna))
        await fund_hot_wallet(wallet.ports, Asset.ETH, "2", "0xaa")
        await seal_all(wallet)
        await made.send("tail:0")
        await made.send("tail:1")
        assert await made.gaps() == []
        yield made


def named(gaps: list[str], *parts: str) -> bool:
    """Whether one sentence has all of these."""
    return any(all(part in gap for part in parts) for gap in gaps)
