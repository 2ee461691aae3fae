"""Quotes that ran out before their payout was batched."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.faults.world import ITD
from tests.integration.worker.inside import Inside
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState


async def test_a_quote_that_ran_out_is_paid_while_the_price_is_near_and_goes_back_when_it_is_not(
    inside: Inside,
) -> None:
    ran_out = {"quoted_until": await inside.ports.store.now() - timedelta(seconds=1)}
    (near,) = await inside.world.queue(1, **ran_out)
    inside.world.ticker.price_usd = 2_520
    await inside.pay()
    assert (await inside.withdrawal(near)).state is PayoutState.BATCHED
    (far,) = await inside.world.queue(1, **ran_out)
    inside.world.ticker.price_usd = 2_600
    await _rate_is(inside, 2_600)
    await inside.pay()
    assert (await inside.withdrawal(far)).state is PayoutState.RETURNED
    assert (await inside.told("withdrawal"))[-1].facts["requote"] is True


async def _rate_is(inside: Inside, usd: int) -> None:
    """Waits until the shared answer of the rates is the new one."""
    for _ in range(50):
        if (await inside.ports.rates.rate(Asset.ETH)).itd_minor == usd * ITD:
            return
        await asyncio.sleep(0.1)


async def test_a_quote_that_ran_out_waits_while_there_is_no_rate(inside: Inside) -> None:
    ran_out = {"quoted_until": await inside.ports.store.now() - timedelta(seconds=1)}
    inside.world.ticker.price_usd = None
    (asked,) = await inside.world.queue(1, **ran_out)
    await inside.pay()
    assert (await inside.withdrawal(asked)).state is PayoutState.QUEUED
