"""Which coins a transaction spends, what comes back, and what it pays for its size. Pure; amounts in minor units.

Change comes back in several coins of like size, so that the next batches have final ones while this one's are not yet.
A fee is never below the rate times the size of the signed transaction, whatever its signatures turn out to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, islice
from typing import Final

from wallet_core.domain.chain import Utxo
from wallet_core.domain.coin_transaction import (
    Frame,
    Offered,
    Payment,
    Replaced,
    Selection,
    Terms,
    least_change,
    least_fee,
)
from wallet_core.domain.transaction_size import INPUT_WEIGHT, P2WPKH_OUTPUT_BYTES, transaction_vsize

_INPUT_VSIZE: Final = INPUT_WEIGHT // 4
#: So many spare small coins are spent along, while fees are low.
_CONSOLIDATED: Final = 20
#: And so many where nothing else is done by a transaction.
_MOST_GATHERED: Final = 500


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
    large = _large(added, terms)
    for more, frame in enumerate(accumulate(added, Frame.with_input, initial=Frame.of(inputs, payments))):
        # The largest come first, so these are what is left of them.
        most = _lacking(max(0, large - more), terms) if payments else pieces
        change = frame.change(terms, most, replaced)
        if change is not None:
            return _selection((*inputs, *added[:more]), frame, change)
        if not frame.may_grow(terms, replaced):
            return None
    return None


def gather(
    inputs: Sequence[Utxo], output_size: int, terms: Terms, replaced: Replaced | None = None
) -> Selection | None:
    """Exactly these inputs, and all that the fee leaves of them in one output of so many bytes; see ``raised``.

    None when size or fee are not allowed, or what is left is below the dust limit.
    """
    vsize = transaction_vsize(len(inputs), 1, output_size)
    fee_minor = least_fee(vsize, terms, replaced)
    value_minor = sum(coin.value_minor for coin in inputs) - fee_minor
    allowed = fee_minor <= terms.max_rate_minor * vsize and fee_minor <= terms.max_fee_minor
    if not allowed or vsize > terms.max_vsize or value_minor < terms.dust_minor:
        return None
    return Selection(tuple(inputs), (value_minor,), fee_minor, vsize)


def gather_small(coins: Sequence[Utxo], more_than: int, terms: Terms) -> Selection | None:
    """Small coins in few pieces, where there are more of them than that and fees are low; None else.

    A coin is small below a tenth of its share, if there were as many as are wanted. The largest, as many as are wanted,
    stay for batches meanwhile, be they small. As many come back as are lacking that are not, so that the batches to
    come have inputs, and at most a tenth of what goes in.
    """
    useful = _useful(coins, terms)
    small_minor = sum(coin.value_minor for coin in useful) // (10 * terms.change_outputs)
    small = [coin for coin in useful[terms.change_outputs :] if coin.value_minor < small_minor]
    if terms.rate_minor > terms.low_rate_minor or len(small) <= more_than:
        return None
    inputs = small[-_MOST_GATHERED:]
    lacking = _lacking(sum(coin.value_minor >= small_minor for coin in useful), terms)
    return _closed(inputs, (), terms, max(1, min(lacking, len(inputs) // 10)))


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
    frames = accumulate(coins, Frame.with_input, initial=Frame.of((), payments))
    for count, frame in enumerate(islice(frames, 1, None), 1):
        spare_minor = frame.left_minor - change_minor - least_fee(frame.vsize(1 if change_minor else 0), terms)
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
    """How many coins should come back, so that there are as many as wanted."""
    return _lacking(_large(left, terms), terms)


def _large(coins: Sequence[Utxo], terms: Terms) -> int:
    """How many of them count as coins. Stray dust does not."""
    return sum(coin.value_minor >= terms.useful_piece_minor for coin in coins)


def _lacking(large: int, terms: Terms) -> int:
    return max(1, terms.change_outputs - large)


def _closed(inputs: Sequence[Utxo], payments: Sequence[Payment], terms: Terms, most_pieces: int) -> Selection | None:
    """The transaction with these inputs; see ``Frame.change``."""
    frame = Frame.of(inputs, payments)
    change = frame.change(terms, most_pieces)
    return None if change is None else _selection(inputs, frame, change)


def _selection(inputs: Sequence[Utxo], frame: Frame, change: tuple[int, ...]) -> Selection:
    return Selection(tuple(inputs), change, frame.left_minor - sum(change), frame.vsize(len(change)))
