"""A real replica set of three loses its primary in the middle of groups; nothing acknowledged is lost or doubled."""

from collections.abc import AsyncIterator

import pytest

from tests.faults.ledger import planted
from tests.faults.ledger.failovers import DISASTERS, killed_unheard, survive
from tests.faults.ledger.replica_set import ReplicaSet, replica_set


@pytest.fixture(scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ReplicaSet]:
    """Three members, for this module."""
    async with replica_set(tmp_path_factory.mktemp("three"), 3) as servers:
        yield servers


async def test_primaries_are_stepped_down_and_killed_and_nothing_acknowledged_is_lost(
    three: ReplicaSet, database_name: str
) -> None:
    traffic = await survive(three, database_name, *DISASTERS)
    assert traffic.gaps == []


async def test_planted_a_commit_that_is_acknowledged_too_early_is_seen_as_lost(
    three: ReplicaSet, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted.not_durable(monkeypatch.setattr)
    traffic = await survive(three, database_name, killed_unheard)
    assert any("acknowledged and is lost" in gap for gap in traffic.gaps)
