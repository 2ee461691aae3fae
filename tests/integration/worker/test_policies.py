"""The worker asks the policies again: what is screened waits alone, and all wait while the rules are unsound."""

from __future__ import annotations

from tests.faults.world import World
from tests.integration.worker.inside import Inside
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payout import PayoutState
from wallet_core.domain.people import Role
from wallet_core.domain.policies import PolicySet
from wallet_core.domain.screening import Screen, ScreenedAddress, screening_id


async def _screen(world: World, address: str, *, listed: bool) -> None:
    now = await world.ports.store.now()
    entry = ScreenedAddress(
        id=screening_id(world.asset, address), asset=world.asset, address=address, listed=listed, why="t", by=7, at=now
    )
    await world.ports.ledger.post(Posting(f"test:screen:{listed}", "test", "test", changes=(Screen(entry),)))


async def test_a_screened_address_waits_alone_and_unsound_rules_stop_all_until_they_are_right_again(
    inside: Inside, world: World
) -> None:
    await world.person(0, person=7, role=Role.OWNER)
    screened, free = await world.queue(2)
    await _screen(world, screened.address, listed=True)
    await inside.pay()
    assert (await inside.withdrawal(free)).state is not PayoutState.QUEUED
    assert (await inside.withdrawal(screened)).state is PayoutState.QUEUED

    await _screen(world, screened.address, listed=False)
    forged = PolicySet(id=1, by=7, note="all is well", mac="00" * 32).document()
    await world.database["policy_sets"].insert_one(forged)
    for _ in range(2):
        await inside.pay()
    assert (await inside.withdrawal(screened)).state is PayoutState.QUEUED
    told = [(alarm.person, alarm.facts["alarm"]) for alarm in await inside.told("alarm")]
    assert told == [(7, "policies_unsound")]

    await world.database["policy_sets"].delete_one({"_id": 1})
    await inside.pay()
    assert (await inside.withdrawal(screened)).state is not PayoutState.QUEUED
