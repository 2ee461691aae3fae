"""A wallet on the real MongoDB whose card rail speaks to the stand-in."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tests.faults.fork_server import ForkServer
from tests.integration.cards.rail import Rail, open_rail
from tests.support.card_company import KEY, Company, open_company
from tests.support.wallet import Wallet, open_wallet
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.verify_books import verify_books


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    """The stand-in for Stripe."""
    async with open_company(tmp_path / "stripe") as made:
        yield made


@pytest.fixture(scope="module")
async def card_database(mongo_client: AsyncMongoClient[dict[str, Any]]) -> AsyncIterator[str]:
    """A database that the tests of a module have one after the other: its collections and indexes take a second."""
    name = f"cards_{uuid.uuid4().hex[:16]}"
    yield name
    await mongo_client.drop_database(name)


@pytest.fixture
async def wallet(mongo_uri: str, card_database: str, company: Company) -> AsyncIterator[Wallet]:
    """The wallet; whatever a test did with it, its books must be right at the end, and nothing is left of them."""
    settings = {"stripe_api_key": KEY, "stripe_api_base": company.address}
    async with open_wallet(mongo_uri, card_database, **settings) as made:
        try:
            yield made
            assert (await verify_books(made.ports, {})).gaps == []
        finally:
            for name in set(await made.database.list_collection_names()) - {"migrations"}:
                await made.database[name].delete_many({})


@pytest.fixture
async def rail(wallet: Wallet, company: Company, tmp_path: Path) -> AsyncIterator[Rail]:
    """The card rail's unit under its lease, pass by pass."""
    async with open_rail(wallet.ports, company, tmp_path / "worker") as made:
        yield made


@pytest.fixture
async def alice(wallet: Wallet, rail: Rail) -> Caller:
    """Somebody who buys where cards are sold."""
    return await wallet.person()


@pytest.fixture
async def admin(wallet: Wallet) -> Caller:
    """Somebody who may refund."""
    return await wallet.person(role=Role.FINANCE)


@pytest.fixture(scope="module")
def forks() -> Iterator[ForkServer]:
    """The process that workers are forked from, which saves seconds for each of them."""
    server = ForkServer()
    yield server
    server.close()
