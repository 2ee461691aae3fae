"""What the worker needs beside the core's ports: a node and a signer; and ``WorkerPorts``, the bundle of one rail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self

from wallet_core.domain.chain import Broadcast, Fees, Heights, Identity, Inclusion, Transfer
from wallet_core.domain.money import Asset
from wallet_core.ports import Ledger, Ports, Rates, Store, Vault
from wallet_core.settings import Settings

_WEI_PER_GWEI: Final = 10**9


class Node(Protocol):
    """An Ethereum node of our own. Amounts are wei; all but ``broadcast`` raise ``Unavailable``."""

    async def identity(self) -> Identity:
        """Which chain it follows."""

    async def syncing(self) -> bool:
        """Whether it is still catching up."""

    async def heights(self) -> Heights:
        """The newest and the newest final block."""

    async def block_hash(self, height: int) -> str | None:
        """The hash of the block at a height, None above the newest."""

    async def nonce(self, address: str, height: int | None = None) -> int:
        """How many transactions the address had sent up to a block, by default the newest."""

    async def balance(self, address: str) -> int:
        """Wei at an address as of the newest block."""

    async def balances(self, addresses: Sequence[str], height: int) -> list[int]:
        """Wei at many addresses as of one block."""

    async def fees(self) -> Fees:
        """What a unit of gas costs now."""

    async def gas_for(self, sender: str, to: str, value_minor: int, price_minor: int) -> int | None:
        """The gas that a transfer would use now; None when it would not go through."""

    async def broadcast(self, raw: bytes) -> Broadcast:
        """Hands bytes to the network, once. Never raises for what the network does with them."""

    async def known(self, txid: str) -> bool:
        """Whether the node has the transaction, in its pool or in the chain."""

    async def inclusion(self, txid: str) -> Inclusion | None:
        """Where the transaction is in the chain; None while it is in no block."""

    async def transfers(self, height: int) -> Sequence[Transfer]:
        """The transactions of a block that carry ether."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be signed. Without a ``payout`` it only uses the nonce up: no value, to ourselves.

    Amounts in wei; ``max_fee_minor`` and ``tip_minor`` for a unit of gas (EIP-1559).
    """

    payout: str | None
    nonce: int
    to: str
    value_minor: int
    gas_limit: int
    max_fee_minor: int
    tip_minor: int


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed transaction and its hash, which is known before anybody has seen it."""

    raw: bytes
    txid: str


class Signer(Protocol):
    """The hot wallet's key. It keeps a record of its own of what each payout and each nonce was signed for."""

    @property
    def address(self) -> str:
        """The hot wallet's address."""

    async def check(self, payout: str) -> None:
        """Raises ``InvariantViolated`` if the payout was signed for before and may have been paid by that."""

    async def sign(self, order: Order) -> Signed:
        """Signs. Raises ``InvariantViolated`` for a second meaning, ``Unavailable`` when its record cannot be kept."""


@dataclass(frozen=True, slots=True)
class WorkerPorts:
    """Everything that a step or a watcher may reach, for one rail."""

    #: For the core's own functions.
    core: Ports
    settings: Settings
    ledger: Ledger
    store: Store
    vault: Vault
    rates: Rates
    node: Node
    signer: Signer
    asset: Asset

    @classmethod
    def of(cls, core: Ports, asset: Asset, node: Node, signer: Signer) -> Self:
        """The core's ports with this rail's node and signer."""
        return cls(core, core.settings, core.ledger, core.store, core.vault, core.rates, node, signer, asset)

    @property
    def max_fee_minor(self) -> int:
        """The most that is paid for a unit of gas, in wei."""
        return self.settings.eth_max_fee_gwei * _WEI_PER_GWEI

    @property
    def final_depth(self) -> int:
        """Blocks that must stand on a block before it counts as final."""
        return self.settings.eth_final_depth
