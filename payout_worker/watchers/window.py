"""Keeps the window of watched deposit addresses ahead of the ones that are allotted.

An Ethereum node answers for any address, so nothing has to be imported; the window is the worker's promise that it
looks at them. The wallet of a Bitcoin or Litecoin node has to follow a range of them before the window may be moved.
Without a worker the window is used up after a while, and the bot says that the rail is off.
"""

from __future__ import annotations

from typing import Final

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.changes import Advance
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Rail

log = structlog.get_logger(__name__)

_AHEAD: Final = 1_000
#: A node's wallet follows a million addresses of one descriptor (Bitcoin Core, ``ParseDescriptorRange``).
_LAST_OF_COINS: Final = 999_999


async def widen_window(ports: WorkerPorts, tenure: Tenure) -> None:
    """Raises ``Rail.watched_through`` to 1,000 above the next index once half of that is used up.

    A chain of coins ends at a million: nothing more is sold there then, and all that was allotted is watched on.
    Raises ``Unavailable`` while the node's wallet does not follow what was promised, as after its loss.
    """
    rail = await ports.store.get(Rail, ports.asset)
    if rail is None:
        return
    if rail.watched_through >= 0:
        await _follow(ports, 0, rail.watched_through, rail.watched_from)
    if rail.watched_through >= _within(ports, rail.next_index + _AHEAD // 2):
        return
    through = _within(ports, rail.next_index + _AHEAD)
    newest = {"watched_from": (await ports.node.heights()).latest} if rail.watched_through < 0 else {}
    # Nobody was told of these addresses yet, so they have no past.
    await _follow(ports, rail.watched_through + 1, through, None)
    widened = Advance(Rail, ports.asset, "watched_through", rail.watched_through, through, newest)
    await ports.ledger.post(tenure.posting("window_widened", ports.asset, widened, facts={"through": through}))
    log.info("window_widened", asset=ports.asset, through=through)


def _within(ports: WorkerPorts, index: int) -> int:
    return index if ports.asset is Asset.ETH else min(index, _LAST_OF_COINS)


async def _follow(ports: WorkerPorts, first: int, last: int, since: int | None) -> None:
    if ports.asset is Asset.ETH:
        return
    addresses = ports.core.addresses[ports.asset]
    await ports.node.watch_range(addresses.descriptor(), first, last, addresses.deposit(last), since)
