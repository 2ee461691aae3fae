"""Quotes that ran out before their payout was batched."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.worker.inside import Inside
from wallet_core.domain.payout import PayoutState


async def test_a_quote_that_ran_out_is_paid_while_the_price_is_near_and_goes_back_when_it_is_not(
    inside: Inside,
) -> None:
    ran_out = {"quoted_until": await inside.ports.store.now() - timedelta(seconds=1)}
    (near,) = await inside.world.queue(1, **ran_out)
    inside.price(2_520)
    await inside.pay()
    assert (await inside.withdrawal(near)).state is PayoutState.BATCHED
    (far,) = await inside.world.queue(1, **ran_out)
    inside.price(2_600)
    await inside.pay()
    assert (await inside.withdrawal(far)).state is PayoutState.RETURNED
    assert (await inside.told("withdrawal"))[-1].facts["requote"] is True


async def test_a_quote_that_ran_out_waits_while_there_is_no_rate(inside: Inside) -> None:
    ran_out = {"quoted_until": await inside.ports.store.now() - timedelta(seconds=1)}
    inside.price(None)
    (asked,) = await inside.world.queue(1, **ran_out)
    await inside.pay()
    assert (await inside.withdrawal(asked)).state is PayoutState.QUEUED
