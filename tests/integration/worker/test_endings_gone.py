"""Payments that were seen and are not there any more, on the three real chains, at every depth of ``docs/payouts.md``.

The worlds' final depth is 2: on Ethereum nothing is credited before it, on Bitcoin and Litecoin two blocks are enough.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.faults.conftest import CHAINS
from tests.faults.world import ITD
from tests.integration.worker.buyer import Buyer
from wallet_core.domain.accounts import available
from wallet_core.domain.case import CaseChoice, CaseKind, CaseState
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import PaymentState
from wallet_core.domain.payout import PayoutState
from wallet_core.domain.purchase import InvoiceState

COINS = (Asset.BTC, Asset.LTC)
#: Blocks that leave the chain, the payment's own among them unless it is deeper.
COIN_DEPTHS, ETHER_DEPTHS = (1, 2, 6, 13, 20), (1, 3, 16, 64)
DEPTHS = [
    *((Asset.BTC, depth) for depth in COIN_DEPTHS),
    *(pytest.param(Asset.LTC, depth, marks=pytest.mark.campaign) for depth in COIN_DEPTHS),
    *((Asset.ETH, depth) for depth in ETHER_DEPTHS),
]
_DUST = 500


@pytest.fixture(params=CHAINS)
def asset(request: pytest.FixtureRequest) -> Asset:
    """All chains, unless a test names some."""
    return Asset(request.param)


@pytest.mark.parametrize("asset", COINS)
async def test_an_unconfirmed_payment_that_is_replaced_is_gone_and_the_card_says_so(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    txid = await buyer.pay(invoice)
    await buyer.look()
    raw = await buyer.replaced(txid)
    if buyer.asset is Asset.BTC:
        # The pool replaces it at once; Litecoin's keeps what came first, so it takes a block there.
        await buyer.chain.node.call("sendrawtransaction", raw)
    else:
        await buyer.mine_only(raw)
    await buyer.look()
    gone = await buyer.now(invoice)
    assert (gone.state, gone.pending_minor, gone.pending_since) == (InvoiceState.OPEN, 0, None)
    assert (await buyer.states(), await buyer.steps()) == ([PaymentState.GONE], ["pending", "gone"])
    assert (await buyer.looked_up(txid)).payment.state is PaymentState.GONE
    if buyer.asset is Asset.BTC:
        await buyer.mine_only(raw)
    await buyer.look(3)
    assert await buyer.has() == (0, 0)


async def test_reorganised_before_the_credit_it_is_not_pending_and_credited_once_when_it_is_mined(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    await buyer.pay(invoice)
    await buyer.look(1)
    await buyer.world.chain.reorganise(1)
    if buyer.asset is Asset.ETH:
        await buyer.look(1)
        back = await buyer.now(invoice)
        assert (back.state, back.pending_minor, back.pending_since) == (InvoiceState.OPEN, 0, None)
        assert await buyer.steps() == ["pending", "open"]
        # Its transaction has left the pool as well.
        await buyer.pay(invoice)
    else:
        await buyer.look()
        (payment,) = await buyer.payments()
        assert (payment.state, payment.height, payment.generation) == (PaymentState.PENDING, None, 0)
    assert await buyer.has() == (0, 0)
    await buyer.look(buyer.blocks)
    assert await buyer.has() == (100 * ITD, 0)
    assert await buyer.alarms() == []


@pytest.mark.parametrize(("asset", "depth"), DEPTHS)
async def test_reorganised_after_the_credit_it_is_taken_back_and_credited_again(buyer: Buyer, depth: int) -> None:
    invoice = await buyer.invoice()
    await buyer.arrived(invoice)
    assert await buyer.has() == (100 * ITD, 0)
    if depth > buyer.blocks:
        await buyer.world.chain.mine(depth - buyer.blocks)
        await buyer.look()
    await buyer.world.chain.reorganise(depth)
    await buyer.look()
    if depth < buyer.blocks:
        # Its own block stands: nothing is taken back because of the blocks on it.
        await buyer.look(1)
        assert (await buyer.has(), await buyer.states()) == ((100 * ITD, 0), [PaymentState.CREDITED])
        return
    assert await buyer.has() == (0, 0)
    assert (await buyer.now(invoice)).received_minor == 0
    assert "reversed" in await buyer.steps()
    if buyer.asset is Asset.ETH:
        # Its transaction has left the pool as well.
        await buyer.pay(invoice)
    else:
        buyer.price(5_000)
    await buyer.look(buyer.blocks)
    assert await buyer.has() == (100 * ITD, 0)
    assert max(payment.generation for payment in await buyer.payments()) == 1
    # A depth that was final is nothing that may happen.
    was_final = buyer.asset is Asset.ETH or depth > buyer.world.final_depth + 1
    assert await buyer.alarms() == (["deposit_gone"] if was_final else [])
    assert ((await buyer.world.rail()).alarm is not None) is was_final


async def test_what_was_spent_before_its_payment_left_the_chain_is_owed_and_repaid_by_the_next_credit(
    buyer: Buyer,
) -> None:
    invoice = await buyer.invoice()
    txid = await buyer.pay(invoice)
    thief = "" if buyer.asset is Asset.ETH else await buyer.replaced(txid)
    await buyer.look(buyer.blocks)
    await buyer.world.queue(1, itd=70, person=buyer.person)
    if buyer.asset is Asset.ETH:
        await buyer.world.chain.reorganise(buyer.blocks)
        await buyer.look(1)
    else:
        keeper = buyer.chain.keeper
        await keeper.call("invalidateblock", await keeper.call("getblockhash", await keeper.height() - 1))
        await keeper.call("generateblock", await buyer.chain.own_address(), [thief])
        await keeper.mine_empty(2)
        await buyer.chain._agreed()
        await buyer.look()
    owed_minor = 70 * ITD + ITD // 2
    assert (await buyer.guards()).debt_minor == await buyer.world.balance("ITD:receivable") == owed_minor
    assert await buyer.states() == [PaymentState.REVERSED]
    last = (await buyer.told())[-1].facts
    assert (last["step"], last["owed_minor"]) == ("reversed", owed_minor)
    assert [case.kind for case in await buyer.cases(state=CaseState.OPEN)] == [CaseKind.OWED]
    await buyer.arrived(invoice)
    assert (await buyer.guards()).debt_minor == await buyer.world.balance("ITD:receivable") == 0
    assert await buyer.world.balance(available(buyer.person).id) == 100 * ITD - owed_minor


async def test_a_late_payment_that_comes_again_has_the_rate_of_its_own_time(buyer: Buyer) -> None:
    long_ago = await buyer.inside.ports.store.now() - timedelta(hours=1)
    invoice = await buyer.invoice(expires_at=long_ago)
    buyer.price(5_000)
    await buyer.pay(invoice)
    await buyer.look(1)
    buyer.price(10_000)
    await buyer.look(buyer.blocks - 1)
    assert (await buyer.has())[0] == pytest.approx(200 * ITD, abs=buyer.slack)
    await buyer.world.chain.reorganise(buyer.blocks)
    await buyer.look()
    assert (await buyer.has())[0] == 0
    if buyer.asset is Asset.ETH:
        await buyer.pay(invoice)
    await buyer.look(buyer.blocks)
    assert (await buyer.has())[0] == pytest.approx(200 * ITD, abs=buyer.slack)


async def _dust(buyer: Buyer) -> None:
    invoice = await buyer.invoice()
    await buyer.arrived(invoice, invoice.coin_minor // _DUST * 4)


async def test_what_is_too_small_and_left_the_chain_is_no_case_any_more(buyer: Buyer) -> None:
    await _dust(buyer)
    (case,) = await buyer.cases()
    await buyer.world.chain.reorganise(buyer.blocks)
    await buyer.look()
    assert [case.state for case in await buyer.cases()] == [CaseState.CLOSED]
    assert "gone" in await buyer.steps()
    assert [notice.facts["state"] for notice in await buyer.told("case", buyer.desk.admin)] == ["open", "closed"]
    assert await buyer.world.balance(f"{buyer.asset}:suspense") == 0
    if buyer.asset is not Asset.ETH:
        await buyer.look(2)
        (again,) = await buyer.cases(state=CaseState.OPEN)
        assert again.coin_minor == case.coin_minor
        await buyer.desk.decide(again, CaseChoice.KEEP)


async def test_a_queued_refund_whose_payment_left_the_chain_is_cancelled_and_never_paid(buyer: Buyer) -> None:
    await _dust(buyer)
    (case,) = await buyer.cases()
    case = await buyer.desk.decide(case, CaseChoice.REFUND)
    refund = await buyer.desk.ask_back(case, buyer.world.chain.fresh_address())
    await buyer.world.chain.reorganise(buyer.blocks)
    await buyer.look()
    assert (await buyer.inside.withdrawal(refund)).state is PayoutState.CANCELLED
    assert [(case.state, case.choice) for case in await buyer.cases()] == [(CaseState.CLOSED, None)]
    assert await buyer.world.balance(f"{buyer.asset}:suspense") == 0
    assert (await buyer.steps("withdrawal"))[-1] == "cancelled"
    # On chains of coins its depth was not final yet, so that this may happen.
    assert await buyer.alarms() == (["deposit_gone"] if buyer.asset is Asset.ETH else [])
    await buyer.world.set_rail(alarm=None)
    await buyer.settle(3)
    assert refund.address not in await buyer.world.paid()


async def test_a_refund_that_was_paid_before_its_payment_left_the_chain_freezes_the_wallet(buyer: Buyer) -> None:
    await _dust(buyer)
    (case,) = await buyer.cases()
    case = await buyer.desk.decide(case, CaseChoice.REFUND)
    await buyer.look(1)
    refund = await buyer.desk.ask_back(case, buyer.world.chain.fresh_address())
    await buyer.inside.pay()
    assert (await buyer.inside.withdrawal(refund)).state is PayoutState.BATCHED
    aside_minor = await buyer.world.balance(f"{buyer.asset}:suspense")
    await buyer.world.chain.reorganise(buyer.blocks + 1)
    await buyer.look()
    assert "deposit_gone" in await buyer.alarms()
    assert "deposit_gone" in ((await buyer.world.rail()).alarm or "")
    assert [case.state for case in await buyer.cases()] == [CaseState.PAYING]
    assert await buyer.world.balance(f"{buyer.asset}:suspense") == aside_minor
    await buyer.look(1)
    await buyer.world.set_rail(alarm=None)
    await buyer.settle()
