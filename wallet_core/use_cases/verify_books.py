"""Recompute every balance from the journal and compare it with the cache, the open promises and the chains."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from wallet_core.domain.accounts import Account, Side, asset_of, grows_on, held
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.ledger import Balance, digest_of
from wallet_core.domain.money import Asset, plain
from wallet_core.domain.payout import BATCHES_IN_FLIGHT, Batch, PayoutState, Withdrawal
from wallet_core.domain.purchase import Invoice
from wallet_core.ports import ChainBalances, Ports, Store
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.gate import operator_only

_LOOKS = 3
_BETWEEN_LOOKS_SECONDS = 1.0
_ASKED_AT_ONCE = 50
_HOLDING = (PayoutState.REVIEW, PayoutState.QUEUED, PayoutState.BATCHED)


@dataclass(slots=True)
class Findings:
    """What was looked at, and every gap as a sentence; no gap means that the books are right."""

    records: int = 0
    accounts: int = 0
    chains: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chain:
    """A node to compare with, the address of its hot wallet, and the most that a unit of gas may cost, in wei."""

    balances: ChainBalances
    hot_address: str
    max_gas_price_minor: int = 0


@operator_only
async def verify_books(
    ports: Ports, chains: Mapping[Asset, Chain], progress: Callable[[int], None] = lambda _: None
) -> Findings:
    """Checks the books on one snapshot of the database, then the chains; ``progress`` hears of every journal record.

    Raises ``Unavailable`` when the database or a node does not answer: then nothing is known.
    """
    findings = Findings()
    async with ports.store.snapshot() as frozen:
        sums = await _sums_of_journal(frozen, findings, progress)
        await _check_balances(frozen, findings, sums)
        await _check_holds(frozen, findings, sums)
    for asset, chain in chains.items():
        await _check_chain(ports, findings, asset, chain)
    return findings


async def _sums_of_journal(store: Store, findings: Findings, progress: Callable[[int], None]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    async for record in store.scan(JournalRecord, {}):
        findings.records += 1
        progress(findings.records)
        _check_record(record, findings)
        for entry in record.entries:
            signed = entry.amount_minor if entry.side is grows_on(entry.account) else -entry.amount_minor
            sums[entry.account] += signed
    return sums


def _check_record(record: JournalRecord, findings: Findings) -> None:
    per_asset: dict[str, int] = defaultdict(int)
    for entry in record.entries:
        per_asset[asset_of(entry.account)] += entry.amount_minor if entry.side is Side.DEBIT else -entry.amount_minor
    findings.gaps += [f"{record.id}: {asset} does not balance" for asset, total in per_asset.items() if total]
    entries = [(entry.account, entry.side, entry.amount_minor) for entry in record.entries]
    if digest_of(record.kind, entries, record.facts) != record.digest:
        findings.gaps.append(f"{record.id}: the record was changed after it was written")


async def _check_balances(store: Store, findings: Findings, sums: Mapping[str, int]) -> None:
    cached: dict[str, int] = defaultdict(int)
    async for stripe in store.scan(Balance, {}):
        cached[stripe.account] += stripe.balance_minor
    findings.accounts = len(cached)
    for account in sorted(cached.keys() | sums.keys()):
        entries, balance = sums.get(account, 0), cached.get(account, 0)
        if entries != balance:
            asset = asset_of(account)
            findings.gaps.append(
                f"{account}: the balance is {plain(balance, asset)}, its entries make {plain(entries, asset)}"
            )


async def _check_holds(store: Store, findings: Findings, sums: Mapping[str, int]) -> None:
    """What is held of each person is exactly what open withdrawals and waiting purchases account for."""
    promised: dict[int, int] = defaultdict(int)
    async for withdrawal in store.scan(Withdrawal, {"state": _HOLDING}):
        promised[withdrawal.person] += withdrawal.total_minor
    async for invoice in store.scan(Invoice, {}):
        promised[invoice.person] += invoice.held_minor
    in_books = {account: minor for account, minor in sums.items() if account.endswith(":held") and minor}
    expected = {held(person).id: minor for person, minor in promised.items() if minor}
    findings.gaps += [
        f"{account}: {in_books.get(account, 0)} is held, {expected.get(account, 0)} is promised"
        for account in sorted(in_books.keys() | expected.keys())
        if in_books.get(account, 0) != expected.get(account, 0)
    ]


async def _check_chain(ports: Ports, findings: Findings, asset: Asset, chain: Chain) -> None:
    """Books and chain move while they are compared: a gap counts when it is still there at the last look."""
    findings.chains.append(asset)
    gaps: list[str] = []
    for look in range(_LOOKS):
        if look:
            await asyncio.sleep(_BETWEEN_LOOKS_SECONDS)
        async with ports.store.snapshot() as frozen:
            gaps = await _hot_wallet_gaps(frozen, asset, chain)
            paid = [i async for i in frozen.scan(Invoice, {"asset": asset}) if i.received_minor]
            deposits_minor = await balance_minor(frozen, Account(asset, "deposits"))
        # Outside the snapshot, which is kept for minutes only: there may be very many addresses.
        gaps += await _deposit_gaps(asset, paid, deposits_minor, chain.balances)
        if not gaps:
            return
    findings.gaps += gaps


async def _deposit_gaps(asset: Asset, paid: Sequence[Invoice], deposits_minor: int, node: ChainBalances) -> list[str]:
    gaps = []
    for start in range(0, len(paid), _ASKED_AT_ONCE):
        some = paid[start : start + _ASKED_AT_ONCE]
        there = await asyncio.gather(*(node.balance_minor(invoice.address) for invoice in some))
        gaps += [
            f"{invoice.address}: {invoice.received_minor} was booked, {there_minor} is there"
            for invoice, there_minor in zip(some, there, strict=True)
            if there_minor < invoice.received_minor
        ]
    if sum(invoice.received_minor for invoice in paid) != deposits_minor:
        gaps.append(f"{asset}:deposits is not the sum of what the invoices received")
    return gaps


async def _hot_wallet_gaps(store: Store, asset: Asset, chain: Chain) -> list[str]:
    """The chain may be ahead of the books by what is on its way, and by nothing else."""
    books_minor = await balance_minor(store, Account(asset, "hot"))
    chain_minor = await chain.balances.balance_minor(chain.hot_address)
    on_the_way = await _on_the_way_minor(store, asset, chain.max_gas_price_minor)
    if 0 <= books_minor - chain_minor <= on_the_way:
        return []
    return [
        f"{asset}:hot: the books have {plain(books_minor, asset)}, the chain has {plain(chain_minor, asset)}, "
        f"and at most {plain(on_the_way, asset)} is on its way"
    ]


async def _on_the_way_minor(store: Store, asset: Asset, max_gas_price_minor: int) -> int:
    """The most that batches in flight can have taken from the hot wallet: their coins, and their gas at its ceiling."""
    total = 0
    async for batch in store.scan(Batch, {"asset": asset, "state": BATCHES_IN_FLIGHT}):
        total += batch.gas_limit * max_gas_price_minor
        for payout in batch.payouts:
            withdrawal = await store.get(Withdrawal, payout)
            total += withdrawal.coin_minor if withdrawal else 0
    return total
