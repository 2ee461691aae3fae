"""What all signers have in common: an address, and a record of everything that they signed with its key."""

from __future__ import annotations

from collections.abc import Sequence

from payout_worker.signers.one_meaning import Fate, OneMeaning
from payout_worker.signers.record import Entry, SigningRecord


class RecordedSigner:
    """See ``ports.Signer``, but for ``sign``."""

    def __init__(self, address: str, record: SigningRecord, fate: Fate) -> None:
        self._address = address
        self._record = record
        self._meaning = OneMeaning(record, fate)

    @property
    def address(self) -> str:
        """See ``ports.Signer.address``."""
        return self._address

    async def check(self, payout: str) -> None:
        """See ``ports.Signer.check``."""
        await self._meaning.check(payout)

    def signed_for(self, txid: str) -> tuple[str, ...] | None:
        """See ``ports.Signer.signed_for``."""
        entry = self._record.of_txid(txid)
        return None if entry is None else entry.payouts

    def contract_of(self, txid: str) -> str:
        """See ``ports.Signer.contract_of``."""
        entry = self._record.of_txid(txid)
        return entry.contract if entry else ""

    def unknown(self, names: Sequence[str]) -> list[str]:
        """See ``ports.Signer.unknown``."""
        return self._record.unknown(self._address, names)

    def signed_count(self) -> int:
        """See ``ports.Signer.signed_count``."""
        return self._record.count

    def learn(self, entries: Sequence[str]) -> int:
        """See ``ports.Signer.learn``."""
        return self._record.learn(self._address, entries)

    async def _admit(self, entry: Entry) -> None:
        """See ``OneMeaning.admit``."""
        await self._meaning.admit(entry)
