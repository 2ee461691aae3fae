"""A worker that loses its lease gives up what it was asking its node, and must be able to ask again."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from web3 import AsyncHTTPProvider

from tests.conftest import AnvilFactory
from wallet_core.adapters.chains import ethereum_node
from wallet_core.adapters.chains.ethereum_node import EthereumNode

_SLOW_SECONDS = 0.2


class SlowLock:
    """A lock whose thread is slow to take it, as on a busy machine."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.locked = self._lock.locked
        self.release = self._lock.release

    def acquire(self) -> bool:
        time.sleep(_SLOW_SECONDS)
        return self._lock.acquire()


async def give_up_a_request(node: EthereumNode) -> SlowLock:
    """A request that is cancelled just before its thread has the lock that each of web3's requests takes."""
    await node.heights()
    lock = node._provider._request_session_manager._lock = SlowLock()
    asking = asyncio.create_task(node.heights())
    await asyncio.sleep(_SLOW_SECONDS / 2)
    asking.cancel()
    await asyncio.wait({asking})
    await asyncio.sleep(_SLOW_SECONDS)
    return lock


async def test_a_request_that_was_given_up_leaves_the_node_askable(anvil: AnvilFactory) -> None:
    node = EthereumNode((await anvil()).url)
    await give_up_a_request(node)
    assert (await asyncio.wait_for(node.heights(), timeout=20)).latest == 0
    await node.close()


async def test_planted_a_request_that_is_cancelled_itself_leaves_the_lock_taken(
    anvil: AnvilFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ethereum_node, "_UncancelledProvider", AsyncHTTPProvider)
    node = EthereumNode((await anvil()).url)
    lock = await give_up_a_request(node)
    assert lock.locked(), "the planted bug should have left it taken"
    lock.release()
    await node.close()
