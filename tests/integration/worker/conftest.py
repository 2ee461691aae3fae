"""A world with a chain that is mined by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.conftest import AnvilFactory
from tests.faults.fork_server import ForkServer
from tests.faults.world import World, open_world
from tests.integration.worker.inside import Inside, open_inside


@pytest.fixture
async def empty_world(mongo_uri: str, database_name: str, anvil: AnvilFactory, tmp_path: Path) -> AsyncIterator[World]:
    """A wallet without people and money."""
    async with open_world(mongo_uri, database_name, await anvil(automine=False), tmp_path) as made:
        yield made


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
