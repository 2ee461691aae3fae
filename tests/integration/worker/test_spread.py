"""The spread is taken at every rate that the worker finds for itself, as it was taken when the person was quoted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.coin_chain import open_chain
from tests.faults.world import ITD, PERSON, open_world
from tests.integration.worker.inside import Inside, open_inside
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState
from wallet_core.domain.quote import coins_out, without_share

#: The ticker says 2,500 ITD for one ether; five percent on top, and off it.
WITHDRAWAL_RATE_MINOR = 2_625 * ITD
PURCHASE_RATE_MINOR = 2_375 * ITD


@pytest.fixture
async def spread_out(mongo_uri: str, database_name: str, tmp_path: Path, premined: Path) -> AsyncIterator[Inside]:
    """A worker whose rates have a spread of five percent."""
    async with (
        open_chain(Asset.ETH, tmp_path, premined) as chain,
        open_world(mongo_uri, database_name, chain, tmp_path, RATE_SPREAD_BASIS_POINTS="500") as world,
    ):
        await world.fund()
        await world.person(1_000)
        async with open_inside(world) as made:
            yield made


async def test_a_quote_that_ran_out_is_compared_with_what_a_new_one_would_be(spread_out: Inside) -> None:
    coin_minor = coins_out(10 * ITD, WITHDRAWAL_RATE_MINOR, Asset.ETH)
    ran_out = await spread_out.ports.store.now() - timedelta(seconds=1)
    (asked,) = await spread_out.world.queue(
        1, coin_minor=coin_minor, rate_minor=WITHDRAWAL_RATE_MINOR, quoted_until=ran_out
    )
    await spread_out.pay()
    assert (await spread_out.withdrawal(asked)).state is PayoutState.BATCHED


async def test_a_late_payment_gets_the_rate_of_a_purchase_of_that_day(spread_out: Inside) -> None:
    long_ago = await spread_out.ports.store.now() - timedelta(hours=1)
    invoice = await spread_out.world.invoice(0, expires_at=long_ago)
    before_minor = await spread_out.world.balance(f"ITD:person:{PERSON}:available")
    await spread_out.look(blocks=1)
    await spread_out.world.node.send(invoice.address, 10**18 // 25)
    await spread_out.look(blocks=1)
    await spread_out.look(blocks=spread_out.world.final_depth)
    gained_minor = await spread_out.world.balance(f"ITD:person:{PERSON}:available") - before_minor
    assert gained_minor == without_share(PURCHASE_RATE_MINOR // 25, invoice.fee_basis_points)
