"""What came to deposit addresses on a chain of coins, told by the node's wallet, and which payments to look at for it.

The list begins at the block that was taken in last. While that block is in the chain, nothing below it has changed;
once it is not, everything that may have been in a block that left is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

import structlog

from payout_worker.ports import CoinNode, RailPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Arrival, Heights, Standing, Whereabouts
from wallet_core.domain.changes import Advance
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.payment import Payment, PaymentState, payment_id
from wallet_core.domain.purchase import Invoice, Rail
from wallet_core.ports import After

log = structlog.get_logger(__name__)

Ports = RailPorts[CoinNode]
T = TypeVar("T")

#: How far below the final depth blocks are looked at again where the chain is another one.
_BLOCKS: Final = 128
_MOST: Final = 10_000
_IN_A_BLOCK: Final = After(-1)
_AT_ONCE: Final = 1_000
#: What a block did not end: it is looked at whatever the node lists.
_BOOKED: Final = (PaymentState.CREDITED, PaymentState.CASE)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A payment, as it stands in the database or, ``new``, as it is to be written; and where it is on the chain."""

    payment: Payment
    where: Whereabouts
    new: bool = False

    @property
    def id(self) -> str:
        """The payment's."""
        return self.payment.id

    @property
    def still_waits(self) -> bool:
        """Whether it is in the pool as it was: there are many of those whenever the pool has changed."""
        waited = not self.new and self.payment.state is PaymentState.PENDING and self.payment.height is None
        return waited and self.where.standing is Standing.WAITING


@dataclass(frozen=True, slots=True)
class Seen:
    """What a pass has to look at, and the block up to which that is all."""

    sightings: Sequence[Sighting]
    height: int
    block_hash: str


async def see_arrivals(ports: Ports, tenure: Tenure, rail: Rail, heights: Heights) -> Seen:
    """Payments that are new, on their way, or were in a block that is not in the chain any more."""
    since, same_chain = await _since(ports, rail)
    arrivals = await ports.node.arrivals(since)
    if await _since(ports, rail) != (since, same_chain):
        raise Unavailable("blocks left the chain while they were read")
    came = {_id(ports, a): a for a in arrivals.found if a.address != ports.signer.address and a.value_minor}
    known = {payment.id: payment for payment in await _known(ports, tuple(came))}
    for payment in await _to_be_looked_at(ports, rail, heights, same_chain):
        known.setdefault(payment.id, payment)
    fresh = await _fresh(ports, tenure, {name: a for name, a in came.items() if name not in known})
    # Asked once for all payments of a block.
    hashes = {height: await ports.node.block_hash(height) for height in _heights(came.values())}
    seen_to = rail.scanned_height if same_chain else -1
    found = [Sighting(payment, await _where(ports, payment, came, hashes, seen_to)) for payment in known.values()]
    found += [Sighting(payment, await _where(ports, payment, came, hashes, -1), new=True) for payment in fresh]
    return Seen(found, arrivals.height, arrivals.block_hash)


async def note_seen(ports: Ports, tenure: Tenure, rail: Rail, seen: Seen) -> None:
    """Moves the cursor on, once everything that was seen is booked."""
    if (rail.scanned_height, rail.scanned_hash) == (seen.height, seen.block_hash):
        return
    if await ports.node.block_hash(seen.height) != seen.block_hash:
        return
    also = {"scanned_hash": seen.block_hash}
    moved = Advance(Rail, ports.asset, "scanned_height", rail.scanned_height, seen.height, also)
    facts = {"height": seen.height, "scanned": seen.height}
    await ports.ledger.post(tenure.posting("blocks_scanned", ports.asset, moved, facts=facts))


async def _since(ports: Ports, rail: Rail) -> tuple[str, bool]:
    """The block to list from, and whether it is the one that was taken in last, still in the chain."""
    if rail.scanned_hash and await ports.node.block_hash(rail.scanned_height) == rail.scanned_hash:
        return rail.scanned_hash, True
    # A node that was set up anew never knew the block that left, so one is taken that stands.
    reread = rail.scanned_height - ports.final_depth - _BLOCKS
    start = max(0, rail.watched_from, reread)
    block_hash = await ports.node.block_hash(start)
    if block_hash is None:
        raise Unavailable(f"the node has no block {start}")
    return block_hash, rail.scanned_height < 0


async def _to_be_looked_at(ports: Ports, rail: Rail, heights: Heights, same_chain: bool) -> list[Payment]:
    mine = {"asset": ports.asset}
    pending = {**mine, "state": PaymentState.PENDING}
    # What is in no block costs nothing, so any number of it must not keep others waiting for their depth.
    mined = {**pending, "height": _IN_A_BLOCK}
    found = await ports.store.find(Payment, mined, order_by=("height", "_id"), limit=_MOST)
    unmined = {**pending, "height": None}
    found += await ports.store.find(Payment, unmined, order_by=("seen_at", "_id"), limit=_MOST)
    # Below the block that was taken in last nothing has changed in the same chain.
    lowest = rail.scanned_height if same_chain else heights.latest - ports.final_depth - _BLOCKS
    booked = {**mine, "state": _BOOKED, "height": After(lowest)}
    return found + await ports.store.find(Payment, booked, order_by=("height", "_id"), limit=_MOST)


async def _known(ports: Ports, ids: Sequence[str]) -> list[Payment]:
    found: list[Payment] = []
    for some in _parts(ids):
        found += await ports.store.find(Payment, {"_id": some}, limit=len(some))
    return found


async def _fresh(ports: Ports, tenure: Tenure, came: dict[str, Arrival]) -> list[Payment]:
    """Records for what was never seen before. Money at an address that nobody was given is told to the owners."""
    addresses = tuple({arrival.address for arrival in came.values()})
    invoices: dict[str, Invoice] = {}
    for some in _parts(addresses):
        found = await ports.store.find(Invoice, {"asset": ports.asset, "address": some}, limit=len(some))
        invoices |= {invoice.address: invoice for invoice in found}
    fresh, now = list[Payment](), await ports.store.now()
    for name, arrival in came.items():
        if arrival.address in invoices:
            fresh.append(_record(ports, name, arrival, invoices[arrival.address], now))
        elif arrival.height is not None:
            await raise_alarm(ports, tenure, "deposit_unexplained", name, freeze=False)
    return fresh


def _record(ports: Ports, name: str, arrival: Arrival, invoice: Invoice, now: datetime) -> Payment:
    seen_at = min(arrival.at, now)
    locked_until = invoice.expires_at + timedelta(seconds=ports.settings.invoice_grace_seconds)
    return Payment(
        id=name,
        asset=ports.asset,
        invoice=invoice.id,
        person=invoice.person,
        txid=arrival.txid,
        index=arrival.index,
        coin_minor=arrival.value_minor,
        seen_at=seen_at,
        timely=seen_at <= locked_until,
        is_coinbase=arrival.is_coinbase,
    )


def _heights(arrivals: Iterable[Arrival]) -> set[int]:
    return {arrival.height for arrival in arrivals if arrival.height is not None}


async def _where(
    ports: Ports, payment: Payment, came: dict[str, Arrival], hashes: dict[int, str | None], seen_to: int
) -> Whereabouts:
    """What was in a block of the chain as it was seen, up to ``seen_to``, and is listed nowhere else, is there still.

    ``hashes`` are those of the blocks that what came stands in.
    """
    arrival = came.get(payment.id)
    if arrival is not None and arrival.height is not None:
        if hashes[arrival.height] == arrival.block_hash:
            return Whereabouts(Standing.MINED, arrival.height, arrival.block_hash, arrival.mined_at)
        return Whereabouts(Standing.UNKNOWN)
    if arrival is None and payment.height is not None and payment.height <= seen_to:
        return Whereabouts(Standing.MINED, payment.height, payment.block_hash)
    return await ports.node.whereabouts(payment.txid, payment.index)


def _id(ports: Ports, arrival: Arrival) -> str:
    return payment_id(ports.asset, arrival.txid, arrival.index)


def _parts(values: Iterable[T]) -> Iterable[tuple[T, ...]]:
    everything = tuple(values)
    return (everything[start : start + _AT_ONCE] for start in range(0, len(everything), _AT_ONCE))
