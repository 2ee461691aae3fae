"""What the worker needs beside the core's ports: nodes, signers, the card company; and the bundle of each rail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, Self, TypeAlias, TypeVar

from payout_worker.contract_node import ContractNode
from wallet_core.domain.card import CardAccount, CardClaim, CardSession, ChargeState, EventPage
from wallet_core.domain.chain import (
    Arrivals,
    Broadcast,
    FeeRates,
    Fees,
    Heights,
    Identity,
    Inclusion,
    Transfer,
    Utxo,
    Whereabouts,
)
from wallet_core.domain.money import Asset
from wallet_core.domain.multi_send import MultiSend
from wallet_core.domain.purchase import Invoice
from wallet_core.ports import Ledger, Ports, Rates, Store, Vault
from wallet_core.settings import Settings


class Node(Protocol):
    """A node of our own, of whatever chain. All but ``broadcast`` raise ``Unavailable``."""

    async def identity(self) -> Identity:
        """Which chain it follows."""

    async def syncing(self) -> bool:
        """Whether it is still catching up."""

    async def heights(self) -> Heights:
        """The newest and the newest final block."""

    async def block_hash(self, height: int) -> str | None:
        """The hash of the block at a height, None above the newest."""

    async def broadcast(self, raw: bytes) -> Broadcast:
        """Hands bytes to the network, once. Never raises for what the network does with them."""

    async def known(self, txid: str) -> bool:
        """Whether the node has the transaction, in its pool or in the chain."""

    async def inclusion(self, txid: str) -> Inclusion | None:
        """Where the transaction is in the chain; None while it is in no block."""


class NonceNode(Node, ContractNode, Protocol):
    """A node of a chain that counts what an address sends: Ethereum. Amounts are wei."""

    async def nonce(self, address: str, height: int | None = None) -> int:
        """How many transactions the address had sent up to a block, by default the newest."""

    async def balance(self, address: str, height: int | None = None) -> int:
        """Wei at an address as of a block, by default the newest."""

    async def balances(self, addresses: Sequence[str], height: int) -> list[int]:
        """Wei at many addresses as of one block."""

    async def fees(self) -> Fees:
        """What a unit of gas costs now."""

    async def gas_for(self, sender: str, to: str, value_minor: int, price_minor: int) -> int | None:
        """The gas that a transfer would use now; None when it would not go through."""

    async def transfers(self, height: int) -> Sequence[Transfer]:
        """The transactions of a block that carry ether."""


class CoinNode(Node, Protocol):
    """A node of a chain of coins, Bitcoin or Litecoin, with a watch-only wallet. Amounts are satoshi."""

    async def watch(self, address: str) -> None:
        """Has the node's wallet follow an address from the chain's first block; done once, harmless again."""

    async def utxos(self, address: str) -> list[Utxo]:
        """The unspent outputs of a watched address, those in no block yet among them."""

    async def fee_rates(self) -> FeeRates:
        """What a virtual byte costs now."""

    async def refusal(self, raw: bytes) -> str | None:
        """Why the node would not take a transaction into its pool now; None when it would."""

    async def spender(self, utxo: str) -> Inclusion | None:
        """The transaction in the chain that spends an output of a watched address; None while there is none."""

    async def sends(self, since: str | None) -> list[str]:
        """Hashes of all transactions after a block (by hash; None: ever) that spend coins of watched addresses.

        Those in no block are among them.
        """

    async def watch_range(self, descriptor: str, first: int, last: int, address: str, since: int | None) -> None:
        """Has the wallet follow the addresses of a descriptor from one index to another, whose address is given.

        With ``since`` they may have been paid from that block on. Raises ``Unavailable`` until all of it is known.
        """

    async def arrivals(self, since: str) -> Arrivals:
        """What came to watched addresses after a block, by its hash, and all that is in no block."""

    async def whereabouts(self, txid: str, index: int) -> Whereabouts:
        """Where a transaction with an output to a watched address, at this index, is now."""

    async def pool_mark(self) -> str:
        """Another text whenever the pool of the node has changed."""


@dataclass(frozen=True, slots=True)
class NonceOrder:
    """A transaction with a nonce, to be signed. Without a ``payout`` it only uses the nonce up: no value, to ourselves.

    Amounts in wei; the two fees for a unit of gas (EIP-1559). With an ``index`` it is a sweep of the deposit address of
    that index, and ``payout`` its ``sweep_name``. With ``many`` it is a call whose data the signer makes.
    """

    payout: str | None
    nonce: int
    to: str
    value_minor: int
    gas_limit: int
    max_fee_minor: int
    tip_minor: int
    index: int | None = None
    many: MultiSend | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """Coins for an address, in satoshi; for which payout, None where they come back to the hot wallet."""

    payout: str | None
    address: str
    value_minor: int


@dataclass(frozen=True, slots=True)
class CoinOrder:
    """A transaction of coins, to be signed. What the inputs have more than the outputs is the fee, in satoshi.

    Without a payout among its outputs it only moves coins of the hot wallet to itself. With ``indices`` it is a sweep:
    each input is at the deposit address of that index, and the one output is for its ``sweep_name``.
    """

    inputs: tuple[Utxo, ...]
    outputs: tuple[Output, ...]
    indices: tuple[int, ...] = ()

    @property
    def fee_minor(self) -> int:
        """What the network takes."""
        return sum(utxo.value_minor for utxo in self.inputs) - sum(output.value_minor for output in self.outputs)


Order: TypeAlias = NonceOrder | CoinOrder


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed transaction, its hash, which is known before anybody has seen it, and what its signer wrote down."""

    raw: bytes
    txid: str
    entry: str


def taken_nonce(nonce: int, deposit: str | None = None) -> str:
    """How a signing record names a nonce that was used up: the hot wallet's, or that of a deposit address."""
    return f"nonce:{nonce}" if deposit is None else f"nonce:{nonce}@{deposit}"


class Signer(Protocol):
    """The keys of the hot wallet and of deposits, which lead to our own wallets alone; it notes all that it signs."""

    @property
    def address(self) -> str:
        """The hot wallet's address."""

    async def check(self, payout: str) -> None:
        """Raises ``InvariantViolated`` if the payout was signed for before and may have been paid by that."""

    async def sign(self, order: Order) -> Signed:
        """Signs. Raises ``InvariantViolated`` for a second meaning, ``Unavailable`` when its record cannot be kept."""

    def signed_for(self, txid: str) -> tuple[str, ...] | None:
        """The payouts, or the sweep, that a transaction was signed for; none for a no-op or a child.

        None when it was never signed here. Raises ``Unavailable`` when the record cannot be read.
        """

    def contract_of(self, txid: str) -> str:
        """The contract that a transaction was signed to call, empty for none. Raises as ``signed_for`` does."""

    def unknown(self, names: Sequence[str]) -> list[str]:
        """Those of transactions (by hash) and nonces (as ``taken_nonce`` names them) that it never signed, in order."""

    def signed_count(self) -> int:
        """How many signatures its record has: it may only grow."""

    def learn(self, entries: Sequence[str]) -> int:
        """Writes down what its record lacks of others' (``Signed.entry``); tells how many those were.

        Raises ``Unavailable`` when the record cannot be kept, ``InvariantViolated`` for what is no entry.
        """


class Cards(Protocol):
    """The card company. Amounts are US cents. All methods raise ``Unavailable``; then nobody knows what was done."""

    async def account(self) -> CardAccount:
        """Whose account it is, and whether its money is real."""

    async def open_session(self, invoice: Invoice) -> CardSession:
        """The page for an invoice, the same one however often it is asked for.

        Raises ``Refused``: EXPIRED when too little is left of the invoice's time, or WRONG_STATE with ``what`` is said
        when it opens none for another reason.
        """

    async def session(self, session_id: str) -> CardSession:
        """A session as it is now."""

    async def charge(self, payment: str) -> ChargeState:
        """What became of the money of a complete session."""

    async def claims(self, payment: str) -> list[CardClaim]:
        """Every refund and every dispute of a payment, whoever began it."""

    async def refund(self, reversal: str, payment: str, amount_minor: int) -> CardClaim:
        """Gives so much of a payment back, once for each of our reversals.

        Raises ``Refused(WRONG_STATE)`` when the card company will never do it.
        """

    async def events(self, since: datetime, before: str | None = None) -> EventPage:
        """A page of events of our kinds since then, the newest first; ``before``: those older than this one."""


@dataclass(frozen=True, slots=True)
class UnitPorts:
    """What every unit may reach, on whatever rail."""

    #: For the core's own functions.
    core: Ports
    settings: Settings
    ledger: Ledger
    store: Store
    asset: Asset


@dataclass(frozen=True, slots=True)
class CardPorts(UnitPorts):
    """Everything that the card rail may reach. It signs nothing and opens nothing."""

    cards: Cards
    account: CardAccount

    @classmethod
    def of(cls, core: Ports, cards: Cards, account: CardAccount) -> Self:
        """The core's ports with the card company and our account there."""
        return cls(core, core.settings, core.ledger, core.store, Asset.USD, cards, account)


N_co = TypeVar("N_co", bound=Node, covariant=True)


@dataclass(frozen=True, slots=True)
class RailPorts(UnitPorts, Generic[N_co]):
    """Everything that a step or a watcher may reach, for one rail with its kind of node."""

    vault: Vault
    rates: Rates
    node: N_co
    signer: Signer

    # mypy allows no argument of a covariant type; a constructor's may be of one.
    @classmethod
    def of(cls, core: Ports, asset: Asset, node: N_co, signer: Signer) -> Self:  # type: ignore[misc]  # as said above
        """The core's ports with this rail's node and signer."""
        return cls(core, core.settings, core.ledger, core.store, asset, core.vault, core.rates, node, signer)

    @property
    def final_depth(self) -> int:
        """Blocks that must stand on a block before it counts as final."""
        settings = self.settings
        return settings.eth_final_depth if self.asset is Asset.ETH else settings.coins(self.asset).final_depth


#: For whatever does not ask which chain it is.
WorkerPorts: TypeAlias = RailPorts[Any]
