"""Invoices: an address of its own for each purchase, and how far its payment has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Document, Record, Target


class InvoiceState(StrEnum):
    """OPEN until the first credit or the expiry. A payment that comes later is booked all the same."""

    OPEN = "open"
    CREDITED = "credited"
    EXPIRED = "expired"


class LateRate(BaseModel):
    """ITD minor units per whole coin for coins that came late, up to so many of all that ever came."""

    model_config = ConfigDict(frozen=True)

    through_minor: int
    rate_minor: int


class DeskCredit(BaseModel):
    """Coins that an admin's decision credited, and ITD minor units per whole coin then."""

    model_config = ConfigDict(frozen=True)

    coin_minor: int
    rate_minor: int


class Invoice(Record):
    """A promise to credit ITD at a locked rate for coins that arrive at an address.

    ``received_minor`` and ``aside_minor`` are what was booked up to now. On Ethereum the next credit is the difference
    to the address's final balance, with what was swept from it; elsewhere each payment is booked by itself.
    """

    collection: ClassVar[str] = "invoices"

    id: str
    person: int
    state: InvoiceState = InvoiceState.OPEN
    asset: Asset
    address: str
    #: The address's index below the extended public key (BIP 32), never used twice.
    index: int
    payment_uri: str
    #: ITD that was ordered, and the fee on top, in ITD minor units.
    amount_minor: int
    fee_minor: int
    fee_basis_points: int
    #: Coins that pay the order exactly, and ITD minor units per whole coin.
    coin_minor: int
    rate_minor: int
    created_at: datetime
    expires_at: datetime
    #: The day whose purchase limit was taken.
    limit_day: str
    #: Whether the limit of purchases with its coin was taken beside; orders from before coins had one took none.
    coin_limit_taken: bool = False
    #: Whether what no payment had used of that limit was given back, because the time to pay was over.
    limit_returned: bool = False
    #: Whether payments have used all of that limit, so that nothing is left to be given back.
    fulfilled: bool = False
    #: Coins seen at the chain's head, not final yet, and since when.
    pending_minor: int = 0
    pending_since: datetime | None = None
    #: Coins of the order, pending or booked, that had been seen while the rate was locked; what comes on top, later or
    #: above the order, gets the rate of when it is seen.
    timely_minor: int = 0
    txid: str | None = None
    #: Coins booked, and ITD credited or held for them.
    received_minor: int = 0
    credited_minor: int = 0
    #: ITD that arrived above the day's limit and waits in the person's held money.
    held_minor: int = 0
    #: Coins booked and not credited: they lie aside for a case, or were refunded or kept. Not in ``received_minor``.
    aside_minor: int = 0
    #: ITD fees booked for what was received.
    booked_fee_minor: int = 0
    #: How often coins that had been booked left the chain: part of the keys of what is booked afterwards.
    generation: int = 0
    #: Ethereum only: the rates of what is not in ``timely_minor``, found when it was seen.
    late_rates: tuple[LateRate, ...] = ()
    #: Ethereum only: what admins credited, at the rates of those days; elsewhere each payment knows its own.
    desk_credits: tuple[DeskCredit, ...] = ()
    #: Coins that left the address for our own wallets, in blocks up to ``swept_height``.
    swept_minor: int = 0
    swept_height: int = -1
    #: Ethereum only: the sweep that is under way; until it ends nobody can tell what a smaller balance means.
    sweep: str | None = None

    @property
    def took_rail_limit(self) -> bool:
        """Whether it took the limit of purchases that are paid in this way."""
        return self.coin_limit_taken or self.asset is Asset.USD

    @property
    def booked_minor(self) -> int:
        """Coins that are in the books, credited or lying aside."""
        return self.received_minor + self.aside_minor

    @property
    def missing_minor(self) -> int:
        """Coins that are still to be paid for the whole order, less what is on its way."""
        return max(0, self.coin_minor - self.received_minor - self.pending_minor)

    @property
    def unpaid_minor(self) -> int:
        """What no payment has used of the limit taken for it, in ITD minor units; none once that was given back."""
        return 0 if self.limit_returned else max(0, self.amount_minor - self.credited_minor - self.held_minor)


class RailState(StrEnum):
    """What withdrawals on a chain do now; see ``domain/rails``."""

    RUNNING = "running"
    #: New requests queue, and no batch is formed; what is under way is finished.
    FINISHING = "finishing"
    #: New requests are refused, and the queue is paid until it is empty.
    DRAINING = "draining"
    #: New requests queue, nothing is paid.
    PAUSED = "paused"
    #: New requests are refused as well.
    CLOSED = "closed"


class Rail(Record):
    """One chain as this wallet uses it: its switch, the deposit index and the watcher's position."""

    collection: ClassVar[str] = "rails"

    id: Asset
    state: RailState = RailState.RUNNING
    #: Since when the switch stands there, and why; None while nobody has moved it.
    switched_at: datetime | None = None
    switched_why: str = ""
    #: The next deposit index to be allotted, and up to which one the worker watches.
    next_index: int = 0
    watched_through: int = -1
    #: The newest block when the first address was watched: none of them can have been paid before it.
    watched_from: int = 0
    #: Why the worker froze this chain's hot wallet, and when; None while all is well.
    alarm: str | None = None
    alarm_at: datetime | None = None
    #: The next nonce of the hot wallet that was never allotted. Ethereum only.
    next_nonce: int = 0
    #: The last block that the deposit watcher has looked at, on chains of coins its hash, and the highest ever seen.
    scanned_height: int = -1
    scanned_hash: str | None = None
    seen_height: int = -1
    genesis: str | None = None
    #: How often an admin asked for a batch at once, and how many of those the worker has acted on.
    pay_asked: int = 0
    pay_heard: int = 0
    #: How much people were told is missing in the hot wallet (0: nothing), and how often that has begun.
    short_minor: int = 0
    shortages: int = 0

    @property
    def is_served(self) -> bool:
        """Whether a worker has ever looked at its chain: what nobody pays is not promised."""
        return self.genesis is not None or self.watched_through >= 0

    @property
    def sells(self) -> bool:
        """Whether there is a watched address for the next purchase; on the card rail the switch is for purchases."""
        is_off = self.id is Asset.USD and self.state is not RailState.RUNNING
        return not is_off and self.next_index <= self.watched_through


@dataclass(frozen=True, slots=True)
class MarkRail:
    """Sets a field of a rail that is empty until then: its genesis, or the alarm that freezes its hot wallet."""

    asset: Asset
    field: Literal["genesis", "alarm"]
    value: str

    @property
    def target(self) -> Target:
        """The rail."""
        return Target(Rail.collection, self.asset)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The marked rail. Raises ``Refused(CHANGED_MEANWHILE)`` when it bears another mark."""
        if document is None:
            raise InvariantViolated(f"no rail {self.asset}")
        if document.get(self.field) not in (None, self.value):
            raise Refused(Reason.CHANGED_MEANWHILE, what=self.field)
        # An alarm that is marked again began when it was marked first.
        began = {"alarm_at": now} if self.field == "alarm" and document.get("alarm") is None else {}
        return {**document, self.field: self.value, **began}
