"""A transaction of coins that is to be made: what it must keep to, what it costs, and what comes back of it.

Which coins it spends is said by ``coin_selection``. Pure; amounts in minor units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from wallet_core.domain.chain import Utxo
from wallet_core.domain.money import ceil_div
from wallet_core.domain.transaction_size import MAX_BATCH_VSIZE, P2WPKH_OUTPUT_BYTES, transaction_vsize

#: Less than so many times the dust limit is not worth a coin: it goes to the fee.
_USEFUL_CHANGE: Final = 10
#: And change is split into coins of so many times the dust limit at least.
_USEFUL_PIECE: Final = 100
#: What one more output adds at most where it is left out: its bytes, and two of a count that needs them (253 outputs).
_LEFT_OUT_VSIZE: Final = P2WPKH_OUTPUT_BYTES + 2


@dataclass(frozen=True, slots=True)
class Payment:
    """An output for somebody: its bytes (``transaction_size.output_bytes``) and its value."""

    size: int
    value_minor: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What a transaction must keep to.

    ``rate_minor`` is paid for a virtual byte, at most ``max_rate_minor`` where a replacement needs more, and at most
    ``max_fee_minor`` in all; ``dust_minor`` is the dust limit of our own outputs. Up to ``change_outputs`` coins come
    back. At a rate of ``low_rate_minor`` or less, small coins are gathered if there are more than ``change_outputs``.
    """

    rate_minor: int
    max_rate_minor: int
    max_fee_minor: int
    dust_minor: int
    change_outputs: int
    low_rate_minor: int = 0
    max_vsize: int = MAX_BATCH_VSIZE

    @property
    def useful_piece_minor(self) -> int:
        """Change is split into coins of so much at least."""
        return _USEFUL_PIECE * self.dust_minor


@dataclass(frozen=True, slots=True)
class Selection:
    """A transaction to be: what it spends, our own outputs, which come after the payments, its fee and size in vB.

    The signed transaction is no larger than ``vsize``, and smaller where its signatures are short.
    """

    inputs: tuple[Utxo, ...]
    change_minor: tuple[int, ...]
    fee_minor: int
    vsize: int


@dataclass(frozen=True, slots=True)
class Offered:
    """What is paid already, by a transaction or several together, for how many virtual bytes."""

    fee_minor: int
    vsize: int


@dataclass(frozen=True, slots=True)
class Replaced(Offered):
    """What a replaced transaction and those after it paid, and the node's incremental relay rate."""

    relay_rate_minor: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A transaction but for what comes back: its inputs, its payments and their bytes, what the inputs have more."""

    inputs: int
    payments: int
    size: int
    left_minor: int

    @classmethod
    def of(cls, inputs: Sequence[Utxo], payments: Sequence[Payment]) -> Self:
        """The frame of these."""
        left_minor = sum(coin.value_minor for coin in inputs) - sum(payment.value_minor for payment in payments)
        return cls(len(inputs), len(payments), sum(payment.size for payment in payments), left_minor)

    def with_input(self, coin: Utxo) -> Frame:
        """And one input more."""
        return Frame(self.inputs + 1, self.payments, self.size, self.left_minor + coin.value_minor)

    def vsize(self, pieces: int) -> int:
        """Virtual bytes with so many pieces of change."""
        return transaction_vsize(self.inputs, self.payments + pieces, self.size + pieces * P2WPKH_OUTPUT_BYTES)

    def change(self, terms: Terms, most_pieces: int, replaced: Replaced | None = None) -> tuple[int, ...] | None:
        """As many pieces as are worth it, one at least without payments; None where no transaction can be made.

        Change that is worth a piece never becomes a fee because there is no room for it.
        """
        for pieces in range(most_pieces, -1, -1):
            vsize = self.vsize(pieces)
            least_fee_minor = least_fee(vsize, terms, replaced)
            change_minor = self.left_minor - least_fee_minor
            # A transaction that pays nobody needs an output of our own, be it as small as can be.
            least_minor = _least_change(pieces, terms) if self.payments or pieces > 1 else terms.dust_minor
            if change_minor < least_minor or not (self.payments or pieces):
                continue
            fee_minor = least_fee_minor if pieces else self.left_minor
            allowed = least_fee_minor <= terms.max_rate_minor * vsize and fee_minor <= terms.max_fee_minor
            if allowed and vsize <= terms.max_vsize:
                return _split(change_minor, pieces)
            if pieces == 1:
                return None
        return None

    def may_grow(self, terms: Terms, replaced: Replaced) -> bool:
        """Whether the least that it can be keeps to the terms: with more inputs size and fee only grow."""
        vsize = self.vsize(0 if self.payments else 1)
        return vsize <= terms.max_vsize and least_fee(vsize, terms, replaced) <= terms.max_fee_minor


def least_change(dust_minor: int) -> int:
    """Change below it is not made: it goes to the fee, on top of what the rate asks for."""
    return _USEFUL_CHANGE * dust_minor


def most_fee(vsize: int, max_rate_minor: int, dust_minor: int) -> int:
    """What no transaction exceeds that is made here: the highest rate, and on top of it change too small to be made."""
    return max_rate_minor * (vsize + _LEFT_OUT_VSIZE) + least_change(dust_minor)


def least_fee(vsize: int, terms: Terms, replaced: Replaced | None = None) -> int:
    """What so many virtual bytes must pay: the rate, and more than what is replaced by them."""
    fee_minor = terms.rate_minor * vsize
    if replaced is None:
        return fee_minor
    same_rate_minor = ceil_div(replaced.fee_minor * vsize, replaced.vsize)
    return max(fee_minor, max(replaced.fee_minor, same_rate_minor) + replaced.relay_rate_minor * vsize)


def _least_change(pieces: int, terms: Terms) -> int:
    return pieces * (terms.useful_piece_minor if pieces > 1 else least_change(terms.dust_minor))


def _split(change_minor: int, pieces: int) -> tuple[int, ...]:
    if not pieces:
        return ()
    each, rest = divmod(change_minor, pieces)
    return (each + rest, *[each] * (pieces - 1))
