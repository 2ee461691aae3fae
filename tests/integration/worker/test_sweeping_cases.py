"""Coins that lie aside for a case stay where they are until they are credited; then they are swept like any other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.coin_chain import open_chain
from tests.faults.world import World, open_world
from tests.integration.worker.buyer import Buyer, Shared
from tests.integration.worker.inside import Inside
from wallet_core.bootstrap import chains_to_verify
from wallet_core.domain.case import CaseChoice
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Batch
from wallet_core.use_cases.verify_books import verify_books

#: Worth 0.8 ITD, and moving it.
_SMALL = 32_000


@pytest.fixture
async def world(mongo_uri: str, database_name: str, tmp_path: Path, premined: Path) -> AsyncIterator[World]:
    """A worker that sweeps at every look."""
    sweeping = {"BTC_SWEEP_TO": "hot", "BTC_SWEEP_INTERVAL_SECONDS": "0.001"}
    async with (
        open_chain(Asset.BTC, tmp_path, premined) as chain,
        open_world(mongo_uri, database_name, chain, tmp_path, **sweeping) as made,
    ):
        await made.fund()
        yield made


async def test_coins_of_a_case_are_swept_once_they_are_credited(inside: Inside) -> None:
    await inside.look()
    buyer = await Buyer.enrolled(Shared(inside))
    invoice = await buyer.invoice()
    await buyer.arrived(invoice, _SMALL)
    (case,) = await buyer.cases()
    await buyer.settle(3)
    assert await inside.ports.store.count(Batch, {"sweep": True}) == 0
    await buyer.desk.decide(case, CaseChoice.CREDIT)
    await buyer.settle()
    (sweep,) = await inside.ports.store.find(Batch, {"sweep": True})
    assert sweep.inputs_minor == (_SMALL,)
    assert (await buyer.now(invoice)).swept_minor == _SMALL
    async with chains_to_verify(inside.ports.settings) as chains:
        assert (await verify_books(inside.world.ports, chains)).gaps == []
