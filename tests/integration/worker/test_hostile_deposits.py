"""Who pays to gain by it, or to harm others, on a real node of Bitcoin."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from payout_worker.purchases import Purchases
from payout_worker.signals import Stop
from payout_worker.watchers import arrivals
from payout_worker.watchers.coin_deposits import look_at_payment
from tests.faults.world import ITD
from tests.integration.worker.arriving import an_invoice, chain_of, has, look, pay_coins, payments, states
from tests.integration.worker.inside import Inside
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import PaymentState


@pytest.fixture
def asset() -> Asset:
    """One chain of coins is enough: only the worker's own decisions are looked at."""
    return Asset.BTC


async def _signed(inside: Inside, outputs: dict[str, str]) -> str:
    keeper = chain_of(inside).keeper
    raw = await keeper.call("createrawtransaction", [], outputs)
    funded = await keeper.call("fundrawtransaction", raw, {"lockUnspents": True}, wallet="faucet")
    return str((await keeper.call("signrawtransactionwithwallet", funded["hex"], wallet="faucet"))["hex"])


def _started_again(inside: Inside) -> Purchases:
    items = inside.units[1].rail(inside.world.asset)
    return Purchases(inside.ports, items, Stop())


async def test_a_miners_output_of_no_value_keeps_nobody_waiting(inside: Inside) -> None:
    nothing, invoice = await an_invoice(inside), await an_invoice(inside, 1)
    keeper = chain_of(inside).keeper
    paid = await keeper.call("getrawtransaction", await keeper.send(invoice.address, invoice.coin_minor), True)
    spent = {name: paid["vin"][0][name] for name in ("txid", "vout")}
    value = (await keeper.call("gettxout", spent["txid"], spent["vout"], False))["value"]
    outputs = {
        nothing.address: "0",
        invoice.address: "0.0404",
        await chain_of(inside).own_address(): f"{value - Decimal('0.05'):f}",
    }
    raw = await keeper.call("createrawtransaction", [spent], outputs)
    signed = await keeper.call("signrawtransactionwithwallet", raw, wallet="faucet")
    await keeper.call("generateblock", await chain_of(inside).own_address(), [signed["hex"]])
    await chain_of(inside)._agreed()
    await look(inside, 2)
    assert await has(inside) == (100 * ITD, 0)
    assert [payment.invoice for payment in await payments(inside)] == [invoice.id]
    assert (await inside.rail()).scanned_height == await chain_of(inside).height()


async def test_new_coins_of_a_miners_count_once_they_can_be_moved(inside: Inside) -> None:
    invoice = await an_invoice(inside)
    keeper = chain_of(inside).keeper
    await keeper.call("generatetoaddress", 1, invoice.address)
    await chain_of(inside).mine(97)
    await look(inside, 1)
    assert await states(inside) == [PaymentState.PENDING]
    await look(inside, 1)
    assert await states(inside) == [PaymentState.CREDITED]


async def test_a_payment_that_could_not_be_written_down_is_seen_by_the_next_process(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, invoice = await an_invoice(inside), await an_invoice(inside, 1)

    async def fails(ports: Any, tenure: Any, seen: Any, heights: Any) -> bool:
        if seen.payment.invoice == broken.id:
            raise ValueError("a bug")
        return await look_at_payment(ports, tenure, seen, heights)

    monkeypatch.setattr("payout_worker.coin_purchases.look_at_payment", fails)
    await pay_coins(inside, broken, broken.coin_minor)
    await pay_coins(inside, invoice, invoice.coin_minor)
    await look(inside, 4)
    assert await has(inside) == (100 * ITD, 0)
    monkeypatch.undo()
    await _started_again(inside).run_pass(inside.tenure)
    assert await has(inside) == (200 * ITD, 0)


async def test_what_is_paid_above_the_order_gains_nothing_by_a_rate_that_fell(inside: Inside) -> None:
    invoice = await an_invoice(inside, itd=10)
    inside.price(1_250)
    for _ in range(2):
        await pay_coins(inside, invoice, 5 * invoice.coin_minor)
        await look(inside, 3)
    gained, _ = await has(inside)
    assert gained == pytest.approx((10 + 90 // 2) * ITD, abs=2_000)


async def test_a_payment_kept_from_the_chain_for_long_loses_its_rate(inside: Inside) -> None:
    invoice = await an_invoice(inside)
    await pay_coins(inside, invoice, invoice.coin_minor)
    await look(inside)
    (payment,) = await payments(inside)
    assert (payment.state, payment.timely) == (PaymentState.PENDING, True)
    long_ago = {"seen_at": payment.seen_at - timedelta(days=2)}
    await inside.world.database["payments"].update_one({"_id": payment.id}, {"$set": long_ago})
    inside.price(1_250)
    await look(inside, 3)
    assert (await has(inside))[0] == pytest.approx(50 * ITD, abs=2_000)


async def test_many_payments_that_are_not_mined_keep_no_other_waiting(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    many, invoice = await an_invoice(inside), await an_invoice(inside, 1)
    chain = chain_of(inside)
    *waiting, paid = [await _signed(inside, {i.address: "0.0404"}) for i in (many, many, invoice)]
    for raw in (*waiting, paid):
        await chain.node.call("sendrawtransaction", raw)
        await look(inside)
    monkeypatch.setattr(arrivals, "_MOST", 2)
    for mined in ([paid], [], []):
        await chain.keeper.call("generateblock", await chain.own_address(), mined)
        await chain._agreed()
        await look(inside)
    assert sorted(await states(inside)) == [PaymentState.CREDITED, PaymentState.PENDING, PaymentState.PENDING]
