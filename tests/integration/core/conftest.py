"""A wallet on the real MongoDB, fresh for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.support.books import Books, open_books
from tests.support.wallet import Wallet, open_wallet
from wallet_core.use_cases.verify_books import verify_books


@pytest.fixture
async def wallet(mongo_uri: str, database_name: str) -> AsyncIterator[Wallet]:
    """The wallet; whatever a test did with it, its books must be right at the end."""
    async with open_wallet(mongo_uri, database_name) as wallet:
        await wallet.set_rail(watched_through=1_000)
        yield wallet
        assert (await verify_books(wallet.ports, {})).gaps == []


@pytest.fixture
async def books(mongo_uri: str, database_name: str) -> AsyncIterator[Books]:
    """Books that a test spoils on purpose."""
    async with open_books(mongo_uri, database_name) as made:
        yield made
