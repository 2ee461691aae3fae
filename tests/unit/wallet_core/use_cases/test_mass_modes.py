"""Mass sends while sends are switched off: they wait, whatever the worker saw, and go on by themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.wallet_core.mass_desk import ITD, MassDesk, open_desk
from tests.unit.wallet_core.world import World, reason_of
from wallet_core.domain.errors import Reason, WalletError
from wallet_core.domain.ledger import Posting, Receipt
from wallet_core.domain.mass_row import RowState
from wallet_core.domain.mass_send import MassSend, MassState
from wallet_core.domain.mode import Mode, WhileOpen
from wallet_core.use_cases.set_mode import set_mode


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> MassDesk:
    return await open_desk(world, tmp_path)


async def _switch(desk: MassDesk, mode: Mode) -> None:
    await set_mode(desk.world.ports, desk.otto, mode, "a test", await desk.world.code(desk.otto))


@dataclass
class Late:
    """A ledger before which somebody switches when the first lines come; ``careless`` leaves their guard out."""

    desk: MassDesk
    code: str
    careless: bool = False
    switched: bool = False

    async def post(self, posting: Posting) -> Receipt:
        """See ``ports.Ledger.post``."""
        return await self.desk.world.memory.post(posting)

    async def post_many(self, postings: Sequence[Posting]) -> list[Receipt | WalletError]:
        """See ``ports.Ledger.post_many``."""
        if not self.switched:
            self.switched = True
            await set_mode(self.desk.world.ports, self.desk.otto, Mode.WITHDRAW_ONLY, "a test", self.code)
        return await self.desk.world.memory.post_many([self._as_posted(posting) for posting in postings])

    def _as_posted(self, posting: Posting) -> Posting:
        if not self.careless:
            return posting
        kept = tuple(change for change in posting.changes if not isinstance(change, WhileOpen))
        return dataclasses.replace(posting, changes=kept)


async def _looked(desk: MassDesk, *, careless: bool) -> MassSend:
    """The worker looks, and somebody switches between its look and its lines."""
    code = await desk.world.code(desk.otto)
    send = await desk.start(await desk.upload(("@ben", "ITD", ITD), ("@cleo", "ITD", ITD)))
    worker = desk.worker()
    await worker.over(ledger=Late(desk, code, careless)).look()
    return send


async def test_none_is_started_and_one_that_runs_waits_and_goes_on_by_itself(desk: MassDesk) -> None:
    running, other = [await desk.upload(("@ben", "ITD", n * ITD)) for n in (1, 2)]
    await desk.start(running)
    await _switch(desk, Mode.WITHDRAW_ONLY)
    assert await reason_of(desk.start(other)) is Reason.WITHDRAW_ONLY
    worker = desk.worker()
    await worker.look()
    assert await desk.world.money(desk.ben) == (0, 0) and (await desk.now(running)).state is MassState.RUNNING
    await _switch(desk, Mode.OPEN)
    await worker.look()
    assert await desk.world.money(desk.ben) == (ITD, 0) and (await desk.now(running)).state is MassState.DONE


async def test_lines_that_were_on_their_way_when_somebody_switched_are_refused_and_wait(desk: MassDesk) -> None:
    send = await _looked(desk, careless=False)
    assert [row.state for row in await desk.rows(send)] == [RowState.PENDING] * 2
    assert await desk.world.money(desk.ben) == (0, 0)
    await _switch(desk, Mode.OPEN)
    await desk.worker().look()
    assert [row.state for row in await desk.rows(send)] == [RowState.PAID] * 2


async def test_with_the_switchboard_left_out_of_their_postings_the_same_lines_would_be_paid(desk: MassDesk) -> None:
    send = await _looked(desk, careless=True)
    assert [row.state for row in await desk.rows(send)] == [RowState.PAID] * 2
