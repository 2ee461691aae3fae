"""The hot wallet's level on chains of coins: what it has, what is stored, what is gathered. Amounts in satoshi."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace

import structlog

from payout_worker.families.coins import (
    Ports,
    Spendable,
    payments_of,
    rate_now,
    reserve,
    spendable,
    spent_by,
    terms_of,
)
from payout_worker.families.family import Allotted
from payout_worker.families.sweeps import store_of
from payout_worker.ports import Output
from wallet_core.domain.chain import Utxo
from wallet_core.domain.coin_selection import gather_small, select
from wallet_core.domain.coin_transaction import Selection
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.payout import BATCHES_IN_FLIGHT, AttemptKind, Batch, BatchState
from wallet_core.domain.sweep import Own

log = structlog.get_logger(__name__)

_MOST_IN_FLIGHT = 1_024


async def free_coins(ports: Ports) -> int:
    """Coins in blocks, and those of our own transactions, less what batches take that no node has yet."""
    there = await ports.node.utxos(ports.signer.address)
    ours = {
        utxo.id: utxo for utxo in there if utxo.height is not None or ports.signer.signed_for(utxo.txid) is not None
    }
    in_flight = {"asset": ports.asset, "state": BATCHES_IN_FLIGHT, "sweep": (False, None)}
    batches = await ports.store.find(Batch, in_flight, limit=_MOST_IN_FLIGHT)
    # All attempts of a batch spend its first coin; one that a raise added is left where an older attempt was mined.
    claimed_minor = sum(_leaves(batch) for batch in batches if batch.inputs[0] in ours)
    return sum(utxo.value_minor for utxo in ours.values()) - claimed_minor


def _leaves(batch: Batch) -> int:
    """What does not come back of a batch, its fee among it."""
    return sum(batch.inputs_minor) - sum(batch.change_minor)


async def coin_surplus(ports: Ports, level: Level) -> Allotted | None:
    """See ``Family.surplus``. Final coins stay for all that waits, and for a floor on top of it."""
    settings, cold = ports.settings.sweep(ports.asset), store_of(ports)
    if not level.surplus_minor or not cold:
        return None
    rate_minor = rate_now(ports, await ports.node.fee_rates())
    coins = {coin.utxo.id: coin for coin in await spendable(ports)}
    stays_minor = level.queued_minor + level.floor_minor
    stored = Output(None, cold, level.surplus_minor)
    found = select([c.utxo for c in coins.values()], payments_of(ports, [stored]), terms_of(ports, rate_minor))
    if rate_minor > settings.max_fee_rate or found is None or level.surplus_minor < settings.worth * found.fee_minor:
        log.info("surplus_waits", asset=ports.asset, surplus_minor=level.surplus_minor, rate_minor=rate_minor)
        return None
    if _left(coins.values(), found) < stays_minor:
        log.info("surplus_waits", asset=ports.asset, surplus_minor=level.surplus_minor, stays_minor=stays_minor)
        return None
    return _allotted(ports, coins, found, rate_minor, level.surplus_minor)


async def small_coins(ports: Ports, level: Level) -> Allotted | None:
    """See ``Family.small``. Final coins stay for all that waits, and for a floor on top of it."""
    settings = ports.settings.hot(ports.asset)
    coins = {coin.utxo.id: coin for coin in await spendable(ports)}
    if len(coins) <= settings.gather_above:
        return None
    rate_minor = rate_now(ports, await ports.node.fee_rates())
    terms = replace(terms_of(ports, rate_minor), low_rate_minor=settings.gather_max_fee_rate)
    found = gather_small([coin.utxo for coin in coins.values()], settings.gather_above, terms)
    if found is None or _left(coins.values(), found) < level.queued_minor + level.floor_minor:
        return None
    return _allotted(ports, coins, found, rate_minor)


def _left(coins: Iterable[Spendable], found: Selection) -> int:
    spent: set[Utxo] = set(found.inputs)
    return sum(coin.utxo.value_minor for coin in coins if coin.utxo not in spent)


def _allotted(
    ports: Ports, coins: dict[str, Spendable], found: Selection, rate_minor: int, stored_minor: int = 0
) -> Allotted:
    batch = Batch(
        id=secrets.token_hex(12),
        asset=ports.asset,
        state=BatchState.FORMED,
        payouts=(),
        sender=ports.signer.address,
        own=Own.SURPLUS if stored_minor else Own.SMALL,
        stored_minor=stored_minor,
        wants=AttemptKind.SWEEP if stored_minor else AttemptKind.NO_OP,
        price_minor=rate_minor,
    ).model_copy(update=spent_by(found))
    return Allotted(batch, reserve(ports, batch.id, [coins[utxo.id] for utxo in found.inputs]))
