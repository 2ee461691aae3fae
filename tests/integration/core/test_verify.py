"""``wallet verify`` on the real MongoDB: right books pass, and each planted gap is named."""

from typing import Any

import pytest
from bson.decimal128 import Decimal128
from pymongo import AsyncMongoClient

from tests.support.wallet import ELSEWHERE, ITD, PUBLIC, Wallet, open_wallet
from wallet_core.domain.accounts import available
from wallet_core.domain.money import Asset
from wallet_core.use_cases.fund_hot_wallet import fund_hot_wallet
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.verify_books import Chain, verify_books

Client = AsyncMongoClient[dict[str, Any]]


class FakeNode:
    def __init__(self, wei: int) -> None:
        self.wei = wei

    async def balance_minor(self, address: str) -> int:
        return self.wei


@pytest.fixture
async def books(mongo_uri: str, database_name: str) -> Any:
    """A wallet whose books the test spoils on purpose."""
    async with open_wallet(mongo_uri, database_name) as wallet:
        anna = await wallet.person(100)
        quote = await quote_withdrawal(wallet.ports, anna, "5", "ETH", ELSEWHERE)
        await request_withdrawal(wallet.ports, anna, quote.intent.id, await wallet.code(anna))
        await fund_hot_wallet(wallet.ports, Asset.ETH, "2", "0xaa")
        assert (await verify_books(wallet.ports, {})).gaps == []
        yield wallet, anna


async def gaps(wallet: Wallet, wei: int = 2 * 10**18) -> list[str]:
    chain = Chain(FakeNode(wei), PUBLIC["hot"][Asset.ETH])
    return (await verify_books(wallet.ports, {Asset.ETH: chain})).gaps


async def test_right_books_have_no_gap(books: Any) -> None:
    assert await gaps(books[0]) == []


async def test_a_changed_balance_is_named(books: Any, mongo_client: Client, database_name: str) -> None:
    wallet, anna = books
    account = available(anna.person).id
    await mongo_client[database_name]["accounts"].update_one(
        {"_id": account}, {"$set": {"balance_minor": Decimal128("999")}}
    )
    assert any(account in gap for gap in await gaps(wallet))


async def test_a_changed_entry_is_named(books: Any, mongo_client: Client, database_name: str) -> None:
    wallet, anna = books
    changed = {"$set": {"entries.0.amount_minor": Decimal128("1")}}
    await mongo_client[database_name]["journal"].update_one({"_id": f"test:{anna.person}"}, changed)
    found = await gaps(wallet)
    assert any("was changed" in gap for gap in found) and any("does not balance" in gap for gap in found)


async def test_a_deleted_record_is_noticed(books: Any, mongo_client: Client, database_name: str) -> None:
    wallet, anna = books
    await mongo_client[database_name]["journal"].delete_one({"_id": f"test:{anna.person}"})
    assert any("its entries make" in gap for gap in await gaps(wallet))


async def test_a_hold_without_a_withdrawal_is_named(books: Any, mongo_client: Client, database_name: str) -> None:
    wallet, _ = books
    await mongo_client[database_name]["withdrawals"].delete_many({})
    assert any("is promised" in gap for gap in await gaps(wallet))


async def test_coins_that_left_the_hot_wallet_unbooked_are_named(books: Any) -> None:
    assert any("ETH:hot" in gap for gap in await gaps(books[0], wei=10**18))
    assert any("ETH:hot" in gap for gap in await gaps(books[0], wei=3 * 10**18))
    assert ITD == 10**6
