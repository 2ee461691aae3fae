"""Keeps the highest block that was ever seen: a node that is below it has lost blocks, and decides nothing."""

from __future__ import annotations

from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Heights
from wallet_core.domain.changes import Advance
from wallet_core.domain.purchase import Rail


async def note_height(ports: WorkerPorts, tenure: Tenure, heights: Heights) -> None:
    """Raises ``Rail.seen_height``, once every batch was looked at by these heights.

    So it tells how deep the blocks of all batches were seen, and not what came on another branch meanwhile.
    """
    rail = await ports.store.get(Rail, ports.asset)
    if rail is None or heights.latest <= rail.seen_height:
        return
    higher = Advance(Rail, ports.asset, "seen_height", rail.seen_height, heights.latest)
    await ports.ledger.post(tenure.posting("blocks_seen", ports.asset, higher, facts={"height": heights.latest}))
