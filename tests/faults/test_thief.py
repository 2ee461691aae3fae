"""Who writes into the database can stop payouts and not steal: the worker pays no thief, and owners hear of each."""

from __future__ import annotations

import pytest

from tests.faults import thief
from tests.faults.world import World
from wallet_core.domain.money import Asset

CHAINS = pytest.mark.parametrize("asset", [Asset.BTC, pytest.param(Asset.ETH, marks=pytest.mark.campaign)])


@CHAINS
async def test_a_settled_payout_that_is_queued_again_is_not_paid_again(world: World) -> None:
    verdict = await thief.settled_back_to_queued(world)
    assert verdict, verdict


@CHAINS
async def test_without_its_batch_and_reservation_a_payout_is_still_paid_once(world: World) -> None:
    verdict = await thief.batch_and_reservation_deleted(world)
    assert verdict, verdict


@CHAINS
async def test_an_output_that_was_changed_after_forming_is_not_signed(world: World) -> None:
    verdict = await thief.outputs_changed(world)
    assert verdict, verdict


@CHAINS
async def test_an_amount_that_was_changed_after_forming_is_not_signed(world: World) -> None:
    verdict = await thief.amounts_changed(world)
    assert verdict, verdict


@CHAINS
async def test_a_forged_withdrawal_is_never_paid(world: World) -> None:
    verdict = await thief.a_forged_withdrawal(world)
    assert verdict, verdict


@CHAINS
async def test_an_old_backup_never_pays_twice(world: World) -> None:
    verdict = await thief.an_old_backup(world)
    assert verdict, verdict
