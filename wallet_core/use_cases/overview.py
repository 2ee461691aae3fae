"""The wallet's figures at a glance: payouts, batches and invoices by state, and the platform's accounts."""

from __future__ import annotations

from typing import Any

from wallet_core.domain.chat import OutboxMessage, OutboxState
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.ledger import Balance
from wallet_core.domain.money import Asset, plain
from wallet_core.domain.payout import BATCHES_IN_FLIGHT, Batch, PayoutState, Withdrawal
from wallet_core.domain.purchase import Invoice, InvoiceState, Rail
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import operator_only
from wallet_core.use_cases.seals import head_of_chain, tail_of_chain
from wallet_core.use_cases.switchboard import switchboard


@operator_only
async def overview(ports: Ports) -> dict[str, Any]:
    """Counts, and amounts as decimal strings in whole coins; people's money as one sum."""
    store = ports.store
    return {
        "mode": str((await switchboard(ports)).mode),
        "payouts": {str(state): await store.count(Withdrawal, {"state": state}) for state in PayoutState},
        "batches in flight": {str(asset): await _in_flight(ports, asset) for asset in ports.addresses},
        "invoices": {str(state): await store.count(Invoice, {"state": state}) for state in InvoiceState},
        "messages waiting": await store.count(OutboxMessage, {"state": OutboxState.WAITING}),
        "rails": {str(rail.id): rail.alarm or str(rail.state) for rail in await store.find(Rail, {})},
        "hot wallets": {str(level.id): _shown(level) for level in await store.find(Level, {})},
        "seals": await _seals(ports),
        "ledger": await _ledger(ports),
    }


async def _in_flight(ports: Ports, asset: Asset) -> int:
    return await ports.store.count(Batch, {"asset": asset, "state": BATCHES_IN_FLIGHT})


def _shown(level: Level) -> dict[str, str]:
    """As a worker last saw it."""
    amounts = {
        "free": level.free_minor,
        "queued": level.queued_minor,
        "floor": level.floor_minor,
        "ceiling": level.ceiling_minor,
        "missing": level.missing_minor,
    }
    return {name: plain(minor, level.id) for name, minor in amounts.items()}


async def _seals(ports: Ports) -> dict[str, Any]:
    head, tail = await head_of_chain(ports.store), await tail_of_chain(ports.store)
    waiting = {"groups waiting": tail.groups, "oldest waits for seconds": round(tail.seconds, 1)}
    return {"length": head.length, "records": head.records, **waiting}


async def _ledger(ports: Ports) -> dict[str, str]:
    sums: dict[str, int] = {}
    async for balance in ports.store.scan(Balance, {}):
        asset, _, name = balance.account.partition(":")
        shown = f"{asset} people {name.rpartition(':')[2]}" if name.startswith("person:") else f"{asset} {name}"
        sums[shown] = sums.get(shown, 0) + balance.balance_minor
    return {name: plain(minor, Asset(name.split()[0])) for name, minor in sorted(sums.items())}
