"""What a node tells about its chain, as plain values. Amounts in minor units of the chain's coin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

#: Gas of a plain transfer of ether (Ethereum's yellow paper, appendix G: G_transaction).
TRANSFER_GAS: Final = 21_000
#: The gas that a transfer into a contract may use; an address that needs more is not paid.
GAS_CEILING: Final = 100_000


class Broadcast(StrEnum):
    """What a node answered to a transaction. There is no "failed": see ``docs/payouts.md``."""

    ACCEPTED = "accepted"
    #: The node had the very same bytes already.
    KNOWN = "known"
    #: Anything else, a timeout included. Only the chain can tell.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Identity:
    """Which chain a node follows."""

    chain_id: int
    #: The hash of block 0.
    genesis: str


@dataclass(frozen=True, slots=True)
class Heights:
    """The newest block, and the newest that the node calls final; -1 where it calls none so."""

    latest: int
    finalized: int
    #: The newest block's hash: another one at the same height is news too.
    latest_hash: str = ""

    def final(self, depth: int) -> int:
        """The newest block that counts as final: the node agrees and ``depth`` blocks stand on it."""
        return min(self.finalized, self.latest - depth)


@dataclass(frozen=True, slots=True)
class Fees:
    """What a unit of gas costs now, in wei (EIP-1559): the block's base fee, and the usual tip."""

    base_minor: int
    tip_minor: int


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Where a transaction stands in the chain, whether it did what it should, and what it cost."""

    txid: str
    height: int
    block_hash: str
    succeeded: bool
    fee_minor: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transaction that carries coins to an address, and its block's time."""

    txid: str
    to: str
    value_minor: int
    at: datetime
