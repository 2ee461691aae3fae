"""Work for a worker: payouts and payments of every kind, with what must become of each in the end."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from tests.faults.points import Needs
from tests.faults.verdict import Verdict
from tests.faults.world import ITD, PERSON, RATE_MINOR, World
from wallet_core.domain.changes import Insert
from wallet_core.domain.hold import Hold, HoldState
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.movements import hold_opened, purchase_held
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.quote import coins_out

_HELD_MINOR: Final = 50 * ITD
#: Fewer than a person's payouts and purchases of a day.
_WITHDRAWALS_EACH: Final = 20
_RAN_AWAY: Final = 4


@dataclass
class Feed:
    """What was asked of the wallet so far."""

    world: World
    paid: list[Withdrawal] = field(default_factory=list)
    tampered: list[Withdrawal] = field(default_factory=list)
    requoted: list[Withdrawal] = field(default_factory=list)
    #: Invoices, and the state that each must end in.
    invoices: list[tuple[Invoice, InvoiceState]] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    _people: itertools.count[int] = field(default_factory=lambda: itertools.count(PERSON))
    _left: int = 0
    _person: int = PERSON
    _index: int = 0

    async def serve(self, needs: Needs) -> None:
        """A plain payout, and whatever else is needed."""
        await self.payouts(1)
        if needs & Needs.REQUOTE:
            await self.quotes_that_ran_out()
        if needs & Needs.TAMPERING:
            self.tampered += await self._queue(1, mac="0" * 64)
        if needs & Needs.STRAY:
            await self.strays()
        if needs & Needs.PURCHASES and self.world.asset is Asset.ETH:
            await self.purchases()
        if needs & Needs.USED_UP:
            await self.world.set_rail(watched_through=self._index - 1)

    async def payouts(self, count: int) -> None:
        """Payouts that are paid."""
        self.paid += await self._queue(count)

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
        """Invoices paid in time, too late and never; one with held money; a hold that nobody resumes."""
        await self._somebody(3)
        world = self.world
        long_ago = await world.ports.store.now() - timedelta(days=1)
        in_time, late = await self._invoice(), await self._invoice(expires_at=long_ago)
        await self._invoice(InvoiceState.EXPIRED, expires_at=long_ago)
        await self._with_held_money()
        self.holds.append(await self._hold_whose_time_is_over())
        scanned = max((await world.rail()).scanned_height, await world.chain.height())
        await world.set_rail(next_index=self._index, scanned_height=scanned)
        for invoice in (in_time, late):
            await world.node.send(invoice.address, invoice.coin_minor)
        # Final at once: what is done to the newest blocks and to pools must not be done to people's own payments.
        await world.chain.mine(world.final_depth + 1)

    async def is_done(self) -> bool:
        """Whether everything has come to its end, and no batch is under way."""
        world = self.world
        if await world.in_flight() or (await world.states(*self.paid))[PayoutState.SETTLED] != len(self.paid):
            return False
        if self.requoted and (await world.states(*self.requoted))[PayoutState.RETURNED] != len(self.requoted):
            return False
        return not await self.unfinished()

    async def unfinished(self) -> list[str]:
        """Invoices and holds that are not as they must be."""
        store, wrong = self.world.ports.store, []
        for invoice, state in self.invoices:
            present = await store.get(Invoice, invoice.id)
            if present is None or present.state is not state or present.held_minor:
                wrong.append(f"invoice {invoice.id} is {present.state if present else 'gone'}, not {state}")
        for hold in self.holds:
            found = await store.get(Hold, hold.id)
            if found is None or found.state is not HoldState.EXPIRED:
                wrong.append(f"hold {hold.id} is not over")
        return wrong

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
        verdict = await self.world.check(self.paid, still_held_minor=still_held_minor)
        verdict.gaps += await self.unfinished()
        rail = await self.world.rail()
        if rail.alarm:
            verdict.gaps.append(f"the alarm says {rail.alarm}")
        return verdict

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

    async def _with_held_money(self) -> None:
        """As if a payment of yesterday had been above the limit of that day."""
        coin_minor = coins_out(_HELD_MINOR, RATE_MINOR, Asset.ETH)
        received = {"received_minor": coin_minor, "coin_minor": coin_minor, "held_minor": _HELD_MINOR}
        invoice = await self._invoice(state=InvoiceState.CREDITED, **received)
        await self.world.node.set_balance(invoice.address, coin_minor)
        entries = purchase_held(
            self._person, Asset.ETH, coin_minor=coin_minor, itd_minor=_HELD_MINOR, fee_minor=0, rate_minor=RATE_MINOR
        )
        await self.world.ports.ledger.post(Posting(f"test:held:{invoice.id}", "held", "test", entries=entries))
