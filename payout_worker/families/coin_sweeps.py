"""Sweeps on chains of coins: one transaction gathers many deposits into one output. Amounts in satoshi."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from payout_worker.families.coins import Ports, Spendable, bytes_at, inputs_of, rate_now, reserve, terms_of
from payout_worker.families.family import Allotted, Plan
from payout_worker.families.sweeps import fee_ceiling, has_time, target_of
from payout_worker.ports import CoinOrder, Output
from wallet_core.domain.chain import Utxo
from wallet_core.domain.coin_selection import gather
from wallet_core.domain.coin_transaction import Replaced, Selection
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import ceil_div
from wallet_core.domain.network import NETWORKS
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.payout import Attempt, AttemptKind, Batch, BatchState
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.sweep import SweepPayment, sweep_name
from wallet_core.domain.transaction_size import INPUT_WEIGHT, transaction_vsize
from wallet_core.ports import Before
from wallet_core.settings import Signing

log = structlog.get_logger(__name__)

#: More coins go into the next sweep.
_MOST_COINS: Final = 500
_UNMINED: Final = (BatchState.FORMED, BatchState.SIGNED, BatchState.BROADCAST)
_INPUT_VSIZE: Final = ceil_div(INPUT_WEIGHT, 4)


async def coin_sweeps(ports: Ports) -> list[Allotted]:
    """At most one sweep, of all credited and final deposits that are worth it, largest first; see ``Family.sweeps``."""
    if ports.settings.coins(ports.asset).signer is Signing.NODE:
        log.warning("sweeping_is_off", asset=ports.asset, why="the node's wallet has no keys of deposits")
        return []
    if await ports.store.count(Batch, {"asset": ports.asset, "state": _UNMINED, "sweep": True}):
        return []
    rate_minor = rate_now(ports, await ports.node.fee_rates())
    payments = await _due(ports, rate_minor)
    found = _affordable(ports, payments, rate_minor)
    return [await _allotted(ports, payments[: len(found.inputs)], found, rate_minor)] if found else []


async def _due(ports: Ports, rate_minor: int) -> list[Payment]:
    """Deposits in final blocks that nothing has moved, each worth its own input; those that waited at a high fee."""
    settings, chain = ports.settings.sweep(ports.asset), ports.settings.coins(ports.asset)
    if rate_minor > chain.max_fee_rate:
        return []
    final = (await ports.node.heights()).final(ports.final_depth)
    only_old = rate_minor > settings.max_fee_rate
    long_ago = await ports.store.now() - timedelta(seconds=settings.wait_seconds if only_old else 0)
    where = {
        "asset": ports.asset,
        "state": PaymentState.CREDITED,
        "sweep": None,
        "height": Before(final, inclusive=True),
        "seen_at": Before(long_ago, inclusive=True),
    }
    payments = await ports.store.find(Payment, where, order_by=("-coin_minor", "_id"), limit=_MOST_COINS)
    least_minor = settings.worth * _INPUT_VSIZE * rate_minor
    there = await _blocks(ports, {p.height for p in payments if p.height is not None})
    return [p for p in payments if p.coin_minor >= least_minor and there.get(p.height or 0) == p.block_hash]


async def _blocks(ports: Ports, heights: set[int]) -> dict[int, str | None]:
    return {height: await ports.node.block_hash(height) for height in sorted(heights)}


def _affordable(ports: Ports, payments: Sequence[Payment], rate_minor: int) -> Selection | None:
    """As many of them as the ceilings allow at once; None where all together are not worth the fee."""
    inputs = [Utxo(p.txid, p.index, p.coin_minor, p.height) for p in payments]
    while inputs:
        found = _gathered(ports, inputs, target_of(ports), rate_minor)
        if found:
            worth = ports.settings.sweep(ports.asset).worth
            return found if found.change_minor[0] >= worth * found.fee_minor else None
        inputs = inputs[: len(inputs) * 9 // 10]
    return None


def _gathered(
    ports: Ports, inputs: Sequence[Utxo], target: str, rate_minor: int, replaced: Replaced | None = None
) -> Selection | None:
    return gather(inputs, _output_bytes(ports, target), terms_of(ports, rate_minor), replaced)


def _output_bytes(ports: Ports, target: str) -> int:
    return bytes_at(target, NETWORKS[ports.asset, ports.settings.networks[ports.asset]])


async def _allotted(ports: Ports, payments: Sequence[Payment], found: Selection, rate_minor: int) -> Allotted:
    ids = tuple({payment.invoice for payment in payments})
    invoices = {invoice.id: invoice for invoice in await ports.store.find(Invoice, {"_id": ids}, limit=len(ids))}
    batch = Batch(
        id=secrets.token_hex(12),
        asset=ports.asset,
        state=BatchState.FORMED,
        payouts=(),
        sender=ports.signer.address,
        inputs=tuple(utxo.id for utxo in found.inputs),
        inputs_minor=tuple(utxo.value_minor for utxo in found.inputs),
        sweep=True,
        invoices=tuple(payment.invoice for payment in payments),
        indices=tuple(invoices[payment.invoice].index for payment in payments),
        wants=AttemptKind.SWEEP,
        price_minor=rate_minor,
    )
    taken = reserve(ports, batch.id, [Spendable(utxo) for utxo in found.inputs])
    return Allotted(batch, (*taken, *(SweepPayment(payment, batch.id) for payment in payments)))


def plan_of(ports: Ports, batch: Batch, attempts: Sequence[Attempt]) -> Plan:
    """The transaction of a sweep; what a raise leaves of it stands in the batch."""
    inputs, target, change_minor = inputs_of(batch), target_of(ports, attempts), batch.change_minor
    if not attempts:
        found = _gathered(ports, inputs, target, batch.price_minor)
        if found is None:
            raise Refused(Reason.RAIL_OFF, waits_for="fees")
        change_minor = found.change_minor
    outputs = tuple(Output(sweep_name(batch.id, target), target, value) for value in change_minor)
    return Plan(CoinOrder(inputs, outputs, batch.indices), batch.price_minor)


async def ceiling_of(ports: Ports, batch: Batch) -> int:
    """The highest rate that a batch may be raised to."""
    ceiling_minor = ports.settings.coins(ports.asset).max_fee_rate
    if not has_time(batch):
        return ceiling_minor
    return await fee_ceiling(ports, batch, ceiling_minor, ports.settings.sweep(ports.asset).max_fee_rate)


def replaced_by(
    ports: Ports, batch: Batch, attempts: Sequence[Attempt], rate_minor: int, increment_minor: int
) -> Selection | None:
    """The same coins to the same address at a higher fee."""
    inputs, target = inputs_of(batch), target_of(ports, attempts)
    vsize = transaction_vsize(len(inputs), 1, _output_bytes(ports, target))
    replaced = Replaced(attempts[-1].fee_minor, vsize, increment_minor)
    return _gathered(ports, inputs, target, rate_minor, replaced)
