"""A world with a chain that is mined by hand: Ethereum's, unless a test asks for another by its parameter ``asset``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.faults.chains import Chain
from tests.faults.coin_chain import open_chain
from tests.faults.fork_server import ForkServer
from tests.faults.world import World, open_world
from tests.integration.worker.buyer import Buyer, SharedWorlds, shared_worlds
from tests.integration.worker.inside import Inside, open_inside
from wallet_core.domain.money import Asset


@pytest.fixture
def asset() -> Asset:
    """The world's coin."""
    return Asset.ETH


@pytest.fixture(scope="session")
def premined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first blocks of each chain of coins are kept."""
    return tmp_path_factory.mktemp("premined")


@pytest.fixture
async def chain(asset: Asset, tmp_path: Path, premined: Path) -> AsyncIterator[Chain]:
    """A new chain."""
    async with open_chain(asset, tmp_path, premined) as made:
        yield made


@pytest.fixture
def mass() -> bool:
    """Whether the world has the contract that pays many at once."""
    return False


@pytest.fixture
async def empty_world(
    mongo_uri: str, database_name: str, chain: Chain, tmp_path: Path, mass: bool
) -> AsyncIterator[World]:
    """A wallet without people and money."""
    async with open_world(mongo_uri, database_name, chain, tmp_path, mass=mass) as made:
        yield made


@pytest.fixture(scope="module")
async def worlds(
    mongo_uri: str, premined: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SharedWorlds]:
    """Worlds that the tests of a file share, one for each chain that they ask for."""
    async with shared_worlds(mongo_uri, tmp_path_factory.mktemp("shared"), premined) as made:
        yield made


@pytest.fixture
async def buyer(worlds: SharedWorlds, asset: Asset) -> AsyncIterator[Buyer]:
    """Somebody new in the shared world; whatever a test did, the books balance at its end."""
    somebody = await Buyer.enrolled(await worlds.of(asset))
    yield somebody
    await somebody.books_are_right()
    await somebody.ends()


@pytest.fixture(scope="session")
def forks() -> Iterator[ForkServer]:
    """The process that workers are forked from, where it does not matter how they start."""
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture
async def world(empty_world: World, forks: ForkServer) -> World:
    """A funded wallet, one person, and no worker yet."""
    empty_world.forks = forks
    await empty_world.fund()
    await empty_world.person(1_000)
    return empty_world


@pytest.fixture
async def inside(world: World) -> AsyncIterator[Inside]:
    """A worker in the test's own process."""
    async with open_inside(world) as made:
        yield made
