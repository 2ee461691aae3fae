"""Compares the books with a chain: what the hot wallet and the deposit addresses have there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from wallet_core.domain.accounts import Account
from wallet_core.domain.money import Asset, plain
from wallet_core.domain.payout import BATCHES_IN_FLIGHT, Batch, Withdrawal
from wallet_core.domain.purchase import Invoice
from wallet_core.ports import ChainBalances, Ports, Store
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.findings import Findings

_LOOKS = 3
_BETWEEN_LOOKS_SECONDS = 1.0
#: Others ask as well, and a node of Bitcoin or Litecoin refuses what is more than ``-rpcworkqueue``, by default 16.
_ASKED_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Chain:
    """A node to compare with, and the address of its hot wallet.

    A batch costs at most its gas at ``max_gas_price_minor``, or, where there is no gas, ``max_batch_fee_minor``.
    """

    balances: ChainBalances
    hot_address: str
    max_gas_price_minor: int = 0
    max_batch_fee_minor: int = 0


async def compare_with_node(ports: Ports, findings: Findings, asset: Asset, chain: Chain) -> None:
    """Compares hot wallet and deposits with what a node says. Raises ``Unavailable``.

    Books and chain move while they are compared: a gap counts when it is still there at the last look.
    """
    findings.chains.append(asset)
    gaps: list[str] = []
    for look in range(_LOOKS):
        if look:
            await asyncio.sleep(_BETWEEN_LOOKS_SECONDS)
        async with ports.store.snapshot() as frozen:
            moving = await _moving_minor(frozen, asset)
            gaps = await _hot_wallet_gaps(frozen, asset, chain, moving.total())
            paid = [i async for i in frozen.scan(Invoice, {"asset": asset}) if i.booked_minor or i.swept_minor]
            gaps += await _sum_gaps(frozen, asset, paid)
        # Outside the snapshot, which is kept for minutes only: there may be very many addresses.
        gaps += await _address_gaps(paid, moving, chain.balances)
        if not gaps:
            return
    findings.tell(gaps)


async def _sum_gaps(store: Store, asset: Asset, paid: Sequence[Invoice]) -> list[str]:
    deposits_minor = await balance_minor(store, Account(asset, "deposits"))
    if sum(invoice.booked_minor - invoice.swept_minor for invoice in paid) == deposits_minor:
        return []
    return [f"{asset}:deposits is not the sum of what the invoices received, less what was swept"]


async def _address_gaps(paid: Sequence[Invoice], moving: Counter[str], node: ChainBalances) -> list[str]:
    """An address may lack what a sweep under way takes from it, and nothing else."""
    gaps = []
    for start in range(0, len(paid), _ASKED_AT_ONCE):
        some = paid[start : start + _ASKED_AT_ONCE]
        there = await asyncio.gather(*(node.balance_minor(invoice.address) for invoice in some))
        gaps += [
            f"{invoice.address}: {invoice.booked_minor} was booked, {invoice.swept_minor} swept, {there_minor} is there"
            for invoice, there_minor in zip(some, there, strict=True)
            if there_minor < invoice.booked_minor - invoice.swept_minor - moving[invoice.id]
        ]
    return gaps


async def _hot_wallet_gaps(store: Store, asset: Asset, chain: Chain, coming_minor: int) -> list[str]:
    """The chain may differ from the books by what is on its way, out of the wallet or into it, and by nothing else."""
    books_minor = await balance_minor(store, Account(asset, "hot"))
    chain_minor = await chain.balances.balance_minor(chain.hot_address)
    on_the_way = await _on_the_way_minor(store, asset, chain)
    if -coming_minor <= books_minor - chain_minor <= on_the_way:
        return []
    return [
        f"{asset}:hot: the books have {plain(books_minor, asset)}, the chain has {plain(chain_minor, asset)}, "
        f"and at most {plain(on_the_way, asset)} is on its way"
    ]


async def _on_the_way_minor(store: Store, asset: Asset, chain: Chain) -> int:
    """The most that batches in flight can have taken from the hot wallet: what they pay, and fees at the ceiling."""
    total = 0
    async for batch in store.scan(Batch, {"asset": asset, "state": BATCHES_IN_FLIGHT, "sweep": (False, None)}):
        total += batch.gas_limit * chain.max_gas_price_minor + chain.max_batch_fee_minor + batch.stored_minor
        for payout in batch.payouts:
            withdrawal = await store.get(Withdrawal, payout)
            total += withdrawal.coin_minor if withdrawal else 0
    return total


async def _moving_minor(store: Store, asset: Asset) -> Counter[str]:
    """The most that sweeps in flight can have moved from the address of each invoice."""
    moving: Counter[str] = Counter()
    async for batch in store.scan(Batch, {"asset": asset, "state": BATCHES_IN_FLIGHT, "sweep": True}):
        for invoice, minor in zip(batch.invoices, batch.inputs_minor, strict=True):
            moving[invoice] += minor
    return moving
