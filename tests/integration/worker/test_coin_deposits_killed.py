"""A worker that dies at any call of the deposit watchers, on a real node: each payment is credited exactly once."""

from __future__ import annotations

import pytest

from payout_worker.failpoints import declared
from tests.faults.coin_chain import CoinChain
from tests.faults.world import ITD, World
from tests.integration.worker.inside import Inside, open_inside
from tests.support.coin_chains import always_on
from wallet_core.domain.accounts import available
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.use_cases.verify_books import verify_books

_MODULES = ("arrivals", "coin_deposits", "credit", "take_back", "too_small", "window")
POINTS = {point for point in declared() if point.partition(":")[0] in _MODULES}
#: What is not on this way: late payments, forgotten ones, money that was spent, and the first window.
ELSEWHERE = {
    "credit:rates.rate", "coin_deposits:store.now", "take_back:store.now", "window:ledger.post", "window:node.heights",
}  # fmt: skip
#: What one worker did before it died, the next does not do again, so a later point has to be come to with another.
_INVOICES = 3
_PERSON = 100


class Killed(BaseException):
    """As a SIGKILL: no code of the worker hears of it."""


class Killer:
    """Ends a worker at the first point at which none was ended since the chain changed last."""

    def __init__(self) -> None:
        self.now: set[str] = set()
        self.ever: set[str] = set()

    def __call__(self, point: str) -> None:
        if point in POINTS and point not in self.now:
            self.now.add(point)
            self.ever.add(point)
            raise Killed(point)

    async def kill(self, inside: Inside, blocks: int = 0) -> None:
        """Worker after worker dies after these blocks, each at its own point, until one comes to its pass's end."""
        self.now.clear()
        if blocks:
            await inside.world.chain.mine(blocks)
        while await self._dies(await inside.started_again()):
            pass

    async def _dies(self, inside: Inside) -> bool:
        try:
            await inside.look()
        except Killed:
            return True
        return False


@pytest.fixture(params=always_on(Asset.LTC))
def asset(request: pytest.FixtureRequest) -> Asset:
    """Both chains of coins."""
    return Asset(request.param)


async def test_killed_at_every_point_of_every_step_a_payment_is_credited_exactly_once(world: World) -> None:
    killer = Killer()
    await world.person(0, person=_PERSON)
    async with open_inside(world) as inside:
        await inside.look()
    await world.set_rail(next_index=_INVOICES)
    invoices = [await world.invoice(index, person=_PERSON) for index in range(_INVOICES)]
    async with open_inside(world, on_point=killer) as inside:
        await _live(inside, invoices, killer)
    await _each_is_credited_once(world, invoices)
    assert {point.rpartition(":")[0] for point in POINTS - killer.ever} <= ELSEWHERE


async def _live(inside: Inside, invoices: list[Invoice], killer: Killer) -> None:
    """Dust, then the rest of the orders; both are credited, leave the chain, and come again."""
    chain = inside.world.chain
    assert isinstance(chain, CoinChain)
    dust = invoices[0].coin_minor // 500
    for coin_minor in (dust, invoices[0].coin_minor - dust):
        for invoice in invoices:
            await chain.keeper.send(invoice.address, coin_minor)
        await killer.kill(inside, blocks=1)
        await killer.kill(inside, blocks=1)
    await _each_is_credited_once(inside.world, invoices)
    await chain.reorganise(2)
    await killer.kill(inside)
    assert [(await inside.invoice(invoice)).received_minor for invoice in invoices] == [dust] * len(invoices)
    assert await inside.world.balance(available(_PERSON).id) == pytest.approx(len(invoices) * ITD // 5, abs=10)
    await killer.kill(inside, blocks=1)
    await killer.kill(inside, blocks=1)


async def _each_is_credited_once(world: World, invoices: list[Invoice]) -> None:
    for invoice in invoices:
        found = await world.ports.store.get(Invoice, invoice.id)
        assert found is not None
        assert (found.state, found.received_minor, found.aside_minor, found.pending_minor) == (
            InvoiceState.CREDITED, invoice.coin_minor, 0, 0,
        )  # fmt: skip
        assert found.credited_minor == pytest.approx(100 * ITD, abs=200)
    states = [payment.state for payment in await world.ports.store.find(Payment, {}, limit=1_000)]
    assert states == [PaymentState.CREDITED] * (2 * len(invoices))
    gained = await world.balance(available(_PERSON).id)
    assert gained == pytest.approx(100 * ITD * len(invoices), abs=200 * len(invoices))
    assert [gap for gap in (await verify_books(world.ports, {})).gaps if "deposits" not in gap] == []
