"""The hot wallet's level on Ethereum: what it has, and what goes to the cold wallet. Amounts in wei."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

import structlog

from payout_worker.families.gas import ceiling_for, gas_limit
from payout_worker.families.sweeps import store_of
from payout_worker.ports import NonceNode, NonceOrder, RailPorts
from wallet_core.domain.chain import WEI_PER_GWEI
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.payout import (
    BATCHES_IN_FLIGHT,
    Attempt,
    AttemptKind,
    Batch,
    BatchState,
    PayoutState,
    Withdrawal,
)
from wallet_core.domain.sweep import Own, sweep_name
from wallet_core.ports import After

log = structlog.get_logger(__name__)

_MOST_UNMINED: Final = 1_024
#: Few have more than one, and each of those offers an eighth more than the one before.
_MOST_ATTEMPTS: Final = 16 * _MOST_UNMINED

Ports = RailPorts[NonceNode]


async def free_ether(ports: Ports) -> int:
    """The balance, less what batches pay that no block has yet, with all of their gas at what they offer for it.

    What they could be raised to is no reason to call for coins: it comes out of the floor, if it ever comes to that.
    One block says what there is and which nonces are used: what a state in the database says may be older than that.
    """
    hot, latest = ports.signer.address, (await ports.node.heights()).latest
    used, balance_minor = await ports.node.nonce(hot, latest), await ports.node.balance(hot, latest)
    where = {"asset": ports.asset, "state": BATCHES_IN_FLIGHT, "sender": hot, "nonce": After(used - 1)}
    batches = await ports.store.find(Batch, where, limit=_MOST_UNMINED)
    return balance_minor - await promised_minor(ports, batches) - await _offered_minor(ports, batches)


async def promised_minor(ports: Ports, batches: Sequence[Batch]) -> int:
    """What batches send: to people, and to the cold wallet."""
    ids = tuple(payout for batch in batches for payout in batch.payouts)
    promised = await ports.store.find(Withdrawal, {"_id": ids}, limit=len(ids)) if ids else []
    return sum(payout.coin_minor for payout in promised) + sum(batch.stored_minor for batch in batches)


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


async def _certain_minor(ports: Ports, price_minor: int) -> int:
    """What is free whatever leaves the chain: a final block's balance, less all that no final block has paid yet."""
    hot, final = ports.signer.address, max(0, (await ports.node.heights()).final(ports.final_depth))
    batched = {"asset": ports.asset, "state": PayoutState.BATCHED}
    _, coin_minor = await ports.store.sums(Withdrawal, batched, ("coin_minor",))
    in_flight = {"asset": ports.asset, "state": BATCHES_IN_FLIGHT, "sender": hot}
    _, gas, stored_minor = await ports.store.sums(Batch, in_flight, ("gas_limit", "stored_minor"))
    return await ports.node.balance(hot, final) - coin_minor - stored_minor - gas * price_minor


async def ether_surplus(ports: Ports, level: Level) -> Batch | None:
    """See ``Family.surplus``; the nonce is still to be given. Raises ``Refused(NODE_UNCLEAR)``.

    Of what a final block has: with coins that leave the chain a nonce could not be paid, and all after it would wait.
    """
    settings, cold = ports.settings.sweep(ports.asset), store_of(ports)
    if not level.surplus_minor or not cold:
        return None
    fees = await ports.node.fees()
    price_minor = fees.base_minor + fees.tip_minor
    free_minor = min(level.free_minor, await _certain_minor(ports, price_minor))
    surplus_minor = level.model_copy(update={"free_minor": free_minor}).surplus_minor
    if not surplus_minor:
        log.info("surplus_waits", asset=ports.asset, surplus_minor=level.surplus_minor, certain_minor=free_minor)
        return None
    gas = await ports.node.gas_for(ports.signer.address, cold, surplus_minor, price_minor)
    if gas is None:
        raise Refused(Reason.NODE_UNCLEAR, answer=f"{cold} takes nothing")
    is_worth_it = surplus_minor >= settings.worth * gas * price_minor
    if price_minor > settings.max_fee_rate * WEI_PER_GWEI or not is_worth_it:
        log.info("surplus_waits", asset=ports.asset, surplus_minor=surplus_minor, price_minor=price_minor)
        return None
    return Batch(
        id=secrets.token_hex(12),
        asset=ports.asset,
        state=BatchState.FORMED,
        payouts=(),
        sender=ports.signer.address,
        own=Own.SURPLUS,
        stored_minor=surplus_minor,
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
