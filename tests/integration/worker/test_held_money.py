"""Money above the limit of a day, on the three real chains: held, released on a later day or level, or sent back."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from payout_worker.failpoints import declared
from tests.faults.conftest import CHAINS
from tests.faults.world import ITD, World
from tests.integration.worker.buyer import Buyer, Shared
from tests.integration.worker.inside import open_inside
from wallet_core.domain.case import Case, CaseChoice, CaseKind, CaseState
from wallet_core.domain.errors import AlreadyDone
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import Invoice
from wallet_core.use_cases.show_case import show_case

#: So many blocks are enough for a large payment on every chain, and are not final on those of coins.
_DEEP = 3


@pytest.fixture(params=CHAINS)
def asset(request: pytest.FixtureRequest) -> Asset:
    """All chains."""
    return Asset(request.param)


async def _above(buyer: Buyer, times: int = 2) -> tuple[Invoice, str]:
    """So many times an order of 500 ITD, which is the limit of a day: the invoice, and the payment's transaction."""
    await buyer.level(1)
    invoice = await buyer.invoice(500)
    txid = await buyer.pay(invoice, times * invoice.coin_minor)
    await buyer.look(_DEEP)
    await buyer.held_is_looked_at()
    return invoice, txid


async def _case(buyer: Buyer) -> Case:
    (case,) = await buyer.cases(kind=CaseKind.ABOVE_LIMIT)
    return case


async def test_what_is_above_the_limit_is_held_and_shown_at_the_desk_and_released_on_a_later_day(buyer: Buyer) -> None:
    await _above(buyer)
    near = pytest.approx(500 * ITD, abs=buyer.slack)
    assert await buyer.has() == (500 * ITD, near)
    assert (await buyer.steps())[-1] == "held"
    case = await _case(buyer)
    assert (case.state, case.facts["held_minor"], case.coin_minor) == (CaseState.OPEN, near, 0)
    await buyer.a_new_day()
    await buyer.held_is_looked_at()
    assert await buyer.has() == (pytest.approx(1_000 * ITD, abs=buyer.slack), 0)
    assert (await buyer.steps())[-1] == "credited"
    assert ((await _case(buyer)).state, (await _case(buyer)).choice) == (CaseState.CLOSED, None)
    assert [notice.facts["state"] for notice in await buyer.told("case", buyer.desk.admin)] == ["open", "closed"]


async def test_what_is_above_the_limit_is_released_at_the_next_level(buyer: Buyer) -> None:
    await _above(buyer)
    await buyer.level(2)
    await buyer.held_is_looked_at()
    assert await buyer.has() == (pytest.approx(1_000 * ITD, abs=buyer.slack), 0)
    assert (await _case(buyer)).state is CaseState.CLOSED


async def test_more_than_a_days_limit_is_released_day_by_day(buyer: Buyer) -> None:
    await _above(buyer, 4)
    for expected in (1_000, 1_500, 2_000):
        await buyer.a_new_day()
        await buyer.held_is_looked_at()
        assert (await buyer.has())[0] == pytest.approx(expected * ITD, abs=2 * buyer.slack)


async def test_a_late_payment_above_the_limit_is_held_whole_and_sent_back_whole(buyer: Buyer) -> None:
    long_ago = await buyer.inside.ports.store.now() - timedelta(hours=1)
    await buyer.level(1)
    invoice = await buyer.invoice(450, expires_at=long_ago)
    await buyer.look(1)
    await buyer.invoice(500)
    await buyer.arrived(invoice)
    await buyer.held_is_looked_at()
    assert await buyer.has() == (0, pytest.approx(450 * ITD, abs=buyer.slack))
    decided = await buyer.desk.decide(await _case(buyer), CaseChoice.REFUND)
    assert (await buyer.has(), decided.coin_minor) == ((0, 0), invoice.coin_minor)
    left = await buyer.now(invoice)
    assert (left.received_minor, left.booked_fee_minor, left.aside_minor) == (0, 0, invoice.coin_minor)
    await buyer.desk.decide(decided, CaseChoice.CLOSE)
    assert await buyer.has() == (0, pytest.approx(450 * ITD, abs=buyer.slack))


async def test_what_is_above_the_limit_is_sent_back_from_the_desk_and_the_person_sees_it(buyer: Buyer) -> None:
    invoice, txid = await _above(buyer)
    row = await show_case(buyer.desk.ports, Caller(buyer.desk.admin), (await _case(buyer)).id)
    assert row.choices == (CaseChoice.REFUND, CaseChoice.CLOSE)
    aside_minor = await buyer.world.balance(f"{buyer.asset}:suspense")
    case = await buyer.desk.decide(row.case, CaseChoice.REFUND)
    assert case.coin_minor == pytest.approx(invoice.coin_minor, abs=1)
    assert await buyer.world.balance(f"{buyer.asset}:suspense") - aside_minor == case.coin_minor
    assert (await buyer.has(), (await buyer.steps())[-1]) == ((500 * ITD, 0), "refund")
    await buyer.books_are_right()
    await buyer.look(2)
    refund = await buyer.desk.ask_back(case, buyer.world.chain.fresh_address())
    assert refund.coin_minor == case.coin_minor - refund.withheld_minor == (row.refund_minor or 0)
    await buyer.settle()
    assert (await buyer.inside.withdrawal(refund)).state is PayoutState.SETTLED
    assert (await buyer.world.paid())[refund.address] == [refund.coin_minor]
    assert await buyer.world.balance(f"{buyer.asset}:suspense") == aside_minor
    assert ((await _case(buyer)).state, (await buyer.steps())[-1]) == (CaseState.CLOSED, "refunded")
    found = await buyer.looked_up(txid)
    assert found.case is not None and found.case.id == case.id
    # Nothing of it comes back on a later day, and the desk hears no more of it.
    await buyer.a_new_day()
    await buyer.held_is_looked_at()
    assert (await buyer.has(), len(await buyer.cases())) == ((500 * ITD, 0), 1)


async def test_held_money_that_an_admin_leaves_where_it_is_is_released_as_ever(buyer: Buyer) -> None:
    await _above(buyer)
    case = await buyer.desk.decide(await _case(buyer), CaseChoice.REFUND)
    await buyer.desk.decide(case, CaseChoice.CLOSE)
    assert await buyer.has() == (500 * ITD, pytest.approx(500 * ITD, abs=buyer.slack))
    assert (await buyer.steps())[-1] == "held"
    await buyer.held_is_looked_at()
    assert (await _case(buyer)).state is CaseState.CLOSED
    await buyer.a_new_day()
    await buyer.held_is_looked_at()
    assert await buyer.has() == (pytest.approx(1_000 * ITD, abs=buyer.slack), 0)


async def test_what_is_released_meanwhile_is_not_sent_back(buyer: Buyer) -> None:
    await _above(buyer)
    case = await _case(buyer)
    await buyer.a_new_day()
    await buyer.held_is_looked_at()
    with pytest.raises(AlreadyDone):
        await buyer.desk.decide(case, CaseChoice.REFUND)
    assert await buyer.has() == (pytest.approx(1_000 * ITD, abs=buyer.slack), 0)


@pytest.mark.parametrize("is_queued", [False, True], ids=["asked for an address", "queued"])
async def test_held_money_on_its_way_back_is_held_again_and_taken_back_when_its_payment_leaves_the_chain(
    buyer: Buyer, is_queued: bool
) -> None:
    invoice, _ = await _above(buyer)
    aside_minor = await buyer.world.balance(f"{buyer.asset}:suspense")
    case = await buyer.desk.decide(await _case(buyer), CaseChoice.REFUND)
    refund = await buyer.desk.ask_back(case, buyer.world.chain.fresh_address()) if is_queued else None
    await buyer.world.chain.reorganise(_DEEP)
    await buyer.look()
    assert (await buyer.has(), (await buyer.now(invoice)).received_minor) == ((0, 0), 0)
    assert await buyer.world.balance(f"{buyer.asset}:suspense") == aside_minor
    assert ((await _case(buyer)).state, (await _case(buyer)).choice) == (CaseState.CLOSED, None)
    assert "reversed" in await buyer.steps()
    if refund is not None:
        assert (await buyer.inside.withdrawal(refund)).state is PayoutState.CANCELLED


class Killed(BaseException):
    """As a SIGKILL: no code of the worker hears of it."""


async def _dies_at(point: str, world: World, shared: Shared) -> bool:
    """A worker lives until it comes to a point; tells whether it did."""

    def kill(passed: str) -> None:
        if passed == point:
            raise Killed(point)

    async with open_inside(world, on_point=kill) as inside:
        shared.inside = inside
        with suppress(Killed):
            await inside.look()
            return False
    return True


@pytest.mark.parametrize("asset", [Asset.BTC, Asset.ETH])
async def test_killed_at_any_point_a_case_about_held_money_opens_and_ends_once(world: World) -> None:
    points = [point for point in declared() if point.partition(":")[0] in ("above_limit", "case_lapse")]
    # Before one call and after the next, on one chain, and the other way round on the other.
    points = [point for place, point in enumerate(points) if (place + 1) // 2 % 2 == (world.asset is Asset.ETH)]
    shared, missed = Shared(), set[str]()
    for point in points:
        async with open_inside(world) as inside:
            shared.inside = inside
            await inside.look()
            buyer = await Buyer.enrolled(shared)
            await buyer.level(1)
            invoice = await buyer.invoice(500)
            await buyer.pay(invoice, 2 * invoice.coin_minor)
            await world.chain.mine(_DEEP)
            await inside.look()
        opened = await _dies_at(point, world, shared)
        async with open_inside(world) as inside:
            shared.inside = inside
            await inside.look()
            case = await buyer.desk.decide(await _case(buyer), CaseChoice.REFUND)
            await buyer.desk.ask_back(case, world.chain.fresh_address())
            await world.chain.reorganise(_DEEP)
        lapsed = await _dies_at(point, world, shared)
        missed |= set() if opened or lapsed else {point}
        async with open_inside(world) as inside:
            shared.inside = inside
            await inside.look()
            assert (await buyer.now(invoice)).received_minor == 0, point
            assert ((await _case(buyer)).state, (await buyer.has())) == (CaseState.CLOSED, (0, 0)), point
            assert await world.balance(f"{world.asset}:suspense") == 0, point
            await buyer.books_are_right()
            await buyer.ends()
    assert missed == set()
