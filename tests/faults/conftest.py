"""Worlds for the trials, on each chain; workers are forked from a process that has imported everything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.chains import Chain
from tests.faults.coin_chain import open_chain
from tests.faults.fork_server import ForkServer
from tests.faults.world import World, open_world
from wallet_core.domain.money import Asset

CHAINS = (Asset.BTC, Asset.LTC, Asset.ETH)


@pytest.fixture(scope="session")
def forks() -> Iterator[ForkServer]:
    """The process that workers are forked from."""
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def premined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first blocks of each chain of coins are kept."""
    return tmp_path_factory.mktemp("premined")


@pytest.fixture
def asset() -> Asset:
    """The world's coin; a test may have it parametrized."""
    return Asset.ETH


@pytest.fixture
def settings() -> dict[str, Any]:
    """What the world is opened with; a test may have it parametrized."""
    return {}


@pytest.fixture
async def chain(tmp_path: Path, asset: Asset, premined: Path) -> AsyncIterator[Chain]:
    """A chain of its own that is mined by hand."""
    async with open_chain(asset, tmp_path, premined) as made:
        yield made


@pytest.fixture
async def database(mongo_uri: str, database_name: str) -> tuple[str, str]:
    """A database of its own: where, and its name."""
    return mongo_uri, database_name


@pytest.fixture
async def world(
    database: tuple[str, str], chain: Chain, tmp_path: Path, forks: ForkServer, settings: dict[str, Any]
) -> AsyncIterator[World]:
    """An empty wallet on a chain of its own."""
    async with open_world(*database, chain, tmp_path, **settings) as made:
        made.forks = forks
        yield made
