"""Many payouts in one call of the multi-send contract: what is paid, what it costs at most, and what came of it.

The contract is ``adapters/chains/multi_send/MultiSend.sol``. Amounts in wei.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: What the contract lets the code of one receiver use, beside the 2,300 of gas that come with any value.
CALL_GAS: Final = 50_000
#: The most that one payout adds: 11,600 for a call with value of a cold account (EIP-2929), 2,600 for the cold code
#: that an account delegates to (EIP-7702), all of ``CALL_GAS``, and the contract's own work. A new account costs 25,000
#: more, and has no code that could use any.
GAS_PER_PAYOUT: Final = 70_000
#: And what there is whatever the number: 21,000, the word of bits, the rest for the owner, and ``GAS_FOR_ONE`` that the
#: contract insists on before its last call.
GAS_IN_ALL: Final = 130_000
#: Below the 2^24 that a transaction may use (EIP-7825).
MOST_GAS: Final = 15_000_000
#: So often may a payout share a call that reverts as a whole; then it is tried by itself.
MOST_SHARED_REVERTS: Final = 2
MOST_PAYOUTS: Final = (MOST_GAS - GAS_IN_ALL) // GAS_PER_PAYOUT


def most_gas(payouts: int) -> int:
    """Enough for so many payouts, whatever the code of their receivers does: nobody can make it run out of gas."""
    return GAS_IN_ALL + payouts * GAS_PER_PAYOUT


def most_payouts(max_fee_minor: int, price_minor: int) -> int:
    """How many may share a call that costs at most so much in all, at so much for a unit of gas, both in wei."""
    return max(0, min(MOST_PAYOUTS, (max_fee_minor // price_minor - GAS_IN_ALL) // GAS_PER_PAYOUT))


@dataclass(frozen=True, slots=True)
class Payment:
    """Coins for an address, for a payout."""

    payout: str
    address: str
    value_minor: int


@dataclass(frozen=True, slots=True)
class MultiSend:
    """One call: of which contract, for which batch, for whom. The place in the list is part of what it means."""

    contract: str
    batch: str
    payments: tuple[Payment, ...]

    @property
    def value_minor(self) -> int:
        """What goes to the contract with the call."""
        return sum(payment.value_minor for payment in self.payments)


@dataclass(frozen=True, slots=True)
class Results:
    """The events of one transaction, by the names of payouts in the chain, and the block that it is in."""

    block_hash: str
    paid: frozenset[str]
    failed: frozenset[str]

    def failed_of(self, payouts: Sequence[str]) -> tuple[str, ...]:
        """Those of payouts, by their own ids, that were not paid, in order.

        Raises ``ValueError`` unless each has exactly one event and no event is of anything else: whatever is unclear
        about one payout is no verdict about any.
        """
        names = [name_in_chain(payout) for payout in payouts]
        if self.paid & self.failed or self.paid | self.failed != set(names):
            raise ValueError("its events do not tell what came of each of its payouts")
        return tuple(payout for payout, name in zip(payouts, names, strict=True) if name in self.failed)


def name_in_chain(id_: str) -> str:
    """What a payout, or a batch, is called in the chain: 32 bytes in hexadecimal digits.

    Nobody learns its id from that: ids have at least 64 random bits.
    """
    return hashlib.sha256(id_.encode()).hexdigest()
