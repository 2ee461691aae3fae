"""What the core needs from outside, as protocols, and ``Ports``: the bundle that every use case gets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from wallet_core.domain.errors import WalletError
from wallet_core.domain.ledger import Posting, Receipt
from wallet_core.domain.money import Asset
from wallet_core.domain.pace import Tally
from wallet_core.domain.quote import Rate
from wallet_core.domain.record import Document, Record
from wallet_core.domain.seal import Sealed
from wallet_core.settings import Settings

R = TypeVar("R", bound=Record)


class Ledger(Protocol):
    """The only way in which money moves, and in which anything that guards money changes."""

    async def post(self, posting: Posting) -> Receipt:
        """Commits the posting whole, once, durably on a majority.

        Raises ``Refused`` with the reason and changes nothing; ``InvariantViolated`` for an unbalanced posting or a key
        that was used with other content; ``Unavailable`` when the database does not answer: then the key tells whether
        it was committed, and posting it again is safe.
        """

    async def post_many(self, postings: Sequence[Posting]) -> list[Receipt | WalletError]:
        """Posts a mass movement, a thousand at a time; each is accepted or refused on its own, outcomes in order.

        Raises ``Unavailable`` when the database does not answer. With keys such as ``<job>:<n>`` the same call resumes
        where it was, also in another process: what was posted is answered with its first result.
        """


@dataclass(frozen=True, slots=True)
class Before:
    """A condition of ``Store.find``: the field is less than, or with ``inclusive`` at most, this value."""

    value: Any
    inclusive: bool = False


@dataclass(frozen=True, slots=True)
class After:
    """A condition of ``Store.find``: the field is more than this value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Between:
    """A condition of ``Store.find``: the field is at least ``start`` and less than ``end``."""

    start: Any
    end: Any


@dataclass(frozen=True, slots=True)
class Some:
    """A condition of ``Store.find`` on a list: one of its elements has fields with these values."""

    where: Mapping[str, Any]


#: Fields that must have these values, or fit a condition; a tuple means one of its values. Dots reach inside.
Where = Mapping[str, Any]


class Store(Protocol):
    """Reads of what is committed on a majority, and writes of what is neither money nor a guard."""

    async def now(self) -> datetime:
        """The database's time, aware, in UTC. Limits, expiries and leases go by it, never by this machine's clock."""

    async def get(self, kind: type[R], record_id: Any) -> R | None:
        """The record of this id."""

    async def find(
        self, kind: type[R], where: Where, *, order_by: Sequence[str] = ("_id",), limit: int = 100, skip: int = 0
    ) -> list[R]:
        """Records that fit, in order; a name that starts with ``-`` orders downwards. At most ``limit``."""

    async def count(self, kind: type[Record], where: Where) -> int:
        """How many records fit."""

    async def earliest(self, kind: type[Record], where: Where, field: str, by: Sequence[str]) -> dict[Any, datetime]:
        """The smallest time in ``field`` of the records that fit, for each value of the fields ``by``, as tuples."""

    async def sums(self, kind: type[Record], where: Where, fields: Sequence[str]) -> tuple[int, ...]:
        """How many records fit, and the sum of each of these amounts over them."""

    def scan(self, kind: type[R], where: Where) -> AsyncIterator[R]:
        """All records that fit, one after the other, in no order; for work that must see everything."""

    def batches(
        self, kind: type[Record], where: Where, *, order_by: Sequence[str] = (), size: int = 1_000
    ) -> AsyncIterator[list[Document]]:
        """All that fits as plain documents, in lists of at most ``size``; for work that is too much for records.

        A document that could not have been written by this program comes as it is.
        """

    def snapshot(self) -> AbstractAsyncContextManager[Store]:
        """A store whose reads all see the database as it is at the first of them.

        They raise ``Unavailable`` when that was longer ago than the database keeps it: five minutes by default.
        """

    async def put(self, record: Record) -> None:
        """Writes a record whole, new or not. Refuses kinds that belong to the ledger (``Record.ledgered``)."""

    async def swap(self, kind: type[Record], record_id: Any, where: Where, fields: Mapping[str, Any]) -> bool:
        """Sets fields if the record still fits ``where``; tells whether it did. Not for the ledger's kinds."""

    async def tally(self, name: str, window: timedelta) -> Tally:
        """Counts one more of something, by the database's time; a window begins with the first after the one before.

        One small write that waits for no majority: a count that is lost harms nobody.
        """

    async def remove(self, kind: type[Record], record_id: Any) -> None:
        """Removes a record, if it is there. Not for the ledger's kinds."""

    async def remove_all(self, kind: type[Record], where: Where) -> None:
        """Removes all records that fit. Not for the ledger's kinds."""


class Seals(Protocol):
    """The chain of seals. Several processes may seal at once: each seal has one number, and one of them gets it."""

    async def seal(self) -> Sealed:
        """Chains the groups that wait, the oldest first and at most so many as fit into one seal.

        A group whose code does not fit is left out and marked. Raises ``Unavailable``; then it may have been done.
        """

    async def reconsider(self) -> None:
        """Lets groups that were left out be examined again. Raises ``Unavailable``."""


class Vault(Protocol):
    """Secrets at rest and seals on terms, with keys that the database never sees."""

    def seal(self, secret: bytes, *, bound_to: str) -> bytes:
        """Encrypts a secret; it opens only for the same ``bound_to``, so that it cannot be moved to another person."""

    def open(self, sealed: bytes, *, bound_to: str) -> bytes:
        """Decrypts. Raises ``InvariantViolated`` when it was changed, moved, or its key is gone."""

    def mac(self, terms: bytes) -> str:
        """The authentication code of terms (HMAC-SHA256, hex)."""

    def mac_fits(self, terms: bytes, mac: str) -> bool:
        """Whether the code belongs to the terms, compared in constant time."""


class Documents(Protocol):
    """Files that people sent, each sealed under a key that this port does not keep."""

    async def keep(self, document_id: str, content: bytes, *, key: bytes, bound_to: str) -> str:
        """Seals and stores a file; returns the SHA-256 of what is stored. Raises ``Unavailable``.

        ``key``: 32 bytes; what is stored opens only with them and for the same ``bound_to``.
        """

    async def read(self, document_id: str, *, key: bytes, bound_to: str) -> bytes:
        """Opens a file. Raises ``Refused(DOCUMENTS_GONE)`` when it is not there, ``Unavailable``, and
        ``InvariantViolated`` when anything of it was changed, cut off, exchanged or moved.
        """

    async def remove(self, document_id: str) -> None:
        """Removes a file, whole or half written, if it is there. Raises ``Unavailable``."""


class Totp(Protocol):
    """Time-based one-time passwords (RFC 6238: SHA-1, 30 s, 6 digits, as every authenticator has it)."""

    def new_secret(self) -> str:
        """A new random secret in base32, 160 bits as RFC 4226 recommends."""

    def uri(self, secret: str, account: str) -> str:
        """The ``otpauth://`` address of a secret, as authenticators read it."""

    def step_of(self, secret: str, code: str, at: datetime) -> int | None:
        """The time step whose code this is, at most one step away from ``at``; None for a wrong code."""


class RecoveryCodes(Protocol):
    """Single-use codes that stand in for a lost device."""

    async def make(self) -> tuple[tuple[str, ...], dict[str, str]]:
        """New codes to show once, and their Argon2id hashes by number."""

    async def number_of(self, code: str, hashes: Mapping[str, str]) -> str | None:
        """The number of the unused code that this is, or None."""


class Rates(Protocol):
    """What coins are worth now."""

    async def rate(self, asset: Asset) -> Rate:
        """The present rate. Raises ``Refused(RATE_UNAVAILABLE)`` when there is none that can be relied on."""


class ChainBalances(Protocol):
    """What a node says of addresses; for comparing the books with the chain, never for paying."""

    async def balance_minor(self, address: str) -> int:
        """Coins at an address at the node's head, in minor units. Raises ``Unavailable``."""


class Addresses(Protocol):
    """A chain's addresses as far as they need no node: checks, deposit addresses from the extended public key, URIs."""

    def check(self, text: str) -> str:
        """The address in its normal form. Raises ``Refused`` BAD_ADDRESS, BAD_CHECKSUM, ZERO_ADDRESS or OWN_ADDRESS."""

    def deposit(self, index: int) -> str:
        """The deposit address of an index below the extended public key (BIP 32)."""

    def descriptor(self) -> str:
        """The output descriptor of the deposit addresses, by which a node's wallet follows them; empty for ether."""

    def payment_uri(self, address: str, coin_minor: int) -> str:
        """What a wallet app reads from the QR picture (BIP 21; EIP-681 for ether)."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that a use case may reach."""

    settings: Settings
    ledger: Ledger
    store: Store
    vault: Vault
    totp: Totp
    recovery_codes: RecoveryCodes
    rates: Rates
    addresses: Mapping[Asset, Addresses]
    documents: Documents
