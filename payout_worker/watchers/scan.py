"""Looks through new blocks for transfers to our addresses: their txids are shown, their times tell which rate holds.

It never credits. A node that refuses a block keeps nobody's balance waiting: the next pass goes on at that block.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Heights, Transfer
from wallet_core.domain.changes import Advance
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.purchase import Invoice, Rail

log = structlog.get_logger(__name__)

#: After a long absence only the newest blocks are looked through: balances tell the rest.
_MOST_BLOCKS: Final = 256
#: So many are read in one pass, because the balances wait for them.
_BLOCKS_PER_PASS: Final = 32


@dataclass(frozen=True, slots=True)
class Scan:
    """Up to which block was read, and invoices paid in blocks not read before, with the transfers to each by its id."""

    through: int
    invoices: Sequence[Invoice] = ()
    transfers: Mapping[str, Sequence[Transfer]] = field(default_factory=dict)


async def scan_blocks(ports: WorkerPorts, heights: Heights) -> Scan:
    """Reads blocks above ``Rail.scanned_height`` while the node gives them; a new rail has no past."""
    rail = await ports.store.get(Rail, ports.asset)
    if rail is None or rail.scanned_height < 0:
        return Scan(heights.latest)
    before = max(rail.scanned_height, heights.latest - _MOST_BLOCKS)
    through, found = await _read(ports, before, heights.latest)
    if not found:
        return Scan(through)
    ours = await ports.store.find(Invoice, {"address": tuple(found)}, limit=len(found))
    return Scan(through, ours, {invoice.id: found[invoice.address] for invoice in ours})


async def _read(ports: WorkerPorts, before: int, latest: int) -> tuple[int, Mapping[str, Sequence[Transfer]]]:
    """The last block that could be read, and the transfers by the address that they lead to, oldest first."""
    through, found = before, defaultdict[str, list[Transfer]](list)
    for height in range(before + 1, min(latest, before + _BLOCKS_PER_PASS) + 1):
        try:
            transfers = await ports.node.transfers(height)
        except Unavailable as error:
            log.warning("scan_waits", height=height, error=str(error))
            break
        for transfer in transfers:
            found[transfer.to].append(transfer)
        through = height
    return through, found


async def note_scanned(ports: WorkerPorts, tenure: Tenure, heights: Heights, through: int) -> None:
    """Moves the cursor on, once everything found was booked."""
    rail = await ports.store.get(Rail, ports.asset)
    if rail is None or through <= rail.scanned_height:
        return
    scanned = Advance(Rail, ports.asset, "scanned_height", rail.scanned_height, through)
    facts = {"height": heights.latest, "scanned": through}
    await ports.ledger.post(tenure.posting("blocks_scanned", ports.asset, scanned, facts=facts))
