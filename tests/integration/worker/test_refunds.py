"""Payments that are too small, on real nodes: their cases, and refunds that leave once and by their case alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.conftest import CHAINS
from tests.faults.world import ITD
from tests.integration.worker.buyer import Buyer
from tests.support.coin_chains import always_on
from wallet_core.domain.case import Case, CaseChoice, CaseState
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import Invoice
from wallet_core.use_cases.cancel_withdrawal import cancel_withdrawal
from wallet_core.use_cases.quote_refund import quote_refund
from wallet_core.use_cases.request_refund import request_refund

#: Worth 0.8 ITD at the tests' rate of 2,500 ITD a coin.
_DUST = {Asset.BTC: 32_000, Asset.LTC: 32_000, Asset.ETH: 32 * 10**13}
_COINS = pytest.mark.parametrize("asset", always_on(Asset.LTC))
_ETHER = pytest.mark.parametrize("asset", [Asset.ETH])
_EITHER = pytest.mark.parametrize("asset", [Asset.BTC, Asset.ETH])


@pytest.fixture(params=CHAINS)
def asset(request: pytest.FixtureRequest) -> Asset:
    """All chains, unless a test names some."""
    return Asset(request.param)


async def _dust(buyer: Buyer) -> tuple[Invoice, Case]:
    """A payment of dust that is credited or not by now, and the case that comes of it."""
    invoice = await buyer.invoice()
    await buyer.arrived(invoice, _DUST[buyer.asset])
    (case,) = await buyer.cases()
    return invoice, case


async def _now(buyer: Buyer, case: Case) -> Case:
    found = await buyer.inside.ports.store.get(Case, case.id)
    assert found is not None
    return found


async def _aside(buyer: Buyer) -> int:
    return await buyer.world.balance(f"{buyer.asset}:suspense")


async def _documents(buyer: Buyer, refund: Withdrawal) -> dict[str, dict[str, Any]]:
    """The refund and its case as they are stored now."""
    names, database = ("withdrawals", "cases"), buyer.world.database
    found = {name: await database[name].find_one({"_id": refund.id}) for name in names}
    return {name: document for name, document in found.items() if document is not None}


async def _written(buyer: Buyer, documents: dict[str, dict[str, Any]]) -> None:
    """As somebody does who may write into the database."""
    for name, document in documents.items():
        await buyer.world.database[name].replace_one({"_id": document["_id"]}, document)


async def _refunding(buyer: Buyer) -> tuple[Case, Withdrawal]:
    """Its payment is final, and the refund queued."""
    _, case = await _dust(buyer)
    await buyer.look(2)
    case = await buyer.desk.decide(case, CaseChoice.REFUND)
    return case, await buyer.desk.ask_back(case, buyer.world.chain.fresh_address())


async def test_dust_goes_back_once_and_the_books_balance(buyer: Buyer) -> None:
    before_minor, dust_minor = await _aside(buyer), _DUST[buyer.asset]
    case, refund = await _refunding(buyer)
    assert await _aside(buyer) - before_minor == dust_minor == refund.coin_minor + refund.withheld_minor
    await buyer.inside.pay()
    assert (await buyer.inside.withdrawal(refund)).state is PayoutState.BATCHED
    await buyer.settle()
    assert (await buyer.inside.withdrawal(refund)).state is PayoutState.SETTLED
    ended = await _now(buyer, case)
    assert (ended.state, ended.choice) == (CaseState.CLOSED, CaseChoice.REFUND)
    assert await _aside(buyer) == before_minor
    assert (await buyer.world.paid())[refund.address] == [refund.coin_minor]
    assert (await buyer.steps())[-1] == "refunded"
    assert await buyer.has() == (0, 0)


async def test_the_rest_makes_all_of_it_count(buyer: Buyer) -> None:
    invoice, case = await _dust(buyer)
    await buyer.desk.decide(case, CaseChoice.ASK_REST)
    await buyer.arrived(invoice, invoice.coin_minor - _DUST[buyer.asset])
    assert (await _now(buyer, case)).state is CaseState.CLOSED
    paid = await buyer.now(invoice)
    assert (paid.received_minor, paid.aside_minor) == (invoice.coin_minor, 0)
    # Each payment is rounded down by itself.
    assert 100 * ITD - 2 <= (await buyer.has())[0] <= 100 * ITD


async def test_a_credit_at_the_desk_is_seen_by_the_worker(buyer: Buyer) -> None:
    invoice, case = await _dust(buyer)
    await buyer.desk.decide(case, CaseChoice.CREDIT)
    await buyer.look(4)
    paid = await buyer.now(invoice)
    assert (paid.received_minor, paid.aside_minor) == (_DUST[buyer.asset], 0)
    assert await buyer.has() == (800_000 * 100 // 101, 0)
    assert len(await buyer.cases()) == 1


@_COINS
async def test_what_is_not_final_yet_waits(buyer: Buyer) -> None:
    _, case = await _dust(buyer)
    case = await buyer.desk.decide(case, CaseChoice.REFUND)
    refund = await buyer.desk.ask_back(case, buyer.world.chain.fresh_address())
    await buyer.inside.pay()
    assert (await buyer.inside.withdrawal(refund)).state is PayoutState.QUEUED
    await buyer.look(2)
    await buyer.inside.pay()
    assert (await buyer.inside.withdrawal(refund)).state is PayoutState.BATCHED
    await buyer.settle()


@_COINS
async def test_what_was_credited_at_the_desk_and_left_the_chain_comes_again_at_the_desks_rate(buyer: Buyer) -> None:
    invoice, case = await _dust(buyer)
    await buyer.desk.decide(case, CaseChoice.CREDIT)
    credited = await buyer.has()
    await buyer.world.chain.reorganise(2)
    await buyer.look()
    assert await buyer.has() == (0, 0)
    gone = await buyer.now(invoice)
    assert (gone.received_minor, gone.aside_minor, gone.credited_minor) == (0, 0, 0)
    buyer.price(5_000)
    await buyer.look(3)
    assert await buyer.has() == credited
    assert len(await buyer.cases()) == 1


@_COINS
async def test_who_is_asked_for_an_address_when_the_payment_leaves_the_chain_gets_nothing_back(buyer: Buyer) -> None:
    before_minor = await _aside(buyer)
    _, case = await _dust(buyer)
    case = await buyer.desk.decide(case, CaseChoice.REFUND)
    quote = await quote_refund(buyer.desk.ports, Caller(buyer.person), case.id, buyer.world.chain.fresh_address())
    await buyer.world.chain.reorganise(2)
    await buyer.look()
    assert (await _now(buyer, case)).state is CaseState.CLOSED
    assert await _aside(buyer) == before_minor
    with pytest.raises(Refused) as refused:
        await request_refund(buyer.desk.ports, Caller(buyer.person), quote.intent.id, buyer.desk.code(buyer.person))
    assert refused.value.reason is Reason.WRONG_STATE
    await buyer.look(2)
    (again,) = await buyer.cases(state=CaseState.OPEN)
    assert again.id != case.id


@_ETHER
async def test_an_address_that_takes_nothing_brings_the_case_back_to_the_desk(buyer: Buyer) -> None:
    case, refund = await _refunding(buyer)
    await buyer.world.node.call("anvil_setCode", refund.address, "0xfe")
    await buyer.inside.pay()
    assert (await buyer.inside.withdrawal(refund)).state is PayoutState.RETURNED
    reopened = await _now(buyer, case)
    assert (reopened.state, reopened.decisions) == (CaseState.OPEN, case.decisions + 1)
    again = await buyer.desk.decide(reopened, CaseChoice.REFUND)
    elsewhere = await buyer.desk.ask_back(again, buyer.world.chain.fresh_address())
    await buyer.settle()
    assert (await buyer.world.paid())[elsewhere.address] == [elsewhere.coin_minor]
    assert (await _now(buyer, case)).state is CaseState.CLOSED


@_EITHER
@pytest.mark.parametrize(
    ("collection", "changed", "alarm"),
    [
        ("withdrawals", {"case": None}, "payout_tampered"),
        ("withdrawals", {"withheld_minor": 1}, "payout_tampered"),
        ("withdrawals", {"person": 43}, "payout_tampered"),
        ("cases", {"person": 43}, "refund_tampered"),
        ("cases", {"state": "closed"}, "refund_tampered"),
        ("cases", {"choice": "credit"}, "refund_tampered"),
    ],
)
async def test_a_refund_that_somebody_wrote_into_the_database_is_never_paid(
    *, buyer: Buyer, collection: str, changed: dict[str, Any], alarm: str
) -> None:
    _, refund = await _refunding(buyer)
    sound = await _documents(buyer, refund)
    await buyer.world.database[collection].update_one({"_id": refund.id}, {"$set": changed})
    await buyer.settle(3)
    assert refund.address not in await buyer.world.paid() and alarm in await buyer.alarms()
    await _written(buyer, sound)


@_EITHER
async def test_a_refund_that_is_turned_back_to_the_queue_is_not_paid_twice(buyer: Buyer) -> None:
    case, refund = await _refunding(buyer)
    before = await _documents(buyer, refund)
    await buyer.settle()
    assert (await _now(buyer, case)).state is CaseState.CLOSED
    after = await _documents(buyer, refund)
    await _written(buyer, before)
    await buyer.settle()
    assert (await buyer.world.paid())[refund.address] == [refund.coin_minor]
    assert "payout_signed_before" in await buyer.alarms()
    await _written(buyer, after)


@pytest.mark.parametrize(
    ("asset", "choice"),
    [(Asset.BTC, CaseChoice.CREDIT), (Asset.ETH, CaseChoice.CREDIT), (Asset.ETH, CaseChoice.ASK_REST)],
)
async def test_a_refund_that_was_taken_back_and_credited_is_not_paid_by_its_old_seal(
    buyer: Buyer, choice: CaseChoice
) -> None:
    case, refund = await _refunding(buyer)
    before = await _documents(buyer, refund)
    await cancel_withdrawal(buyer.desk.ports, Caller(buyer.person), refund.id)
    await buyer.desk.decide(await _now(buyer, case), choice)
    if choice is CaseChoice.ASK_REST:
        (payment,) = await buyer.payments()
        invoice = await buyer.inside.ports.store.get(Invoice, payment.invoice)
        assert invoice is not None
        await buyer.arrived(invoice)
    after = await _documents(buyer, refund)
    await _written(buyer, before)
    await buyer.settle(3)
    assert refund.address not in await buyer.world.paid() and "refund_tampered" in await buyer.alarms()
    await _written(buyer, after)
