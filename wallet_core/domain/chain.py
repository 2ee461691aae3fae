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
WEI_PER_GWEI: Final = 10**9


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

    #: An Ethereum chain id in decimal (EIP-155), or "main", "test" or "regtest" as Bitcoin Core names it.
    network: str
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
    """Where a transaction stands in the chain, whether it did what it should, and what it cost.

    Chains of coins do not tell the fee (0 here): the attempt knows it. Nor can a transaction fail there.
    """

    txid: str
    height: int
    block_hash: str
    succeeded: bool = True
    fee_minor: int = 0


@dataclass(frozen=True, slots=True)
class Utxo:
    """An unspent output: a coin of the hot wallet. Amount in minor units."""

    txid: str
    index: int
    value_minor: int
    #: Its block; None while it is in no block.
    height: int | None

    @property
    def id(self) -> str:
        """Its outpoint, ``<txid>:<index>``: the name under which exactly one batch may spend it."""
        return f"{self.txid}:{self.index}"


@dataclass(frozen=True, slots=True)
class FeeRates:
    """What a virtual byte costs now, in minor units (BIP 141 defines virtual bytes).

    ``market_minor`` is the node's estimate, None where it has none; below ``least_minor`` it relays nothing. By
    ``increment_minor`` at least a replacement offers more than what it replaces (BIP 125, rule 4).
    """

    market_minor: int | None
    least_minor: int
    increment_minor: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transaction that carries coins to an address, and its block with that block's time."""

    txid: str
    to: str
    value_minor: int
    at: datetime
    height: int | None = None
    block_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """An output to a watched address, in minor units. ``at``: when the node saw it, or its block's time if earlier."""

    txid: str
    index: int
    address: str
    value_minor: int
    at: datetime
    #: Its block, and that block's time; None while it is in no block.
    height: int | None = None
    block_hash: str | None = None
    mined_at: datetime | None = None
    #: New coins of a miner's, which nobody can move before enough blocks stand on them.
    is_coinbase: bool = False


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came since a block, and the block up to which that is all."""

    found: tuple[Arrival, ...]
    height: int
    block_hash: str


class Standing(StrEnum):
    """Where a transaction is that pays us."""

    MINED = "mined"
    #: In the node's pool.
    WAITING = "waiting"
    #: In neither, and nothing else spends its coins: it may come again.
    FORGOTTEN = "forgotten"
    #: Something else spends its coins.
    GONE = "gone"
    #: The node cannot tell now.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A transaction's standing, and its block if it is in one, with that block's time where it was asked for."""

    standing: Standing
    height: int | None = None
    block_hash: str | None = None
    mined_at: datetime | None = None
