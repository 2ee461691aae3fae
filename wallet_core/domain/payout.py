"""The life of a payout: states, allowed moves, and the records that make it happen exactly once.

A ``Withdrawal`` is the person's request and, with the same id, the payout that the worker pays. A ``Batch`` pays one or
more payouts with one nonce (or one set of inputs). An ``Attempt`` is one signed version of a batch. ``docs/payouts.md``
has the protocol.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, Protocol

from wallet_core.domain.chain import TRANSFER_GAS
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Document, Record, Target


class PayoutState(StrEnum):
    """Where a person's withdrawal stands."""

    REVIEW = "review"
    QUEUED = "queued"
    BATCHED = "batched"
    SETTLED = "settled"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class BatchState(StrEnum):
    """Where a batch stands on its way into the chain."""

    FORMED = "formed"
    SIGNED = "signed"
    BROADCAST = "broadcast"
    CONFIRMED = "confirmed"
    SETTLED = "settled"
    REVERTED = "reverted"
    #: A no-op took its nonce for good, because its payout could not be signed.
    ABANDONED = "abandoned"


#: Every move that a payout may make; whatever is not here cannot happen.
PAYOUT_MOVES: Final[Mapping[PayoutState, frozenset[PayoutState]]] = {
    PayoutState.REVIEW: frozenset({PayoutState.QUEUED, PayoutState.REFUSED, PayoutState.CANCELLED}),
    PayoutState.QUEUED: frozenset({PayoutState.BATCHED, PayoutState.CANCELLED, PayoutState.RETURNED}),
    PayoutState.BATCHED: frozenset({PayoutState.SETTLED, PayoutState.QUEUED, PayoutState.RETURNED}),
}
#: Every move that a batch may make. CONFIRMED -> BROADCAST is a reorganisation, BROADCAST -> BROADCAST a mark.
BATCH_MOVES: Final[Mapping[BatchState, frozenset[BatchState]]] = {
    BatchState.FORMED: frozenset({BatchState.SIGNED}),
    BatchState.SIGNED: frozenset({BatchState.BROADCAST}),
    BatchState.BROADCAST: frozenset({BatchState.BROADCAST, BatchState.CONFIRMED}),
    BatchState.CONFIRMED: frozenset(
        {BatchState.BROADCAST, BatchState.SETTLED, BatchState.REVERTED, BatchState.ABANDONED}
    ),
}
#: Batches that the worker still has to do something about, oldest step first.
BATCHES_IN_FLIGHT: Final = (BatchState.FORMED, BatchState.SIGNED, BatchState.BROADCAST, BatchState.CONFIRMED)


class _Terms(Protocol):
    """What an intent and the withdrawal that comes of it have in common."""

    @property
    def id(self) -> Any: ...
    @property
    def person(self) -> int: ...
    @property
    def asset(self) -> Asset | None: ...
    @property
    def address(self) -> str | None: ...
    @property
    def coin_minor(self) -> int: ...
    @property
    def amount_minor(self) -> int: ...
    @property
    def fee_minor(self) -> int: ...
    @property
    def rate_minor(self) -> int: ...


def withdrawal_terms(of: _Terms) -> bytes:
    """Who gets how much of what at which address for how much ITD, under which id; sealed by a MAC from the card on."""
    terms = [of.id, of.person, of.asset, of.address, of.coin_minor, of.amount_minor, of.fee_minor, of.rate_minor]
    return json.dumps(terms).encode()


class Withdrawal(Record):
    """A person's request to have ITD paid out in a coin, and the payout that follows from it."""

    collection: ClassVar[str] = "withdrawals"

    id: str
    person: int
    state: PayoutState
    asset: Asset
    address: str
    #: ITD that is withdrawn, the fee on top, and the coins that the person was promised.
    amount_minor: int
    fee_minor: int
    coin_minor: int
    rate_minor: int
    #: The quote holds until then; a payout that is batched later is priced again.
    quoted_until: datetime
    #: HMAC of ``terms``: the worker pays nothing whose terms somebody changed in the database.
    mac: str
    #: What the policies decided, with their versions, reasons and numbers.
    decision: dict[str, Any]
    #: The day whose payout limit was taken.
    limit_day: str
    created_at: datetime | None = None
    #: Not to be batched before then: the wait of a new address.
    not_before: datetime | None = None
    reviewed_by: int | None = None
    batch: str | None = None
    #: How often its transaction finally reverted.
    reverts: int = 0
    txid: str | None = None
    settled_at: datetime | None = None

    @property
    def total_minor(self) -> int:
        """ITD that is held for it."""
        return self.amount_minor + self.fee_minor

    def terms(self) -> bytes:
        """What the MAC covers."""
        return withdrawal_terms(self)


class Batch(Record):
    """Payouts that are paid by one transaction. On Ethereum without a contract: one payout, one nonce."""

    collection: ClassVar[str] = "batches"

    id: str
    asset: Asset
    state: BatchState
    payouts: tuple[str, ...]
    sender: str
    nonce: int
    #: The most gas that its transaction may use: 21,000 for a plain transfer, more where the address is a contract.
    gas_limit: int = TRANSFER_GAS
    created_at: datetime | None = None
    #: The last broadcast's outcome is not known; the batch is looked up until it is.
    unknown: bool = False
    #: The attempt that is in the chain, its block, and what it cost, in wei.
    txid: str | None = None
    block_hash: str | None = None
    height: int | None = None
    network_fee_minor: int = 0


class Attempt(Record):
    """One signed version of a batch. Only bytes read back from here ever reach a network."""

    collection: ClassVar[str] = "attempts"

    id: str
    batch: str
    number: int
    txid: str
    raw: bytes
    #: It pays nobody and only uses the nonce up, so that later ones can follow.
    fills: bool = False
    created_at: datetime | None = None
    broadcast_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MarkSent:
    """Notes when an attempt was first handed to the network."""

    attempt: str

    @property
    def target(self) -> Target:
        """The attempt."""
        return Target(Attempt.collection, self.attempt)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The attempt with the time of its first broadcast."""
        if document is None:
            raise InvariantViolated(f"no attempt {self.attempt}")
        return {**document, "broadcast_at": document["broadcast_at"] or now}


class Allocation(Record):
    """A nonce of the hot wallet, given to one batch for ever: ``ETH:<chain id>:<sender>:<nonce>``."""

    collection: ClassVar[str] = "allocations"

    id: str
    batch: str


class Lease(Record):
    """Who works on a chain's hot wallet; every transition of its batches writes it with the epoch in the guard."""

    collection: ClassVar[str] = "leases"

    id: str
    epoch: int
    holder: str


class Heartbeat(Record):
    """When the lease's holder was last alive; kept apart from the lease, or it would fight long settlements."""

    collection: ClassVar[str] = "heartbeats"
    ledgered: ClassVar[bool] = False

    id: str
    epoch: int
    holder: str
    at: datetime


def move_payout(payout: str, before: PayoutState, after: PayoutState, **fields: Any) -> Move:
    """An allowed move of a payout. Raises ``InvariantViolated`` for one that is not in the table."""
    if after not in PAYOUT_MOVES.get(before, frozenset()):
        raise InvariantViolated(f"payout {payout}: {before} -> {after} is not allowed")
    return Move(Withdrawal, payout, frozenset({before}), after, fields)


def move_batch(batch: str, before: BatchState, after: BatchState, **fields: Any) -> Move:
    """An allowed move of a batch. Raises ``InvariantViolated`` for one that is not in the table."""
    if after not in BATCH_MOVES.get(before, frozenset()):
        raise InvariantViolated(f"batch {batch}: {before} -> {after} is not allowed")
    return Move(Batch, batch, frozenset({before}), after, fields)
