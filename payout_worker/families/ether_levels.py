"""The hot wallet's level on Ethereum: what it has, and what goes to the cold wallet. Amounts in wei."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

import structlog

from payout_worker.families.gas import WEI_PER_GWEI, ceiling_for, gas_limit
from payout_worker.families.sweeps import store_of
from payout_worker.ports import NonceNode, NonceOrder, RailPorts
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.payout import Attempt, AttemptKind, Batch, BatchState, Withdrawal
from wallet_core.domain.sweep import Own, sweep_name

log = structlog.get_logger(__name__)

_UNCONFIRMED: Final = (BatchState.FORMED, BatchState.SIGNED, BatchState.BROADCAST)
_MOST_UNCONFIRMED: Final = 1_024
#: Few have more than one, and each of those offers an eighth more than the one before.
_MOST_ATTEMPTS: Final = 16 * _MOST_UNCONFIRMED

Ports = RailPorts[NonceNode]


async def free_ether(ports: Ports) -> int:
    """The balance, less what batches pay that no block has yet, with all of their gas at what they offer for it.

    What they could be raised to is no reason to call for coins: it comes out of the floor, if it ever comes to that.
    """
    where = {"asset": ports.asset, "state": _UNCONFIRMED, "sender": ports.signer.address}
    batches = await ports.store.find(Batch, where, limit=_MOST_UNCONFIRMED)
    ids = tuple(payout for batch in batches for payout in batch.payouts)
    promised = await ports.store.find(Withdrawal, {"_id": ids}, limit=len(ids)) if ids else []
    claimed_minor = sum(payout.coin_minor for payout in promised) + sum(batch.stored_minor for batch in batches)
    return await ports.node.balance(ports.signer.address) - claimed_minor - await _offered_minor(ports, batches)


async def _offered_minor(ports: Ports, batches: Sequence[Batch]) -> int:
    """What the newest attempt of each may cost; of one that has none, what it would offer now."""
    if not batches:
        return 0
    ids = tuple(batch.id for batch in batches)
    attempts = await ports.store.find(Attempt, {"batch": ids}, order_by=("number",), limit=_MOST_ATTEMPTS)
    offered = {attempt.batch: attempt.price_minor for attempt in attempts}
    fees = await ports.node.fees()
    usual_minor = 2 * fees.base_minor + fees.tip_minor
    return sum(
        batch.gas_limit * offered.get(batch.id, min(ceiling_for(ports.settings, batch.gas_limit), usual_minor))
        for batch in batches
    )


async def ether_surplus(ports: Ports, level: Level) -> Batch | None:
    """See ``Family.surplus``; the nonce is still to be given. Raises ``Refused(NODE_UNCLEAR)``."""
    settings, cold = ports.settings.sweep(ports.asset), store_of(ports)
    if not level.surplus_minor or not cold:
        return None
    fees = await ports.node.fees()
    price_minor = fees.base_minor + fees.tip_minor
    gas = await ports.node.gas_for(ports.signer.address, cold, level.surplus_minor, price_minor)
    if gas is None:
        raise Refused(Reason.NODE_UNCLEAR, answer=f"{cold} takes nothing")
    is_worth_it = level.surplus_minor >= settings.worth * gas * price_minor
    if price_minor > settings.max_fee_rate * WEI_PER_GWEI or not is_worth_it:
        log.info("surplus_waits", asset=ports.asset, surplus_minor=level.surplus_minor, price_minor=price_minor)
        return None
    return Batch(
        id=secrets.token_hex(12),
        asset=ports.asset,
        state=BatchState.FORMED,
        payouts=(),
        sender=ports.signer.address,
        own=Own.SURPLUS,
        stored_minor=level.surplus_minor,
        gas_limit=gas_limit(gas),
        wants=AttemptKind.SWEEP,
    )


def surplus_order(
    ports: Ports, batch: Batch, attempts: Sequence[Attempt], price_minor: int, tip_minor: int
) -> NonceOrder:
    """The transaction that stores a surplus: what it moves stays the same, whatever fee it offers."""
    if batch.nonce is None:
        raise InvariantViolated(f"batch {batch.id} has no nonce")
    cold = store_of(ports, attempts)
    return NonceOrder(
        payout=sweep_name(batch.id, cold),
        nonce=batch.nonce,
        to=cold,
        value_minor=batch.stored_minor,
        gas_limit=batch.gas_limit,
        max_fee_minor=price_minor,
        tip_minor=tip_minor,
    )
