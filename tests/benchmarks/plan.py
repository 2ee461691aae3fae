"""How much each benchmark does: ``FULL`` for figures that mean something, ``QUICK`` to see that the code still runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wallet_core.domain.money import Asset


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes and times; a round measures each side once, and its ratio is one of the spread."""

    rounds: int = 5
    seconds_each: float = 2.5
    accounts: int = 1_000
    #: How many movements are under way at once through the ledger.
    at_once: tuple[int, ...] = (1, 64, 1_024)
    #: The naive way and the peer have the best of these, anew in each round.
    rivals_at_once: tuple[int, ...] = (1, 8, 32)
    lone_postings: int = 300
    recipients: int = 10_000
    #: Journal entries of the books that history and verify are measured on, each size compared with smaller ones.
    entries: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    pages_each: int = 20
    verify_rounds: int = 3
    #: Open invoices of the wallets that watch each chain side by side.
    chains: tuple[Asset, ...] = (Asset.BTC, Asset.LTC, Asset.ETH)
    invoices: tuple[int, ...] = (100, 1_000, 10_000)
    blocks: int = 15
    outages: int = 1
    outage_blocks: int = 10_000
    outage_payments: int = 300
    #: They come in so many blocks of it.
    outage_paid_in: int = 60
    #: Blocks that a worker process takes in while its memory is looked at.
    worker_blocks: int = 10
    #: Payouts of a queue that is emptied, and those that a rival sends, or Ethereum pays one by one, beside it.
    payouts: int = 10_000
    sends: int = 500
    ether_sends: int = 200
    paying_rounds: int = 3
    #: Pending payouts that a worker starts with.
    pending: tuple[int, int] = (100, 100_000)
    starts: int = 5
    #: Lines of a mass send's file; its memory is looked at with both.
    lines: tuple[int, int] = (100_000, 1_000_000)
    file_rounds: int = 3


FULL: Final = Plan()
QUICK: Final = Plan(
    rounds=2,
    seconds_each=0.5,
    accounts=100,
    lone_postings=30,
    recipients=1_000,
    entries=(300, 1_000, 3_000),
    pages_each=3,
    verify_rounds=1,
    invoices=(10, 40, 200),
    blocks=2,
    outages=1,
    outage_blocks=100,
    outage_payments=20,
    outage_paid_in=10,
    worker_blocks=2,
    payouts=300,
    sends=30,
    ether_sends=20,
    paying_rounds=2,
    pending=(100, 1_000),
    starts=2,
    lines=(1_000, 10_000),
    file_rounds=2,
)
