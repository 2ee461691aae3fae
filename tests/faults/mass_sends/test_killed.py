"""A cut of the campaign: the worker is killed while a mass send runs, and each line is done exactly once."""

from __future__ import annotations

import pytest

from tests.faults.mass_sends.admins import address_rows, begin, enter, open_for_payouts, people_rows, renumbered
from tests.faults.mass_sends.judging import judge_mass_send
from tests.faults.mass_sends.killing import Killer, Kills
from tests.faults.mass_sends.plan import Life, throughout
from tests.faults.mass_sends.watching import watching
from tests.faults.world import ETHER, ITD, World

#: A thousand lines are paid and nobody knows it, by a worker that serves nothing else; the next thousand, and the card
#: says nothing of it; and payouts, which settle once blocks come.
LIVES = (
    Life("mass_piece:ledger.post_many:after", rails="ITD"),
    Life("mass_card:ledger.post:before"),
    Life(at_random=True),
    Life("mass_payouts:ledger.post:after", mined=True),
)
ITD_BEFORE = 20_000
#: Other worlds' workers leave mass sends out.
pytestmark = pytest.mark.parametrize("settings", [{"WORKER_RAILS": ""}], ids=["every rail"])


async def test_killed_while_a_mass_send_runs_and_each_line_is_done_once(world: World) -> None:
    await world.fund()
    await open_for_payouts(world)
    await enter(world, people=300, itd=ITD_BEFORE)
    rows = renumbered(people_rows(2_000, 300), address_rows(world, 30, ETHER // 1_000))
    send = await begin(world, rows)
    async with watching(world, send) as watch:
        killer = Killer(world, watch, 1, Kills(LIVES))
        await killer.kill()
        assert await killer.finish(mined=True), (killer.kills, watch.send)
    verdict = await judge_mass_send(world, watch, rows, ITD_BEFORE * ITD)
    assert verdict, verdict
    assert not killer.kills.missing and watch.looks > 4, killer.kills


@pytest.mark.campaign
async def test_what_was_paid_is_not_paid_again_by_a_worker_of_another_machine(world: World) -> None:
    await enter(world, people=50, itd=ITD_BEFORE)
    rows = people_rows(12_000, 50)
    send = await begin(world, rows)
    async with watching(world, send) as watch:
        killer = Killer(world, watch, 2, Kills(throughout(3, len(rows))))
        await killer.kill()
        second = world.start_worker("second")
        assert await killer.finish(mined=False), (killer.kills, watch.send)
        await world.stop_worker(second)
    verdict = await judge_mass_send(world, watch, rows, ITD_BEFORE * ITD)
    assert verdict, verdict
    assert not killer.kills.missing, killer.kills
