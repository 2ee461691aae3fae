"""Compares what the database keeps of the journal's sums with the sums: balances, holds, counters of limits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from wallet_core.domain.accounts import asset_of, held
from wallet_core.domain.card_reversal import UNDECIDED, CardReversal
from wallet_core.domain.claimable import WAITING, Claimable
from wallet_core.domain.guards import Guards
from wallet_core.domain.hold import Hold, HoldState
from wallet_core.domain.ledger import Balance
from wallet_core.domain.money import plain
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.record import Record
from wallet_core.domain.seal import UNREADABLE
from wallet_core.domain.sums import LimitSums
from wallet_core.ports import Store, Where
from wallet_core.use_cases.findings import Findings

_HOLDING = (PayoutState.REVIEW, PayoutState.QUEUED, PayoutState.BATCHED)
#: What says for what a person's money is held: which documents, and the fields that add up to it.
_PROMISES: Final[tuple[tuple[type[Record], Where, tuple[str, ...]], ...]] = (
    (Withdrawal, {"state": _HOLDING, "case": None}, ("amount_minor", "fee_minor")),
    (Invoice, {}, ("held_minor",)),
    (Hold, {"state": HoldState.OPEN}, ("left_minor",)),
    (Claimable, {"state": tuple(WAITING)}, ("amount_minor", "fee_minor")),
    (CardReversal, {"state": UNDECIDED}, ("held_minor",)),
)


def _shown(minor: int, account: str) -> str:
    """In whole coins, or in minor units where the account is one that cannot be."""
    try:
        return plain(minor, asset_of(account))
    except ValueError:
        return str(minor)


async def read_limits(store: Store, findings: Findings) -> LimitSums:
    """The counters of all people, from which the journal's records are taken off next."""
    limits = LimitSums()
    async for some in store.batches(Guards, {}):
        for guards in some:
            try:
                limits.note_guards(guards)
            except UNREADABLE:
                findings.tell([f"person {guards['_id']}: the counters of daily limits in guards cannot be read"])
    return limits


async def compare_balances(store: Store, findings: Findings, sums: Mapping[str, int]) -> None:
    """Every cached balance, all its stripes together, is the sum of its entries."""
    cached: dict[str, int] = defaultdict(int)
    async for some in store.batches(Balance, {}):
        for stripe in some:
            try:
                cached[str(stripe["account"])] += stripe["balance_minor"]
            except UNREADABLE:
                findings.tell([f"{stripe['_id']}: the balance was changed to something that is no amount"])
    findings.accounts = len(cached)
    for account in sorted(cached.keys() | sums.keys()):
        entries, balance = sums.get(account, 0), cached.get(account, 0)
        if entries != balance:
            said, made = _shown(balance, account), _shown(entries, account)
            findings.tell([f"{account}: the balance is {said}, its entries make {made}"])


async def compare_holds(store: Store, findings: Findings, sums: Mapping[str, int]) -> None:
    """What is held of each person is exactly what open withdrawals, waiting purchases and open holds account for."""
    promised: dict[int, int] = defaultdict(int)
    for kind, where, fields in _PROMISES:
        async for some in store.batches(kind, where):
            for promise in some:
                try:
                    promised[promise["person"]] += sum(promise[name] for name in fields)
                except UNREADABLE:
                    findings.tell([f"{kind.collection} {promise['_id']}: what it holds cannot be read"])
    in_books = {account: minor for account, minor in sums.items() if account.endswith(":held") and minor}
    expected = {held(person).id: minor for person, minor in promised.items() if minor}
    findings.tell(
        f"{account}: {in_books.get(account, 0)} is held, {expected.get(account, 0)} is promised"
        for account in sorted(in_books.keys() | expected.keys())
        if in_books.get(account, 0) != expected.get(account, 0)
    )
