"""The verdict on purchases: what the chain says came, against the journal, the invoices, the desk and the limits.

Nothing here asks the worker what it thinks: coins are counted in the blocks, ITD in the entries of the journal.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.faults.purchases.arrived import Came, came_to
from tests.faults.purchases.orders import ROUNDING_MINOR, Order, Outcome, outcome_of
from tests.faults.verdict import Verdict
from tests.faults.world import World
from wallet_core.bootstrap import chains_to_verify
from wallet_core.domain.accounts import Side
from wallet_core.domain.case import Case, CaseKind, CaseState
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.guards import Guards
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.kyc import Operation
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.use_cases.verify_books import verify_books

_MOST: Final = 100_000
_AGAIN_SECONDS: Final = 3.0
_BOOKED: Final = (PaymentState.CREDITED, PaymentState.CASE)


@dataclass
class Journal:
    """What the journal says, each entry counted by itself."""

    #: Coins at deposit addresses, by the invoice that they were booked for.
    coins: Counter[str] = field(default_factory=Counter)
    #: ITD of each person, spendable and held together.
    itd: Counter[int] = field(default_factory=Counter)
    #: The balance of every account.
    accounts: Counter[str] = field(default_factory=Counter)
    #: What was taken back of each invoice, in ITD, and how often.
    reversed_minor: Counter[str] = field(default_factory=Counter)
    reversals: Counter[str] = field(default_factory=Counter)


async def read_journal(world: World) -> Journal:
    """Every record, from the first one on."""
    journal, deposits = Journal(), f"{world.asset}:deposits"
    for record in await world.ports.store.find(JournalRecord, {}, limit=_MOST):
        invoice = record.facts.get("invoice", "")
        if record.kind == "purchase_reversed":
            journal.reversals[invoice] += 1
            journal.reversed_minor[invoice] += record.facts["itd_minor"]
        for entry in record.entries:
            signed = entry.amount_minor if entry.side is Side.DEBIT else -entry.amount_minor
            journal.accounts[entry.account] += signed
            if entry.account == deposits and record.kind != "deposits_swept":
                journal.coins[invoice] += signed
            if entry.account.startswith("ITD:person:"):
                journal.itd[int(entry.account.split(":")[2])] -= signed
    return journal


async def judge_purchases(world: World, orders: Sequence[Order], payouts: Sequence[Withdrawal]) -> Verdict:
    """Every payment in the chain must count once, and nothing else may count at all."""
    came = await came_to(world.chain, [order.invoice.address for order in orders])
    journal = await read_journal(world)
    outcomes = {order.invoice.id: outcome_of(order, came[order.invoice.address]) for order in orders}
    verdict = await world.check(payouts, still_held_minor=await _held_minor(world, orders, outcomes))
    judge = _Judge(world, verdict, journal)
    for order in orders:
        await judge.order(order, came[order.invoice.address], outcomes[order.invoice.id])
    verdict.gaps += [gap async for gap in _gaps(world, orders, came, journal)]
    return verdict


async def _held_minor(world: World, orders: Sequence[Order], outcomes: Mapping[str, Outcome]) -> int:
    """What the invoices hold, as far as that is what they should; the rest is a gap of the judge's."""
    held = 0
    for order in orders:
        present = await world.ports.store.get(Invoice, order.invoice.id)
        wanted = outcomes[order.invoice.id].held_minor
        is_near = present is not None and abs(present.held_minor - wanted) <= ROUNDING_MINOR
        held += present.held_minor if present is not None and is_near else wanted
    return held


@dataclass
class _Judge:
    world: World
    verdict: Verdict
    journal: Journal

    async def order(self, order: Order, came: Came, outcome: Outcome) -> None:
        """Its coins, its ITD, its records and its limit."""
        booked_minor, name = self.journal.coins[order.invoice.id], f"{order.ending} ({order.invoice.id[:8]})"
        if booked_minor < came.total_minor:
            self.verdict.lost.append(f"{name}: {came.total_minor} came and {booked_minor} is booked")
        if booked_minor > came.total_minor:
            self.verdict.doubled.append(f"{name}: {came.total_minor} came and {booked_minor} is booked")
        has_minor, wanted_minor = self.journal.itd[order.person], outcome.itd_minor - order.spent_minor
        if abs(has_minor - wanted_minor) > ROUNDING_MINOR:
            self.verdict.wrong.append(f"{name}: the person has {has_minor} ITD, not {wanted_minor}")
        found = [gap async for gap in self._records(order, came, outcome)]
        self.verdict.gaps += [f"{name}: {gap}" for gap in (*found, *await self._limit(order, outcome))]

    async def _records(self, order: Order, came: Came, outcome: Outcome) -> AsyncIterator[str]:
        store = self.world.ports.store
        present = await store.get(Invoice, order.invoice.id)
        if present is None:
            yield "the invoice is gone"
            return
        is_now = (present.state, present.received_minor + present.aside_minor, present.aside_minor)
        # What was credited once is never open or expired again.
        state = InvoiceState.CREDITED if self.journal.reversals[order.invoice.id] else outcome.state
        wanted = (state, came.total_minor, outcome.aside_minor)
        if is_now != wanted:
            yield f"the invoice is {is_now}, not {wanted}"
        if present.pending_minor or present.sweep is not None:
            yield f"{present.pending_minor} is said to be on its way, the sweep {present.sweep} under way"
        if abs(present.held_minor - outcome.held_minor) > ROUNDING_MINOR:
            yield f"{present.held_minor} is held, not {outcome.held_minor}"
        for gap in self._cases(order, outcome, await store.find(Case, {"invoice": order.invoice.id}, limit=_MOST)):
            yield gap
        payments = await store.find(Payment, {"invoice": order.invoice.id}, limit=_MOST)
        wrong = _untold_payments if self.world.asset is Asset.ETH else _wrong_payments
        for gap in wrong(came, payments):
            yield gap
        if order.refund is not None and (await self.world.states(order.refund))[PayoutState.SETTLED] != 1:
            yield "it was not refunded"

    @staticmethod
    def _cases(order: Order, outcome: Outcome, cases: Sequence[Case]) -> Iterator[str]:
        """Exactly one case stands for coins that lie aside; it is over once somebody has decided."""
        about = [case for case in cases if case.kind is CaseKind.TOO_SMALL and case.coin_minor]
        open_ = [case.coin_minor for case in about if case.state is not CaseState.CLOSED]
        decided = [case.choice for case in about if case.state is CaseState.CLOSED and case.choice is not None]
        stands = [outcome.aside_minor] if outcome.aside_minor and order.choice is None else []
        if open_ != stands or decided != [order.choice] * (order.choice is not None):
            yield f"open cases about {open_}, not {stands}; decided {decided}, not {order.choice}"
        if [case.kind for case in cases if case.kind is CaseKind.OWED and case.state is not CaseState.CLOSED]:
            yield "something is said to be owed"

    async def _limit(self, order: Order, outcome: Outcome) -> list[str]:
        """What is taken of the limit; coins that came again may have counted again, as the rules say."""
        guards = await self.world.ports.store.get(Guards, order.person)
        counters = [day.get(Operation.PURCHASE, {}) for day in (guards.limits.values() if guards else ())]
        taken_minor = sum(counter.get("amount_minor", 0) for counter in counters)
        count = sum(counter.get("count", 0) for counter in counters)
        again = self.journal.reversals[order.invoice.id]
        most_minor = outcome.taken_minor + self.journal.reversed_minor[order.invoice.id]
        # Each payment after the time to pay counts as an operation of its own.
        most = outcome.count + again + (1 if order.has_lapsed and outcome.itd_minor else 0)
        gaps = [f"the person owes {guards.debt_minor}"] if guards is not None and guards.debt_minor else []
        if not outcome.taken_minor - ROUNDING_MINOR <= taken_minor <= most_minor + ROUNDING_MINOR:
            gaps.append(f"{taken_minor} of the limit is taken, not {outcome.taken_minor} to {most_minor}")
        if not outcome.count <= count <= most:
            gaps.append(f"{count} operations are counted, not {outcome.count} to {most}")
        return gaps


def _wrong_payments(came: Came, payments: Sequence[Payment]) -> Iterator[str]:
    """One record for each payment in the chain, and none that stands for another."""
    stands = {f"{p.txid}:{p.index}": p.coin_minor for p in payments if p.state in _BOOKED}
    if stands != came.payments:
        yield f"records stand for {sorted(stands.items())}, and the chain has {sorted(came.payments.items())}"
    if pending := [payment.id for payment in payments if payment.state is PaymentState.PENDING]:
        yield f"{pending} are still said to be on their way"


def _untold_payments(came: Came, payments: Sequence[Payment]) -> Iterator[str]:
    """Whoever sent ether by a transaction can look it up."""
    told = {f"{payment.txid}:{payment.index}": payment.coin_minor for payment in payments}
    if untold := sorted(came.payments.items() - told.items()):
        yield f"there is no record of {untold}"


async def _gaps(
    world: World, orders: Sequence[Order], came: Mapping[str, Came], journal: Journal
) -> AsyncIterator[str]:
    """The books of the house against the chain, and against themselves."""
    there_minor, books_minor = sum(each.there_minor for each in came.values()), journal.accounts
    if books_minor[f"{world.asset}:deposits"] != there_minor:
        yield f"deposits are {books_minor[f'{world.asset}:deposits']} in the books and {there_minor} on the chain"
    waits_minor = sum(came[o.invoice.address].total_minor for o in orders if _is_undecided(o, came))
    if -books_minor[f"{world.asset}:suspense"] != waits_minor:
        yield f"{-books_minor[f'{world.asset}:suspense']} lies aside in the books, not {waits_minor}"
    for account in (f"{world.asset}:transit", "ITD:receivable"):
        if books_minor[account]:
            yield f"{account} is {books_minor[account]}"
    for gap in await _verified(world):
        yield f"wallet verify: {gap}"
    if alarm := (await world.rail()).alarm:
        yield f"the alarm says {alarm}"


async def _verified(world: World, tries: int = 3) -> Sequence[str]:
    """What ``wallet verify`` finds; a node that has too much to do to answer is asked again."""
    try:
        async with chains_to_verify(world.ports.settings) as chains:
            return (await verify_books(world.ports, chains)).gaps
    except Unavailable:
        if tries == 1:
            raise
    await asyncio.sleep(_AGAIN_SECONDS)
    return await _verified(world, tries - 1)


def _is_undecided(order: Order, came: Mapping[str, Came]) -> bool:
    return order.choice is None and bool(outcome_of(order, came[order.invoice.address]).aside_minor)
