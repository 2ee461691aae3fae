"""What a person is asked to confirm: fixed terms with an id, an owner and an expiry.

The intent's id is minted before the Confirm button is shown and becomes the movement's idempotency key, so pressing
twice, in two processes or after a restart, does it once.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from wallet_core.domain.changes import Move
from wallet_core.domain.claimable import ClaimBy
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Record
from wallet_core.domain.terms import payout_terms


class IntentKind(StrEnum):
    """What would be done on confirmation."""

    SEND = "send"
    PURCHASE = "purchase"
    WITHDRAWAL = "withdrawal"
    REFUND = "refund"


class IntentState(StrEnum):
    """An intent is confirmed or cancelled once; an expired one stays open and is refused."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    REFUSED = "refused"


class Intent(Record):
    """Terms that wait for a person's confirmation. Amounts in minor units of the asset in the field's comment."""

    collection: ClassVar[str] = "intents"

    id: str
    person: int
    kind: IntentKind
    state: IntentState = IntentState.OPEN
    created_at: datetime
    expires_at: datetime
    #: ITD that the person sends, buys or withdraws, without the fee.
    amount_minor: int
    #: ITD on top.
    fee_minor: int
    #: SEND: who receives, and the name that was shown; how it is claimed by somebody who cannot have it at once.
    recipient: int | None = None
    recipient_name: str | None = None
    claim_by: ClaimBy | None = None
    note: str = ""
    #: SEND: the payment request that it pays, and the group that it was asked in, which is told of it.
    request: str | None = None
    group: int | None = None
    #: All but SEND: the coin, its amount, and ITD minor units per whole coin.
    asset: Asset | None = None
    coin_minor: int = 0
    rate_minor: int = 0
    rate_source: str | None = None
    rate_at: datetime | None = None
    #: WITHDRAWAL and REFUND: the checked address, and the HMAC of ``terms`` from the moment they were shown.
    address: str | None = None
    mac: str = ""
    #: REFUND: the case whose coins go back, and those of them that are withheld for the network.
    case: str | None = None
    withheld_minor: int = 0
    #: Why a refused intent was refused, as ``domain.policies`` traced it.
    decision: dict[str, Any] | None = None

    @property
    def total_minor(self) -> int:
        """ITD that leaves the person: amount and fee."""
        return self.amount_minor + self.fee_minor

    def terms(self) -> bytes:
        """What the MAC covers; the ``Withdrawal`` that comes of it has the same, a refund with the id of its case."""
        return payout_terms(self)

    @property
    def payee(self) -> tuple[Asset, str]:
        """The coin and the address of a withdrawal. Raises ``InvariantViolated`` for an intent without them."""
        if self.asset is None or self.address is None:
            raise InvariantViolated(f"{self.kind} {self.id} has no address")
        return self.asset, self.address


def confirmed(intent_id: str) -> Move:
    """The intent is confirmed, once, before it expires."""
    return Move(Intent, intent_id, frozenset({IntentState.OPEN}), IntentState.CONFIRMED, expires=True)


def cancelled(intent_id: str) -> Move:
    """The intent is cancelled; nothing else can come of it."""
    return Move(Intent, intent_id, frozenset({IntentState.OPEN}), IntentState.CANCELLED)
