"""The life of a payout: states, allowed moves, and the records that make it happen exactly once.

A ``Withdrawal`` is the person's request and, with the same id, the payout that the worker pays. A ``Batch`` pays one or
more payouts with one nonce (or one set of inputs). An ``Attempt`` is one signed version of it. See ``docs/payouts.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from wallet_core.domain.chain import TRANSFER_GAS
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Document, Record, Target
from wallet_core.domain.sweep import Own
from wallet_core.domain.terms import payout_terms


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
    #: A no-op took its nonce or its coins for good, because a payout of it could not be signed, or had left it.
    ABANDONED = "abandoned"


class AttemptKind(StrEnum):
    """What a signed transaction of a batch is for."""

    #: Pays the payouts. A later one with higher fees replaces an earlier one.
    PAYMENT = "payment"
    #: Moves deposits, or a surplus, to a wallet of our own. A later one with higher fees replaces an earlier one.
    SWEEP = "sweep"
    #: Pays nobody and only uses the nonce, or the coins, up.
    NO_OP = "no_op"
    #: Spends change of an unmined payment, so that miners take both (child pays for parent).
    CHILD = "child"


class Awaited(StrEnum):
    """What an unknown outcome waits for."""

    #: Our node does not answer.
    NODE = "node"
    #: The network has none of the attempts; they are sent again and again.
    NETWORK = "network"
    #: Something else spent what was ours; people have to look into it.
    CONFLICT = "conflict"


#: Every move that a payout may make; whatever is not here cannot happen.
PAYOUT_MOVES: Final[Mapping[PayoutState, frozenset[PayoutState]]] = {
    PayoutState.REVIEW: frozenset({PayoutState.QUEUED, PayoutState.REFUSED, PayoutState.CANCELLED}),
    PayoutState.QUEUED: frozenset({PayoutState.BATCHED, PayoutState.CANCELLED, PayoutState.RETURNED}),
    PayoutState.BATCHED: frozenset({PayoutState.SETTLED, PayoutState.QUEUED, PayoutState.RETURNED}),
    #: After a reorganisation another attempt of its batch may be the one that paid it.
    PayoutState.SETTLED: frozenset({PayoutState.SETTLED}),
}
#: Every move that a batch may make. FORMED -> FORMED leaves payouts out, BROADCAST -> BROADCAST is a mark, BROADCAST ->
#: SIGNED another attempt, and back to BROADCAST a reorganisation, which may come after settling: until the final depth
#: a batch is watched. One whose payouts have left it comes back from a deeper one ``void``.
BATCH_MOVES: Final[Mapping[BatchState, frozenset[BatchState]]] = {
    BatchState.FORMED: frozenset({BatchState.FORMED, BatchState.SIGNED}),
    BatchState.SIGNED: frozenset({BatchState.BROADCAST}),
    BatchState.BROADCAST: frozenset({BatchState.BROADCAST, BatchState.SIGNED, BatchState.CONFIRMED}),
    BatchState.CONFIRMED: frozenset(
        {BatchState.BROADCAST, BatchState.CONFIRMED, BatchState.SETTLED, BatchState.REVERTED, BatchState.ABANDONED}
    ),
    BatchState.SETTLED: frozenset({BatchState.BROADCAST}),
    BatchState.REVERTED: frozenset({BatchState.BROADCAST}),
    BatchState.ABANDONED: frozenset({BatchState.BROADCAST}),
}
#: Batches that the worker still has to do something about, oldest step first.
BATCHES_IN_FLIGHT: Final = (BatchState.FORMED, BatchState.SIGNED, BatchState.BROADCAST, BatchState.CONFIRMED)


class Withdrawal(Record):
    """A person's request to have ITD paid out in a coin, and the payout that follows from it.

    With a ``case`` it is a refund and has the case's id: no ITD is held for it, its coins lie in ``suspense``.
    """

    collection: ClassVar[str] = "withdrawals"

    id: str
    person: int
    state: PayoutState
    asset: Asset
    address: str
    #: ITD that is withdrawn (a refund: that it was worth), the fee on top, and the coins that the person was promised.
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
    #: How often its transaction, or its part of one that many shared, finally reverted.
    reverts: int = 0
    #: How often a transaction that it shared finally reverted as a whole.
    shared_reverts: int = 0
    txid: str | None = None
    #: Its part of what the network took for its batch, in the coin.
    network_fee_minor: int = 0
    settled_at: datetime | None = None
    #: A refund: whose coins it returns, those of them that are withheld for the network, and how often it began anew.
    case: str | None = None
    withheld_minor: int = 0
    round: int = 0
    #: The mass send that it is a part of.
    #: Of a mass send: its id. Nobody is told of such a payout by itself, and it took no day's limit.
    mass_send: str | None = None

    @property
    def total_minor(self) -> int:
        """ITD that is held for it."""
        return 0 if self.case else self.amount_minor + self.fee_minor

    def terms(self) -> bytes:
        """What the MAC covers. A payout of a mass send is none of a person's own, and the other way round."""
        terms = payout_terms(self)
        return b"mass payout " + self.mass_send.encode() + b" " + terms if self.mass_send else terms


class Batch(Record):
    """Payouts that one transaction pays: told apart on Ethereum by its nonce, elsewhere by its coins.

    A sweep has none: it moves deposits to a wallet of our own. Nor has one that moves the hot wallet's ``own`` coins.
    """

    collection: ClassVar[str] = "batches"

    id: str
    asset: Asset
    state: BatchState
    payouts: tuple[str, ...]
    sender: str
    #: What all its attempts have in common, so that at most one of them is ever in the chain: the nonce, or the
    #: outpoints of its coins.
    nonce: int | None = None
    inputs: tuple[str, ...] = ()
    #: What those coins are worth. A wrong one makes a signature invalid (BIP 143), so nobody gains by changing it.
    #: Of a sweep on Ethereum: the balance that it was formed for.
    inputs_minor: tuple[int, ...] = ()
    #: Of a sweep: for each coin, or for the one sender, the invoice whose address has it, and that address's index.
    sweep: bool = False
    invoices: tuple[str, ...] = ()
    indices: tuple[int, ...] = ()
    #: Which of the hot wallet's own coins it moves, and what of them goes to the cold wallet.
    own: Own | None = None
    stored_minor: int = 0
    #: And what of it is to come back to us.
    change_minor: tuple[int, ...] = ()
    #: The contract that pays the payouts; empty where one gets a transfer of its own. And the payouts that it turned
    #: out not to have paid: these have left the batch.
    contract: str = ""
    failed: tuple[str, ...] = ()
    #: All its payouts have left it, and its block left the chain after that: its nonce is used up, and nobody paid.
    void: bool = False
    #: The most gas that its transaction may use: 21,000 for a plain transfer, more where the address is a contract.
    gas_limit: int = TRANSFER_GAS
    created_at: datetime | None = None
    #: When its block last left the chain, so that it waits for another one since then.
    reorganised_at: datetime | None = None
    #: The last broadcast's outcome is not known; the batch is looked up until it is. And what that waits for.
    unknown: bool = False
    waits_for: Awaited | None = None
    #: The attempt of which kind is to be signed next, and what it offers for a unit of gas, with the tip within it,
    #: or for a virtual byte; 0: what is usual when it is signed.
    wants: AttemptKind | None = AttemptKind.PAYMENT
    price_minor: int = 0
    tip_minor: int = 0
    #: The attempt that is in the chain, and its block.
    txid: str | None = None
    block_hash: str | None = None
    height: int | None = None
    #: How many confirmations people were told of, and after how many it is settled.
    confirmations: int = 0
    needed: int = 0
    #: How often it was settled: more than once after a reorganisation. And what the books say that the network took.
    settlements: int = 0
    network_fee_minor: int = 0
    #: Of a sweep that has ended: what left the deposit addresses, the network's part included.
    swept_minor: int = 0

    @property
    def pays_nobody(self) -> bool:
        """Whether its payouts are paid by others by now, or returned: its own payments must never be sent again."""
        return self.void or self.state in (BatchState.REVERTED, BatchState.ABANDONED)


class Attempt(Record):
    """One signed version of a batch. Only bytes read back from here ever reach a network."""

    collection: ClassVar[str] = "attempts"

    id: str
    batch: str
    #: None: it is older than this field.
    asset: Asset | None = None
    number: int
    txid: str
    raw: bytes
    kind: AttemptKind = AttemptKind.PAYMENT
    #: What it offers: for a unit of gas, with the tip within it, or for a virtual byte; and in all, where it is fixed.
    price_minor: int = 0
    tip_minor: int = 0
    fee_minor: int = 0
    #: Outpoints that it spends, and the amounts of its last outputs, which are our own change, or all that is swept.
    inputs: tuple[str, ...] = ()
    change_minor: tuple[int, ...] = ()
    #: The address that a sweep leads to: the hot wallet's, or the cold one's.
    target: str | None = None
    #: What its signer wrote down of it, for the records of other workers, and the HMAC of ``signed_terms``.
    signed: str = ""
    signed_mac: str = ""
    created_at: datetime | None = None
    broadcast_at: datetime | None = None

    @property
    def stays_ours(self) -> bool:
        """Whether all that it moves comes back to the wallet that it leaves."""
        return self.kind in (AttemptKind.NO_OP, AttemptKind.CHILD)


def signed_terms(entry: str) -> bytes:
    """What the MAC of an attempt's ``signed`` covers; no other terms begin like it."""
    return b"signed " + entry.encode()


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
