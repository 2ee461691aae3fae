"""Sweeps on Ethereum: each deposit address pays for its own transaction, out of its balance. Amounts in wei.

What the network takes less than was offered stays behind; the invoice counts on from it, and so does the next sweep.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from heapq import nlargest
from typing import Final

import structlog

from payout_worker.families.family import Allotted, Plan
from payout_worker.families.gas import Offer, gas_limit, offer
from payout_worker.families.sweeps import fee_ceiling, target_of
from payout_worker.ports import NonceNode, NonceOrder, RailPorts, taken_nonce
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import TRANSFER_GAS, WEI_PER_GWEI
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.lease import lease_id
from wallet_core.domain.payout import BATCHES_IN_FLIGHT, Attempt, AttemptKind, Batch, BatchState
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.reservation import Reservation, Reserve
from wallet_core.domain.sweep import BeginSweep, sweep_name
from wallet_core.ports import Before

log = structlog.get_logger(__name__)

#: So many sweeps are under way at a time; each has an address of its own.
_MOST_AT_ONCE: Final = 32

Ports = RailPorts[NonceNode]


async def ether_sweeps(ports: Ports, tenure: Tenure) -> list[Allotted]:
    """The addresses that have most, as long as they are worth a transaction each; see ``Family.sweeps``."""
    under_way = {"asset": ports.asset, "state": BATCHES_IN_FLIGHT, "sweep": True}
    room = _MOST_AT_ONCE - await ports.store.count(Batch, under_way)
    if room <= 0:
        return []
    offered, only_old = await _offered(ports)
    least_minor = ports.settings.sweep(ports.asset).worth * TRANSFER_GAS * offered.max_fee_minor
    invoices = await _due(ports, least_minor, room, only_old=only_old)
    final = max(0, (await ports.node.heights()).final(ports.final_depth))
    balances = await ports.node.balances([invoice.address for invoice in invoices], final)
    pairs = zip(invoices, balances, strict=True)
    sweeps = [await _allotted(ports, tenure, i, there, offered) for i, there in pairs if there >= least_minor]
    return [sweep for sweep in sweeps if sweep]


async def _offered(ports: Ports) -> tuple[Offer, bool]:
    """What is offered for gas, and whether that is only for what has waited for long."""
    fees, patient_minor = await ports.node.fees(), _patient(ports)
    is_high = fees.base_minor + fees.tip_minor > patient_minor
    ceiling_minor = ports.settings.eth_max_fee_minor
    return offer(fees, ceiling_minor if is_high else min(ceiling_minor, patient_minor), patient=True), is_high


def _patient(ports: Ports) -> int:
    return ports.settings.sweep(ports.asset).max_fee_rate * WEI_PER_GWEI


async def _due(ports: Ports, least_minor: int, most: int, *, only_old: bool) -> list[Invoice]:
    """Invoices whose addresses should have enough by the books, and are not being swept; the largest.

    Not while the rate is locked: until a sweep ends nobody looks at what else comes to its address.
    """
    now, settings = await ports.store.now(), ports.settings
    locked_from = now - timedelta(seconds=settings.invoice_grace_seconds)
    long_ago = now - timedelta(seconds=settings.sweep(ports.asset).wait_seconds if only_old else 0)
    where = {"asset": ports.asset, "state": InvoiceState.CREDITED, "sweep": None, "expires_at": Before(locked_from)}
    there = [
        invoice
        async for invoice in ports.store.scan(Invoice, where)
        if _there(invoice) >= least_minor and invoice.created_at <= long_ago
    ]
    return nlargest(most, there, key=_there)


def _there(invoice: Invoice) -> int:
    return invoice.booked_minor - invoice.swept_minor


async def _allotted(
    ports: Ports, tenure: Tenure, invoice: Invoice, balance_minor: int, offered: Offer
) -> Allotted | None:
    """A sweep of everything at an address, with the address's next nonce; None where somebody else has its key."""
    nonce = await _next_nonce(ports, tenure, invoice.address)
    if nonce is None:
        return None
    price_minor, target = offered.max_fee_minor, target_of(ports)
    gas = await ports.node.gas_for(invoice.address, target, balance_minor // 2, price_minor)
    if gas is None:
        raise Refused(Reason.NODE_UNCLEAR, answer=f"{target} takes nothing")
    batch = Batch(
        id=secrets.token_hex(12),
        asset=ports.asset,
        state=BatchState.FORMED,
        payouts=(),
        sender=invoice.address,
        nonce=nonce,
        inputs_minor=(balance_minor,),
        sweep=True,
        invoices=(invoice.id,),
        indices=(invoice.index,),
        gas_limit=gas_limit(gas),
        wants=AttemptKind.SWEEP,
        price_minor=price_minor,
        tip_minor=offered.tip_minor,
    )
    own = lease_id(ports.asset, ports.settings.networks[ports.asset], invoice.address)
    reserved = Reservation(id=f"{own}:{nonce}", asset=ports.asset, batch=batch.id)
    return Allotted(batch, (Reserve(reserved), BeginSweep(invoice.id, batch.id)))


async def _next_nonce(ports: Ports, tenure: Tenure, address: str) -> int | None:
    """The chain's count: a sweep begins when the one before it is final. Each nonce below it must be our signature.

    An address of which one is not is left alone, and the rail is frozen; once owners have opened it, all others go on.
    """
    nonce = await ports.node.nonce(address)
    if ports.signer.unknown([taken_nonce(used, address) for used in range(nonce)]):
        await raise_alarm(ports, tenure, "foreign_spend", f"{address}:{nonce}", freeze=True)
        return None
    return nonce


def plan_of(ports: Ports, batch: Batch, attempts: Sequence[Attempt]) -> Plan:
    """The transaction of a sweep: what the highest fee leaves of the balance."""
    (index,), (balance_minor,) = batch.indices, batch.inputs_minor
    if batch.nonce is None or ports.core.addresses[ports.asset].deposit(index) != batch.sender:
        raise InvariantViolated(f"sweep {batch.id} has no nonce, or another address than {batch.sender}")
    target = target_of(ports, attempts)
    order = NonceOrder(
        payout=sweep_name(batch.id, target),
        nonce=batch.nonce,
        to=target,
        value_minor=balance_minor - batch.gas_limit * batch.price_minor,
        gas_limit=batch.gas_limit,
        max_fee_minor=batch.price_minor,
        tip_minor=batch.tip_minor,
        index=index,
    )
    return Plan(order, batch.price_minor, batch.tip_minor)


async def ceiling_of(ports: Ports, batch: Batch, ceiling_minor: int) -> int:
    """The most that a batch may be raised to for a unit of gas; a sweep never costs more than it moves."""
    if not batch.sweep:
        return ceiling_minor
    (balance_minor,) = batch.inputs_minor
    ceiling_minor = min(ceiling_minor, balance_minor // (2 * batch.gas_limit))
    return await fee_ceiling(ports, batch, ceiling_minor, _patient(ports))
