"""Worlds for the trials; workers are forked from a process that has imported everything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.conftest import AnvilFactory
from tests.faults.fork_server import ForkServer
from tests.faults.world import World, open_world


@pytest.fixture(scope="session")
def forks() -> Iterator[ForkServer]:
    """The process that workers are forked from."""
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture
async def world(
    mongo_uri: str, database_name: str, anvil: AnvilFactory, tmp_path: Path, forks: ForkServer
) -> AsyncIterator[World]:
    """An empty wallet on a chain of its own that is mined by hand."""
    async with open_world(mongo_uri, database_name, await anvil(automine=False), tmp_path) as made:
        made.forks = forks
        yield made
