"""Which coins a transaction spends, what comes back, and what it pays for its size. Pure; amounts in minor units.

Change comes back in several coins of like size, so that the next batches have final ones while this one's are not yet.
A fee is never below the rate times the size of the signed transaction, whatever its signatures turn out to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from wallet_core.domain.chain import Utxo
from wallet_core.domain.money import ceil_div
from wallet_core.domain.transaction_size import (
    INPUT_WEIGHT,
    MAX_BATCH_VSIZE,
    P2WPKH_OUTPUT_BYTES,
    transaction_vsize,
)

_INPUT_VSIZE: Final = INPUT_WEIGHT // 4
#: Less than so many times the dust limit is not worth a coin: it goes to the fee.
_USEFUL_CHANGE: Final = 10
#: And change is split into coins of so many times the dust limit at least.
_USEFUL_PIECE: Final = 100
#: What one more output adds at most where it is left out: its bytes, and two of a count that needs them (253 outputs).
_LEFT_OUT_VSIZE: Final = P2WPKH_OUTPUT_BYTES + 2
#: So many spare small coins are spent along, while fees are low.
_CONSOLIDATED: Final = 20
#: And so many where nothing else is done by a transaction.
_MOST_GATHERED: Final = 500


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


def least_change(dust_minor: int) -> int:
    """Change below it is not made: it goes to the fee, on top of what the rate asks for."""
    return _USEFUL_CHANGE * dust_minor


def most_fee(vsize: int, max_rate_minor: int, dust_minor: int) -> int:
    """What no transaction exceeds that is made here: the highest rate, and on top of it change too small to be made."""
    return max_rate_minor * (vsize + _LEFT_OUT_VSIZE) + least_change(dust_minor)


def select(coins: Sequence[Utxo], payments: Sequence[Payment], terms: Terms) -> Selection | None:
    """Coins for the payments; None when these coins, the size or the fee do not allow it.

    As few as can be: the largest, and as the last one the smallest that suffices. It is best to have change, since a
    fee can then be raised; without it the payments are made all the same.
    """
    useful = _useful(coins, terms)
    for change_minor in (least_change(terms.dust_minor), 0):
        inputs = _fewest(useful, payments, change_minor, terms)
        if inputs is not None:
            chosen = set(inputs)
            left = [coin for coin in useful if coin not in chosen]
            pieces = _pieces(left, terms) if payments else 1
            gathered = inputs + _gathered(left, terms)
            found = _closed(gathered, payments, terms, pieces) or _closed(inputs, payments, terms, pieces)
            if found is not None:
                return found
    return None


def spend(inputs: Sequence[Utxo], payments: Sequence[Payment], terms: Terms) -> Selection | None:
    """Exactly these inputs, for the payments or, without any, back to ourselves in one piece.

    None when they do not suffice.
    """
    return _closed(inputs, payments, terms, terms.change_outputs if payments else 1)


def raised(
    inputs: Sequence[Utxo],
    payments: Sequence[Payment],
    terms: Terms,
    replaced: Replaced,
    spare: Sequence[Utxo] = (),
    *,
    pieces: int = 1,
) -> Selection | None:
    """The same inputs, and as many spare coins as it takes, for the same payments or for none, at a higher fee.

    Without payments it comes back in so many ``pieces`` at most.
    BIP 125 wants a fee that is higher by the relay rate for each virtual byte (rules 3 and 4), Bitcoin Core a higher
    rate too. None when coins, size or ``terms`` do not allow it.
    """
    added = _useful(spare, terms)
    for more in range(len(added) + 1):
        most = _pieces(added[more:], terms) if payments else pieces
        found = _closed((*inputs, *added[:more]), payments, terms, most, replaced)
        if found is not None:
            return found
    return None


def gather(
    inputs: Sequence[Utxo], output_size: int, terms: Terms, replaced: Replaced | None = None
) -> Selection | None:
    """Exactly these inputs, and all that the fee leaves of them in one output of so many bytes; see ``raised``.

    None when size or fee are not allowed, or what is left is below the dust limit.
    """
    vsize = transaction_vsize(len(inputs), 1, output_size)
    fee_minor = _least_fee(vsize, terms, replaced)
    value_minor = sum(coin.value_minor for coin in inputs) - fee_minor
    allowed = fee_minor <= terms.max_rate_minor * vsize and fee_minor <= terms.max_fee_minor
    if not allowed or vsize > terms.max_vsize or value_minor < terms.dust_minor:
        return None
    return Selection(tuple(inputs), (value_minor,), fee_minor, vsize)


def gather_small(coins: Sequence[Utxo], more_than: int, terms: Terms) -> Selection | None:
    """Small coins in few pieces, where there are more of them than that and fees are low; None else.

    A coin is small below a tenth of its share, if there were as many as are wanted. As many come back as are lacking,
    so that the batches to come have inputs, and at most a tenth of what goes in.
    """
    useful = _useful(coins, terms)
    small_minor = sum(coin.value_minor for coin in useful) // (10 * terms.change_outputs)
    small = [coin for coin in useful if coin.value_minor < small_minor]
    if terms.rate_minor > terms.low_rate_minor or len(small) <= more_than:
        return None
    inputs = small[-_MOST_GATHERED:]
    pieces = max(1, min(_pieces(useful[: len(useful) - len(inputs)], terms), len(inputs) // 10))
    return _closed(inputs, (), terms, pieces)


def child(change: Sequence[Utxo], parents: Offered, terms: Terms, elder: Sequence[Utxo] = ()) -> Selection | None:
    """Spends unconfirmed change so that miners take it and its unconfirmed parents, together at the rate of ``terms``.

    ``elder`` is what an elder child left: it is spent first, so that this one counts as a parent. ``max_fee_minor``
    counts what the parents pay. None when the change is too little. It spends as few as can be.
    """
    coins = _largest_first(change)
    for count in range(0 if elder else 1, len(coins) + 1):
        inputs = (*elder, *coins[:count])
        vsize = transaction_vsize(len(inputs), 1, P2WPKH_OUTPUT_BYTES)
        package_minor = terms.rate_minor * (parents.vsize + vsize) - parents.fee_minor
        fee_minor = max(package_minor, terms.rate_minor * vsize)
        value_minor = sum(coin.value_minor for coin in inputs) - fee_minor
        if value_minor >= terms.dust_minor:
            fits = terms.rate_minor <= terms.max_rate_minor and fee_minor + parents.fee_minor <= terms.max_fee_minor
            return Selection(inputs, (value_minor,), fee_minor, vsize) if fits else None
    return None


def _largest_first(coins: Sequence[Utxo]) -> list[Utxo]:
    return sorted(coins, key=lambda coin: (-coin.value_minor, coin.id))


def _useful(coins: Sequence[Utxo], terms: Terms) -> list[Utxo]:
    """Largest first, without those that cost more than they bring."""
    return _largest_first([coin for coin in coins if coin.value_minor > _INPUT_VSIZE * terms.rate_minor])


def _fewest(
    coins: Sequence[Utxo], payments: Sequence[Payment], change_minor: int, terms: Terms
) -> tuple[Utxo, ...] | None:
    """The largest coins, until they cover payments, fee and change; the last is then the smallest that still does."""
    size, value_minor = _totals(payments)
    pieces = 1 if change_minor else 0
    for count, sum_minor in enumerate(accumulate(coin.value_minor for coin in coins), 1):
        vsize = transaction_vsize(count, len(payments) + pieces, size + pieces * P2WPKH_OUTPUT_BYTES)
        spare_minor = sum_minor - value_minor - change_minor - terms.rate_minor * vsize
        if spare_minor >= 0:
            least_minor = coins[count - 1].value_minor - spare_minor
            last = next(coin for coin in reversed(coins) if coin.value_minor >= least_minor)
            return (*coins[: count - 1], last)
    return None


def _gathered(left: Sequence[Utxo], terms: Terms) -> tuple[Utxo, ...]:
    """While fees are low, the smallest coins that are more than are wanted, or there would be ever more of them."""
    spare = len(left) - terms.change_outputs
    if terms.rate_minor > terms.low_rate_minor or spare <= 0:
        return ()
    return tuple(left[-min(spare, _CONSOLIDATED) :])


def _pieces(left: Sequence[Utxo], terms: Terms) -> int:
    """How many coins should come back, so that there are as many as wanted. Stray dust is none of them."""
    large = sum(coin.value_minor >= _USEFUL_PIECE * terms.dust_minor for coin in left)
    return max(1, terms.change_outputs - large)


def _closed(
    inputs: Sequence[Utxo],
    payments: Sequence[Payment],
    terms: Terms,
    most_pieces: int,
    replaced: Replaced | None = None,
) -> Selection | None:
    """The transaction with these inputs, and as many pieces of change as are worth it; one at least without payments.

    Change that is worth a piece never becomes a fee because there is no room for it.
    """
    size, value_minor = _totals(payments)
    left_minor = sum(coin.value_minor for coin in inputs) - value_minor
    for pieces in range(most_pieces, -1, -1):
        vsize = transaction_vsize(len(inputs), len(payments) + pieces, size + pieces * P2WPKH_OUTPUT_BYTES)
        least_fee_minor = _least_fee(vsize, terms, replaced)
        change_minor = left_minor - least_fee_minor
        # A transaction that pays nobody needs an output of our own, be it as small as can be.
        least_minor = _least_change(pieces, terms) if payments or pieces > 1 else terms.dust_minor
        if change_minor < least_minor or not (payments or pieces):
            continue
        change = _split(change_minor, pieces)
        fee_minor = left_minor - sum(change)
        allowed = least_fee_minor <= terms.max_rate_minor * vsize and fee_minor <= terms.max_fee_minor
        if allowed and vsize <= terms.max_vsize:
            return Selection(tuple(inputs), change, fee_minor, vsize)
        if pieces == 1:
            return None
    return None


def _least_change(pieces: int, terms: Terms) -> int:
    if pieces > 1:
        return pieces * _USEFUL_PIECE * terms.dust_minor
    return pieces * least_change(terms.dust_minor)


def _least_fee(vsize: int, terms: Terms, replaced: Replaced | None) -> int:
    fee_minor = terms.rate_minor * vsize
    if replaced is None:
        return fee_minor
    same_rate_minor = ceil_div(replaced.fee_minor * vsize, replaced.vsize)
    return max(fee_minor, max(replaced.fee_minor, same_rate_minor) + replaced.relay_rate_minor * vsize)


def _split(change_minor: int, pieces: int) -> tuple[int, ...]:
    if not pieces:
        return ()
    each, rest = divmod(change_minor, pieces)
    return (each + rest, *[each] * (pieces - 1))


def _totals(payments: Sequence[Payment]) -> tuple[int, int]:
    """Bytes and value of them all."""
    return sum(payment.size for payment in payments), sum(payment.value_minor for payment in payments)
