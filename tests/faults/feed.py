"""Work for a worker: payouts and payments of every kind, with what must become of each in the end."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from tests.faults.points import Needs
from tests.faults.purchases.orders import DUST_MINOR
from tests.faults.verdict import Verdict
from tests.faults.world import ITD, PERSON, RATE_MINOR, World
from tests.support.deposits import credited
from tests.support.levels import refill
from wallet_core.adapters.chains.bitcoin_like_node import BitcoinLikeNode
from wallet_core.domain.accounts import Account, available
from wallet_core.domain.case import Case, CaseKind
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.debt import owing
from wallet_core.domain.guards import Guards
from wallet_core.domain.hold import Hold, HoldState
from wallet_core.domain.kyc import BUILT_IN_LEVELS, LEVELS, Operation, TakeLimit, day_of
from wallet_core.domain.ledger import Posting, credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.movements import hold_opened
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.quote import coins_out

_HELD_MINOR: Final = 50 * ITD
#: Fewer than a person's payouts and purchases of a day.
_WITHDRAWALS_EACH: Final = 20
_RAN_AWAY: Final = 4
_FIRST_WINDOW: Final = 400
#: PUSH0 PUSH0 REVERT
_TAKES_NOTHING: Final = "0x5f5ffd"
#: A tenth of a coin.
_DEPOSIT_MINOR: Final = {Asset.BTC: 10**7, Asset.LTC: 10**7, Asset.ETH: 10**17}


@dataclass
class Feed:
    """What was asked of the wallet so far."""

    world: World
    paid: list[Withdrawal] = field(default_factory=list)
    tampered: list[Withdrawal] = field(default_factory=list)
    requoted: list[Withdrawal] = field(default_factory=list)
    #: Whose addresses take nothing any more once they are in a batch.
    failing: list[Withdrawal] = field(default_factory=list)
    #: Invoices, and the state that each must end in.
    invoices: list[tuple[Invoice, InvoiceState]] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    #: Invoices whose payment is too small, and with money above their people's limit, as they must stay.
    too_small: list[Invoice] = field(default_factory=list)
    above_limit: list[Invoice] = field(default_factory=list)
    #: Who owed something and had it.
    owing: list[int] = field(default_factory=list)
    #: Deposits that were credited and may be swept.
    deposits: list[Invoice] = field(default_factory=list)
    _people: itertools.count[int] = field(default_factory=lambda: itertools.count(PERSON))
    _left: int = 0
    _person: int = PERSON
    _index: int = 0

    async def serve(self, needs: Needs) -> None:
        """A plain payout, or a few for the contract, and whatever else is needed."""
        await self.payouts(2 if "ETH_MULTISEND_ADDRESS" in self.world.environment else 1)
        if needs & Needs.FAILING:
            self.failing += await self._queue(1)
        if needs & Needs.REQUOTE:
            await self.quotes_that_ran_out()
        if needs & Needs.TAMPERING:
            self.tampered += await self._queue(1, mac="0" * 64)
        if needs & Needs.STRAY:
            await self.strays()
        if needs & Needs.PURCHASES:
            await self.purchases()
        if needs & Needs.SWEEPS:
            await self.sweepable()
        if needs & Needs.LEVELS:
            await refill(self.world)
            await self.world.set_rail(short_minor=1, shortages=1)
        if needs & Needs.USED_UP:
            await self.world.set_rail(watched_through=self._index - 1)

    async def payouts(self, count: int) -> None:
        """Payouts that are paid."""
        self.paid += await self._queue(count)

    async def harm(self) -> None:
        """Those that were simulated, and are in a batch, become code that takes nothing."""
        for payout in self.failing:
            present = await self.world.ports.store.get(Withdrawal, payout.id)
            if present is not None and present.state is PayoutState.BATCHED:
                await self.world.node.call("anvil_setCode", payout.address, _TAKES_NOTHING)

    async def strays(self) -> None:
        """One of which somebody wrote that it is in a batch. Its money stays held."""
        (stray,) = await self._queue(1, state=PayoutState.BATCHED, batch="nowhere")
        self.tampered.append(stray)

    async def quotes_that_ran_out(self) -> None:
        """One that is still paid, and one whose price ran away, so that it is returned."""
        ran_out = {"quoted_until": await self.world.ports.store.now() - timedelta(minutes=1)}
        self.paid += await self._queue(1, **ran_out)
        promised = coins_out(ITD, RATE_MINOR, self.world.asset) * _RAN_AWAY
        self.requoted += await self._queue(1, **ran_out, coin_minor=promised)

    async def purchases(self) -> None:
        """Invoices paid in time, too late, too little and never; held money; a debt; a hold that nobody resumes."""
        await self._somebody(3)
        await self._watched()
        world = self.world
        long_ago = await world.ports.store.now() - timedelta(days=1)
        in_time, late = await self._invoice(), await self._invoice(expires_at=long_ago)
        await self._invoice(InvoiceState.EXPIRED, expires_at=long_ago)
        self.too_small.append(await self._invoice(InvoiceState.OPEN))
        self.invoices.append((await self._with_held_money(self._person), InvoiceState.CREDITED))
        # Who gets no credit meanwhile, which would repay what is owed.
        buys_no_more = await self._who_may_buy_no_more()
        self.above_limit.append(await self._with_held_money(buys_no_more))
        await self._lend(buys_no_more)
        self.holds.append(await self._hold_whose_time_is_over())
        await world.set_rail(next_index=self._index)
        for invoice in (in_time, late):
            await world.chain.pay(invoice.address, invoice.coin_minor)
        await world.chain.pay(self.too_small[-1].address, DUST_MINOR[world.asset])
        # Final at once: what is done to the newest blocks and to pools must not be done to people's own payments.
        await world.chain.mine(world.final_depth + 1)

    async def sweepable(self) -> None:
        """A deposit that was credited long ago."""
        await self._somebody(1)
        coin_minor = _DEPOSIT_MINOR[self.world.asset] + self._index
        self.deposits.append(await credited(self.world, self._index, coin_minor, person=self._person))
        self._index += 1

    async def is_done(self) -> bool:
        """Whether everything has come to its end, and no batch is under way."""
        world = self.world
        if await world.in_flight() or (await world.states(*self.paid))[PayoutState.SETTLED] != len(self.paid):
            return False
        if self.requoted and (await world.states(*self.requoted))[PayoutState.RETURNED] != len(self.requoted):
            return False
        states = await world.states(*self.failing) if self.failing else Counter[PayoutState]()
        if states[PayoutState.RETURNED] + states[PayoutState.SETTLED] != len(self.failing):
            return False
        return not await self.unfinished()

    async def unfinished(self) -> list[str]:
        """Invoices, holds and debts that are not as they must be."""
        store, wrong = self.world.ports.store, [gap async for gap in self._undecided()]
        for invoice, state in self.invoices:
            present = await store.get(Invoice, invoice.id)
            if present is None or present.state is not state or present.held_minor:
                wrong.append(f"invoice {invoice.id} is {present.state if present else 'gone'}, not {state}")
        for hold in self.holds:
            found = await store.get(Hold, hold.id)
            if found is None or found.state is not HoldState.EXPIRED:
                wrong.append(f"hold {hold.id} is not over")
        guards = await store.find(Guards, {"_id": tuple(self.owing)}, limit=len(self.owing)) if self.owing else []
        return wrong + [f"{found.id} owes {found.debt_minor}" for found in guards if found.debt_minor]

    async def _undecided(self) -> AsyncIterator[str]:
        """What no rule decides stands as one case, and nothing of it is credited."""
        kinds = ((self.too_small, CaseKind.TOO_SMALL), (self.above_limit, CaseKind.ABOVE_LIMIT))
        for invoice, kind in [(invoice, kind) for invoices, kind in kinds for invoice in invoices]:
            present = await self.world.ports.store.get(Invoice, invoice.id)
            cases = await self.world.ports.store.count(Case, {"invoice": invoice.id, "kind": kind})
            if present is None or cases != 1:
                yield f"there are {cases} cases of {kind} about invoice {invoice.id}"
            elif not present.aside_minor + present.held_minor:
                yield f"nothing lies aside or is held for invoice {invoice.id}"

    async def finish(self, seconds: float = 60) -> bool:
        """Mines until everything has come to its end; False when time is over."""
        for _ in range(int(seconds / 0.2)):
            if await self.is_done():
                return True
            await self.world.chain.mine()
            await asyncio.sleep(0.2)
        return False

    async def verdict(self) -> Verdict:
        """What the chain and the books say in the end."""
        still_held_minor = sum(withdrawal.total_minor for withdrawal in self.tampered)
        still_held_minor += _HELD_MINOR * len(self.above_limit)
        paid = [*self.paid, *[payout for payout in self.failing if await self._was_too_fast(payout)]]
        verdict = await self.world.check(paid, still_held_minor=still_held_minor)
        verdict.gaps += await self.unfinished() + [gap async for gap in self._lost_deposits()]
        rail = await self.world.rail()
        if rail.alarm:
            verdict.gaps.append(f"the alarm says {rail.alarm}")
        return verdict

    async def _was_too_fast(self, payout: Withdrawal) -> bool:
        """Whether it was paid before its address could take nothing any more."""
        present = await self.world.ports.store.get(Withdrawal, payout.id)
        return present is not None and present.state is PayoutState.SETTLED

    async def _lost_deposits(self) -> AsyncIterator[str]:
        """What is not at its address must have been swept, and is in the books so."""
        for deposit in self.deposits:
            there_minor = await self.world.chain.balance(deposit.address)
            now = await self.world.ports.store.get(Invoice, deposit.id)
            if now is None or now.received_minor != deposit.received_minor:
                yield f"deposit {deposit.id} was {deposit.received_minor}, and is {now and now.received_minor}"
            elif now.received_minor - now.swept_minor != there_minor:
                yield f"deposit {deposit.id} has {there_minor} of {now.received_minor}, and {now.swept_minor} is swept"

    async def _queue(self, count: int, **fields: object) -> list[Withdrawal]:
        await self._somebody(count)
        return await self.world.queue(count, itd=1, person=self._person, **fields)

    async def _somebody(self, count: int) -> None:
        """Somebody with so many left of what a person may do in a day."""
        if self._left < count:
            self._person, self._left = next(self._people), max(count, _WITHDRAWALS_EACH)
            await self.world.person(10_000, person=self._person)
        self._left -= count

    async def _invoice(self, ends: InvoiceState = InvoiceState.CREDITED, **fields: object) -> Invoice:
        invoice = await self.world.invoice(self._index, itd=10, person=self._person, **fields)
        self._index += 1
        self.invoices.append((invoice, ends))
        return invoice

    async def _hold_whose_time_is_over(self) -> Hold:
        """What an interrupted mass payment leaves when nobody resumes it."""
        before = await self.world.ports.store.now() - timedelta(minutes=1)
        hold = Hold(id=secrets.token_hex(8), person=self._person, amount_minor=ITD, left_minor=ITD, expires_at=before)
        entries = hold_opened(self._person, ITD)
        opened = Posting(f"{hold.id}:reserve", "hold_opened", "test", entries=entries, changes=(Insert(hold),))
        await self.world.ports.ledger.post(opened)
        return hold

    async def _lend(self, person: int) -> None:
        """As if a payment had been taken back that was spent, and money had come since then."""
        entries = (debit(Account(Asset.ITD, "receivable"), ITD), credit(available(person), ITD))
        owed = Posting(f"test:owed:{person}", "owed", "test", entries, (owing(person, ITD),))
        await self.world.ports.ledger.post(owed)
        self.owing.append(person)

    async def _who_may_buy_no_more(self) -> int:
        """Somebody whose purchases of today are as much as a person of their level may buy."""
        person, level = next(self._people), 1
        await self.world.person(0, person=person, level=level)
        most, day = LEVELS[level][Operation.PURCHASE].amount_minor, day_of(await self.world.ports.store.now())
        # Their next invoice is of one ITD.
        taken = TakeLimit(person, Operation.PURCHASE, most - ITD, day, BUILT_IN_LEVELS)
        await self.world.ports.ledger.post(Posting(f"test:bought:{person}", "bought", "test", changes=(taken,)))
        return person

    async def _with_held_money(self, person: int) -> Invoice:
        """As if a payment of yesterday had been above the limit of that day."""
        coin_minor = coins_out(_HELD_MINOR, RATE_MINOR, self.world.asset) + 1
        invoice = await credited(self.world, self._index, coin_minor, person=person)
        self._index += 1
        is_credited = frozenset({InvoiceState.CREDITED})
        moved = Move(Invoice, invoice.id, is_credited, InvoiceState.CREDITED, {"held_minor": _HELD_MINOR})
        entries = hold_opened(person, _HELD_MINOR)
        held = Posting(f"test:held:{invoice.id}", "held", "test", entries=entries, changes=(moved,))
        await self.world.ports.ledger.post(held)
        return invoice

    async def _watched(self) -> None:
        """No address is given to anybody before it is watched, as a worker's first pass does it."""
        world = self.world
        if world.asset is Asset.ETH or (await world.rail()).watched_through >= 0:
            return
        addresses, last = world.ports.addresses[world.asset], _FIRST_WINDOW
        node = BitcoinLikeNode.of(world.ports.settings.coins(world.asset))
        await node.watch_range(addresses.descriptor(), 0, last, addresses.deposit(last), None)
        await node.close()
        await world.set_rail(watched_through=last, watched_from=await world.chain.height())
