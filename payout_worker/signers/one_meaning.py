"""Rule 6 of ``docs/payouts.md``: a payout has one meaning, a nonce or a coin one purpose, until a final block ends it.

Two signatures for the same payouts are harmless when at most one can ever be in the chain: when the later takes all
that the earlier takes, as a raise of the fee does. Anything else waits until the earlier signatures are dead for good.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Protocol

from payout_worker.signers.record import Entry, SigningRecord
from wallet_core.domain.errors import InvariantViolated


class Fate(Protocol):
    """Tells from the signer's own node what became of a signature."""

    async def dead(self, entry: Entry, payouts: Collection[str]) -> bool:
        """Whether a final block made sure that the entry's transaction never pays these of its payouts.

        Raises ``Unavailable``.
        """


class OneMeaning:
    """The rule, over one record."""

    def __init__(self, record: SigningRecord, fate: Fate) -> None:
        self._record = record
        self._fate = fate
        self._turn = asyncio.Lock()

    async def check(self, payout: str) -> None:
        """Raises ``InvariantViolated`` if the payout was signed for before and may have been paid by that."""
        for earlier in self._record.of_payout(payout):
            if not await self._fate.dead(earlier, (payout,)):
                raise InvariantViolated(f"payout {payout} was signed in {earlier.txid} and may have been paid by it")

    async def admit(self, entry: Entry) -> None:
        """Writes the entry down, or raises ``InvariantViolated``; nothing that was not admitted may leave the signer.

        What pays nobody but ourselves is always admitted. Raises ``Unavailable`` when the record cannot be kept.
        """
        # The node is asked between reading and writing; two at once could each miss the other.
        async with self._turn:
            self._refuse_other_worth(entry)
            if entry.payouts:
                await self._refuse_rivals(entry)
            self._record.add(entry)

    def raises(self, entry: Entry) -> bool:
        """Whether it is what was admitted before at another fee: so it may, wherever the settings lead by now."""
        return any(_replaces(entry, earlier) for earlier in self._record.touching(entry))

    def _refuse_other_worth(self, entry: Entry) -> None:
        """A coin is worth the same for ever.

        Each input's signature covers its own worth alone (BIP 143). Whoever could have the same transaction signed with
        another lie each time could put together one that is true, and pays far more to miners than was allowed.
        """
        worth = dict(zip(entry.takes, entry.worth, strict=False))
        for earlier in self._record.of_taken(entry.sender, entry.takes):
            for outpoint, before in zip(earlier.takes, earlier.worth, strict=False):
                if worth.get(outpoint, before) != before:
                    raise InvariantViolated(f"{outpoint} was worth {before} when it was signed for before")

    async def _refuse_rivals(self, entry: Entry) -> None:
        for earlier in self._record.touching(entry):
            if not earlier.payouts or _replaces(entry, earlier):
                continue
            # Where they share only what they take, the earlier one must have come to nothing.
            shared = set(entry.payouts) & set(earlier.payouts) or earlier.payouts
            if not await self._fate.dead(earlier, shared):
                raise InvariantViolated(f"{entry.txid} is a second meaning of what was signed in {earlier.txid}")


def _replaces(entry: Entry, earlier: Entry) -> bool:
    """Whether both pay the same, and only one of them can be in the chain."""
    same = (entry.digest, entry.sender) == (earlier.digest, earlier.sender)
    return same and set(entry.payouts) == set(earlier.payouts) and set(entry.takes) >= set(earlier.takes)
