"""Everything that a worker can meet, at once: so that a run of it passes every failpoint of the source."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from tests.faults.verdict import Verdict
from tests.faults.world import ITD, PERSON, RATE_MINOR, World
from wallet_core.domain.changes import Insert
from wallet_core.domain.hold import Hold, HoldState
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.movements import hold_opened, purchase_held
from wallet_core.domain.payout import Attempt, Batch, BatchState, Lease, PayoutState, Withdrawal
from wallet_core.domain.purchase import Invoice, InvoiceState, Rail
from wallet_core.domain.quote import coins_out

#: After these points nothing happens but when a settled block leaves the chain.
NEEDS_DEEP_REORG = "settled:node.inclusion"
_HELD_MINOR = 50 * ITD
_TURNS_PER_BLOCK = 5


@dataclass
class Scenario:
    """What was set up, and with it what must have become of it."""

    world: World
    paid: list[Withdrawal]
    tampered: Withdrawal
    requoted: Withdrawal
    in_time: Invoice
    late: Invoice
    unpaid: Invoice
    held: Invoice
    forgotten: Hold
    #: Whether settled blocks leave the chain; fees are others afterwards, so the books differ from the chain by them.
    deep_reorg: bool
    dropped: bool = False

    async def is_done(self) -> bool:
        """Whether everything has come to its end."""
        store = self.world.ports.store
        if (await self.world.states(*self.paid))[PayoutState.SETTLED] != len(self.paid):
            return False
        if (await self.world.states(self.requoted))[PayoutState.RETURNED] != 1:
            return False
        ended = [(i.state, i.held_minor) for i in await store.find(Invoice, {}, order_by=("index",))]
        forgotten = await store.get(Hold, self.forgotten.id)
        if forgotten is None or forgotten.state is not HoldState.EXPIRED:
            return False
        wanted = [InvoiceState.CREDITED, InvoiceState.CREDITED, InvoiceState.EXPIRED, InvoiceState.CREDITED]
        return ended == [(state, 0) for state in wanted]

    async def epoch(self) -> int:
        """The present epoch of the lease; 0 before the first."""
        leases = await self.world.ports.store.find(Lease, {})
        return leases[0].epoch if leases else 0

    async def play(self, *, after_epoch: int, seconds: float = 40) -> bool:
        """Mines until it is done and the worker works; False when time is over or the worker has died."""
        for turn in range(int(seconds / 0.1)):
            if self.world.workers[-1].poll() is not None:
                return False
            if await self.is_done() and await self.epoch() > after_epoch:
                return not self.deep_reorg or await self._reorganise()
            await self.drop_one()
            if turn % _TURNS_PER_BLOCK == 0:
                await self.world.node.mine()
            await asyncio.sleep(0.1)
        return False

    async def drop_one(self) -> None:
        """Once in all its lives the worker must find that a transaction of its is neither mined nor waiting."""
        if self.dropped:
            return
        batch = await self.world.ports.store.find(Batch, {"state": BatchState.BROADCAST}, limit=1)
        attempts = await self.world.ports.store.find(Attempt, {"batch": batch[0].id}) if batch else []
        for attempt in attempts:
            # It says null of one that is mined already: then another batch has to do.
            gone = await self.world.node.call("anvil_dropTransaction", attempt.txid)
            self.dropped = gone is not None

    async def _reorganise(self) -> bool:
        """Takes settled blocks out of the chain, once, and waits for the alarm and for the payouts to be back."""
        rail = await self.world.ports.store.get(Rail, Asset.ETH)
        assert rail is not None
        if rail.alarm is None:
            last = (await self.world.ports.store.find(Batch, {}, order_by=("-nonce",), limit=1))[0]
            await self.world.node.reorganise(await self.world.node.height() - (last.height or 0) + 1)
        for _ in range(100):
            if self.world.workers[-1].poll() is not None:
                return False
            rail = await self.world.ports.store.get(Rail, Asset.ETH)
            if rail and rail.alarm and len(await self.world.paid()) == len(self.paid):
                return True
            await self.world.node.mine()
            await asyncio.sleep(0.1)
        return False

    async def verdict(self) -> Verdict:
        """What the chain and the books say in the end."""
        verdict = await self.world.check(self.paid, still_held_minor=self.tampered.total_minor)
        if self.deep_reorg:
            verdict.gaps = [gap for gap in verdict.gaps if "hot wallet" not in gap]
        return verdict


async def set_up(world: World, *, deep_reorg: bool = False) -> Scenario:
    """Payouts: plain ones, one whose quote ran out, one whose price ran away, one tampered with; purchases; a hold."""
    await world.fund()
    await world.person(1_000)
    now = await world.ports.store.now()
    ran_out = {"quoted_until": now - timedelta(minutes=1)}
    plain = await world.queue(2)
    scenario = Scenario(
        world,
        paid=[*plain, *await world.queue(1, **ran_out)],
        tampered=(await world.queue(1, mac="0" * 64))[0],
        requoted=(await world.queue(1, **ran_out, coin_minor=10**16))[0],
        in_time=await world.invoice(0),
        late=await world.invoice(1, expires_at=now - timedelta(days=1)),
        unpaid=await world.invoice(2, expires_at=now - timedelta(days=1)),
        held=await _invoice_with_held_money(world),
        forgotten=await _hold_whose_time_is_over(world),
        deep_reorg=deep_reorg,
    )
    await world.set_rail(next_index=4, scanned_height=await world.node.height())
    await world.node.send(scenario.in_time.address, scenario.in_time.coin_minor)
    await world.node.send(scenario.late.address, scenario.late.coin_minor)
    return scenario


async def _hold_whose_time_is_over(world: World) -> Hold:
    """What an interrupted mass payment leaves when nobody resumes it."""
    now = await world.ports.store.now()
    hold = Hold(id="forgotten", person=PERSON, amount_minor=ITD, left_minor=ITD, expires_at=now - timedelta(minutes=1))
    opened = Posting(
        "forgotten:reserve", "hold_opened", "test", entries=hold_opened(PERSON, ITD), changes=(Insert(hold),)
    )
    await world.ports.ledger.post(opened)
    return hold


async def _invoice_with_held_money(world: World) -> Invoice:
    """As if a payment of yesterday had been above the limit of that day."""
    coin_minor = coins_out(_HELD_MINOR, RATE_MINOR, Asset.ETH)
    invoice = await world.invoice(
        3, state=InvoiceState.CREDITED, held_minor=_HELD_MINOR, received_minor=coin_minor, coin_minor=coin_minor
    )
    await world.node.set_balance(invoice.address, coin_minor)
    entries = purchase_held(
        PERSON, Asset.ETH, coin_minor=coin_minor, itd_minor=_HELD_MINOR, fee_minor=0, rate_minor=RATE_MINOR
    )
    await world.ports.ledger.post(Posting(f"test:held:{invoice.id}", "held", "test", entries=entries))
    return invoice
