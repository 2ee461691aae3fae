"""Looks through new blocks for transfers to our addresses. It shows a pending payment's txid; it never credits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Heights, Transfer
from wallet_core.domain.changes import Advance
from wallet_core.domain.purchase import Invoice, Rail

log = structlog.get_logger(__name__)

#: After a long absence only the newest blocks are looked through: balances tell the rest.
_MOST_BLOCKS: Final = 256


@dataclass(frozen=True, slots=True)
class Scan:
    """Invoices that were paid in blocks that were not looked at before, with the last transfer to each, by its id."""

    invoices: Sequence[Invoice] = ()
    transfers: Mapping[str, Transfer] = field(default_factory=dict)


async def scan_blocks(ports: WorkerPorts, heights: Heights) -> Scan:
    """Looks through the blocks above ``Rail.scanned_height``; a new rail has no past."""
    rail = await ports.store.get(Rail, ports.asset)
    if rail is None or rail.scanned_height < 0:
        return Scan()
    first = max(rail.scanned_height + 1, heights.latest - _MOST_BLOCKS + 1)
    last_to: dict[str, Transfer] = {}
    for height in range(first, heights.latest + 1):
        last_to |= {transfer.to: transfer for transfer in await ports.node.transfers(height)}
    if not last_to:
        return Scan()
    ours = await ports.store.find(Invoice, {"address": tuple(last_to)}, limit=len(last_to))
    return Scan(ours, {invoice.id: last_to[invoice.address] for invoice in ours})


async def note_scanned(ports: WorkerPorts, tenure: Tenure, heights: Heights) -> None:
    """Moves the cursor on, once everything found was booked; with it the highest block that was ever seen."""
    rail = await ports.store.get(Rail, ports.asset)
    if rail is None or heights.latest <= rail.scanned_height:
        return
    await ports.ledger.post(
        tenure.posting(
            "blocks_scanned",
            ports.asset,
            Advance(Rail, ports.asset, "scanned_height", rail.scanned_height, heights.latest),
            Advance(Rail, ports.asset, "seen_height", rail.seen_height, max(rail.seen_height, heights.latest)),
            facts={"height": heights.latest},
        )
    )
