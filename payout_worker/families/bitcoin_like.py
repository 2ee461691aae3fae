"""Bitcoin and Litecoin: many payouts a transaction, told apart by the coins that it spends. Amounts in satoshi."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from payout_worker.families.coin_levels import coin_surplus, free_coins, small_coins
from payout_worker.families.coin_sweeps import ceiling_of, coin_sweeps, plan_of, replaced_by
from payout_worker.families.coins import (
    Ports,
    change_of,
    inputs_of,
    outputs_of,
    own_change,
    payments_of,
    rate_now,
    reserve,
    spendable,
    spent_by,
    terms_of,
    vsize_of,
)
from payout_worker.families.family import Allotted, Plan, Room
from payout_worker.families.sweeps import has_time, store_of, target_of
from payout_worker.ports import CoinOrder, Output
from payout_worker.steps.payouts_of import payouts_of
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Heights, Inclusion
from wallet_core.domain.coin_selection import child, raised, select, spend
from wallet_core.domain.coin_transaction import Offered, Replaced, Selection, Terms
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.money import ceil_div
from wallet_core.domain.payout import Attempt, AttemptKind, Batch, BatchState, Withdrawal, move_batch
from wallet_core.domain.purchase import Rail
from wallet_core.domain.record import Change
from wallet_core.domain.sweep import Own, sweep_name
from wallet_core.domain.transaction_size import INPUT_WEIGHT, MAX_BATCH_VSIZE, P2WPKH_OUTPUT_BYTES

#: Batches that are in no block yet. Nodes refuse longer chains, and ours have no chains at all; so this is prudence.
_MOST_UNCONFIRMED: Final = 16
_UNCONFIRMED: Final = (BatchState.FORMED, BatchState.SIGNED, BatchState.BROADCAST)
#: Nodes take 25 transactions in a chain (Bitcoin Core's ``DEFAULT_ANCESTOR_LIMIT``), and receivers may add their own.
_MOST_CHILDREN: Final = 20
#: 95,000 virtual bytes of the smallest outputs.
_MOST_PAYOUTS: Final = MAX_BATCH_VSIZE // P2WPKH_OUTPUT_BYTES
#: The largest usual output (P2WSH, P2TR): 8 + 1 + 34 bytes.
_LARGEST_OUTPUT_BYTES: Final = 43
#: What a node says of a transaction that it may take another day (Bitcoin Core, ``validation.cpp``).
_PASSING: Final = ("fee", "missing", "spent", "conflict", "replacement", "mempool", "chain", "known")


class BitcoinLike:
    """See ``Family``. ``replaces``: a fee is raised by a replacement (BIP 125), else by a child that spends change."""

    def __init__(self, *, replaces: bool) -> None:
        self._replaces = replaces

    async def room(self, ports: Ports, tenure: Tenure) -> Room:
        """See ``Family.room``: all coins that are free, less what spending each of them costs."""
        settings = ports.settings.coins(ports.asset)
        price_minor = rate_now(ports, await ports.node.fee_rates())
        if price_minor > settings.max_fee_rate:
            raise Refused(
                Reason.RAIL_OFF, waits_for="fees", present_minor=price_minor, ceiling_minor=settings.max_fee_rate
            )
        # Batches of before there were sweeps do not say that they are none.
        where = {"asset": ports.asset, "state": _UNCONFIRMED, "sweep": (False, None)}
        if await ports.store.count(Batch, where) >= _MOST_UNCONFIRMED:
            raise Refused(Reason.RAIL_OFF, waits_for="confirmations")
        input_minor = ceil_div(INPUT_WEIGHT, 4) * price_minor
        values = [coin.utxo.value_minor - input_minor for coin in await spendable(ports)]
        free_minor = sum(value for value in values if value > 0)
        return Room(free_minor, _LARGEST_OUTPUT_BYTES * price_minor, _MOST_PAYOUTS, price_minor)

    async def allot(
        self, ports: Ports, tenure: Tenure, rail: Rail, room: Room, payouts: Sequence[Withdrawal]
    ) -> Allotted:
        """See ``Family.allot``."""
        coins = {coin.utxo.id: coin for coin in await spendable(ports)}
        candidates = [coin.utxo for coin in coins.values()]
        found = select(candidates, payments_of(ports, outputs_of(payouts)), terms_of(ports, room.price_minor))
        if found is None:
            available_minor = sum(utxo.value_minor for utxo in candidates)
            needed_minor = sum(payout.coin_minor for payout in payouts)
            raise Refused(Reason.HOT_WALLET_SHORT, available_minor=available_minor, needed_minor=needed_minor)
        batch = Batch(
            id=secrets.token_hex(12),
            asset=ports.asset,
            state=BatchState.FORMED,
            payouts=tuple(payout.id for payout in payouts),
            sender=ports.signer.address,
            price_minor=room.price_minor,
        ).model_copy(update=spent_by(found))
        return Allotted(batch, reserve(ports, batch.id, [coins[utxo.id] for utxo in found.inputs]))

    async def sweeps(self, ports: Ports, tenure: Tenure) -> Sequence[Allotted]:
        """See ``Family.sweeps``."""
        return await coin_sweeps(ports)

    async def free(self, ports: Ports) -> int:
        """See ``Family.free``."""
        return await free_coins(ports)

    async def surplus(self, ports: Ports, tenure: Tenure, rail: Rail, level: Level) -> Allotted | None:
        """See ``Family.surplus``."""
        return await coin_surplus(ports, level)

    async def small(self, ports: Ports, tenure: Tenure, rail: Rail, level: Level) -> Allotted | None:
        """See ``Family.small``."""
        return await small_coins(ports, level)

    async def plan(
        self, ports: Ports, batch: Batch, payouts: Sequence[Withdrawal], attempts: Sequence[Attempt]
    ) -> Plan | None:
        """See ``Family.plan``: the batch says what comes back to us; a first no-op and a child are reckoned anew."""
        inputs, change_minor, price_minor = inputs_of(batch), batch.change_minor, batch.price_minor
        if batch.sweep and batch.wants is AttemptKind.SWEEP:
            return plan_of(ports, batch, attempts)
        if batch.wants is AttemptKind.CHILD:
            found = await _child(ports, batch, attempts, payouts, price_minor)
            if found is None:
                return None
            inputs, change_minor = found.inputs, found.change_minor
        elif batch.wants is AttemptKind.NO_OP and not attempts and not (batch.own is Own.SMALL and change_minor):
            # It must be made at any rate: nothing else frees the coins.
            price_minor = min(price_minor, ports.settings.coins(ports.asset).max_fee_rate)
            change_minor = _back(batch, terms_of(ports, price_minor))
        paid = _paid(ports, batch, batch.wants, payouts, attempts)
        outputs = (*paid, *(Output(None, batch.sender, value) for value in change_minor))
        return Plan(CoinOrder(inputs, outputs), price_minor)

    async def check(self, ports: Ports, raw: bytes) -> None:
        """See ``Family.check``: what is wrong only for now is sent all the same, and looked after."""
        refusal = await ports.node.refusal(raw)
        if refusal and not any(word in refusal for word in _PASSING):
            raise InvariantViolated(f"the node would never take what was signed: {refusal}")

    async def raised(
        self, ports: Ports, tenure: Tenure, batch: Batch, attempts: Sequence[Attempt]
    ) -> tuple[Change, ...] | None:
        """See ``Family.raised``: by a quarter at least, so that a few raises reach any market."""
        rates = await ports.node.fee_rates()
        ceiling, offered_minor = await ceiling_of(ports, batch), attempts[-1].price_minor
        price_minor = min(ceiling, max(rate_now(ports, rates), ceil_div(offered_minor * 5, 4)))
        is_ours = not batch.sweep or target_of(ports, attempts) == batch.sender
        if price_minor <= offered_minor or not (self._replaces or is_ours):
            return None
        if self._replaces:
            return await self._replacement(ports, batch, attempts, price_minor, rates.increment_minor)
        found = await _child(ports, batch, attempts, await payouts_of(ports, batch), price_minor)
        if found is None:
            return None
        taken = reserve(ports, batch.id, await own_change(ports, batch, found.inputs))
        return (*taken, _wants(batch, AttemptKind.CHILD, price_minor=price_minor))

    async def _replacement(
        self, ports: Ports, batch: Batch, attempts: Sequence[Attempt], price_minor: int, increment_minor: int
    ) -> tuple[Change, ...] | None:
        newest = attempts[-1]
        if batch.sweep:
            gathered = replaced_by(ports, batch, attempts, price_minor, increment_minor)
            return (_wants(batch, newest.kind, price_minor=price_minor, **spent_by(gathered)),) if gathered else None
        paid = payments_of(ports, _paid(ports, batch, newest.kind, await payouts_of(ports, batch), attempts))
        replaced = Replaced(newest.fee_minor, vsize_of(newest, paid), increment_minor)
        # Payouts may wait for the coins that are free.
        coins = {} if batch.own is not None else {coin.utxo.id: coin for coin in await spendable(ports)}
        spare, pieces = [coin.utxo for coin in coins.values()], len(newest.change_minor)
        found = raised(inputs_of(batch), paid, terms_of(ports, price_minor), replaced, spare, pieces=pieces)
        if found is None:
            return None
        added = [coins[utxo.id] for utxo in found.inputs if utxo.id not in batch.inputs]
        wanted = _wants(batch, newest.kind, price_minor=price_minor, **spent_by(found))
        return (*reserve(ports, batch.id, added), wanted)

    async def lost(self, ports: Ports, batch: Batch, attempts: Sequence[Attempt], heights: Heights) -> bool:
        """See ``Family.lost``."""
        ours = {attempt.txid for attempt in attempts}
        final = heights.final(ports.final_depth)
        for utxo in attempts[0].inputs:
            spender = await ports.node.spender(utxo)
            if spender is not None and spender.height <= final and spender.txid not in ours:
                return True
        return False

    def needs(self, ports: Ports, batch: Batch, payouts: Sequence[Withdrawal]) -> int:
        """See ``Family.needs``: more for a large batch. What has time keeps nobody waiting."""
        if has_time(batch):
            return ports.final_depth + 1
        settings = ports.settings.coins(ports.asset)
        large = sum(payout.amount_minor for payout in payouts) > ports.settings.itd("large_batch")
        return settings.large_confirmations if large else settings.confirmations

    def fee(self, attempt: Attempt, found: Inclusion) -> int:
        """See ``Family.fee``: what the inputs have more than the outputs."""
        return attempt.fee_minor


def _paid(
    ports: Ports, batch: Batch, kind: AttemptKind | None, payouts: Sequence[Withdrawal], attempts: Sequence[Attempt]
) -> list[Output]:
    """The outputs of an attempt of this kind that do not come back to us."""
    if kind is AttemptKind.PAYMENT:
        return outputs_of(payouts)
    if kind is AttemptKind.SWEEP and batch.own is Own.SURPLUS:
        cold = store_of(ports, attempts)
        return [Output(sweep_name(batch.id, cold), cold, batch.stored_minor)]
    return []


def _wants(batch: Batch, kind: AttemptKind, **fields: object) -> Change:
    return move_batch(batch.id, BatchState.BROADCAST, BatchState.BROADCAST, wants=kind, **fields)


def _back(batch: Batch, terms: Terms) -> tuple[int, ...]:
    """What a no-op leaves of a batch's coins."""
    found = spend(inputs_of(batch), (), terms)
    if found is None:
        raise InvariantViolated(f"batch {batch.id} has too little for a no-op")
    return found.change_minor


async def _child(
    ports: Ports, batch: Batch, attempts: Sequence[Attempt], payouts: Sequence[Withdrawal], price_minor: int
) -> Selection | None:
    """A child of the payment, or the no-op, which pays for it and for the children before.

    It spends what the one before it left: miners reckon with what a transaction descends from, not with its siblings.
    """
    parent, *children = attempts
    if len(children) >= _MOST_CHILDREN:
        return None
    paid = payments_of(ports, _paid(ports, batch, parent.kind, payouts, attempts))
    vsize = vsize_of(parent, paid) + sum(vsize_of(attempt, ()) for attempt in children)
    offered = Offered(sum(attempt.fee_minor for attempt in attempts), vsize)
    spent = {utxo for attempt in children for utxo in attempt.inputs}
    left = [utxo for utxo in change_of(parent, len(paid)) if utxo.id not in spent]
    free = [coin.utxo for coin in await own_change(ports, batch, left)]
    return child(free, offered, terms_of(ports, price_minor), change_of(children[-1], 0) if children else ())
