"""What arrived at an invoice: one record for each output, transfer or card charge that was ever seen."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from wallet_core.domain.money import Asset
from wallet_core.domain.record import Record


class PaymentState(StrEnum):
    """PENDING until the chain (or the card company) calls it final; then CREDITED, or CASE where no rule decides.

    GONE: it was replaced or never mined. REVERSED: it had been credited, and its block left the chain or the card
    company took it back; mined again, it is PENDING anew with the next generation.
    """

    PENDING = "pending"
    CREDITED = "credited"
    CASE = "case"
    GONE = "gone"
    REVERSED = "reversed"


class Payment(Record):
    """One payment. On chains of coins the books follow it alone; on Ethereum they follow the balance of its address.

    ``generation`` counts how often it was reversed: ``credit:<id>:<generation>`` and ``reverse:<id>:<generation>`` are
    the keys under which it is booked, each of them once.
    """

    collection: ClassVar[str] = "payments"

    #: ``<asset>:<txid>:<index>``; of a card ``USD:<payment intent>:0``.
    id: str
    asset: Asset
    invoice: str
    person: int
    txid: str
    index: int
    #: Coins, or US cents.
    coin_minor: int
    state: PaymentState = PaymentState.PENDING
    generation: int = 0
    #: Its block; None while it is in none.
    height: int | None = None
    block_hash: str | None = None
    #: When it was seen first, or its block's time where that is earlier.
    seen_at: datetime
    #: Whether that was while the invoice's rate was locked.
    timely: bool
    #: Whether it is new coins of a miner's. Chains of coins only.
    is_coinbase: bool = False
    #: What was booked for it: ITD credited, ITD held above the day's limit, and the fee. The rate, in ITD minor units
    #: per whole coin, is known from when it was seen, or 0 while there is none: it stays the same if it comes again.
    credited_minor: int = 0
    held_minor: int = 0
    fee_minor: int = 0
    rate_minor: int = 0
    #: US cents of it that a refund or a dispute claims or took back, and the ITD and the fee of them. Cards only.
    reversed_minor: int = 0
    reversed_itd_minor: int = 0
    reversed_fee_minor: int = 0
    #: The batch that moves it to a wallet of our own, once there is one. Chains of coins only.
    sweep: str | None = None


def payment_id(asset: Asset, txid: str, index: int = 0) -> str:
    """The name under which a payment is known for ever."""
    return f"{asset}:{txid}:{index}"
