"""A mass send takes the recipients' limits by the table that counts, and waits while nobody vouches for it."""

from pathlib import Path

import pytest

from tests.support.level_tables import changed_rows, store_table
from tests.unit.wallet_core.mass_desk import ITD, MassDesk, open_desk
from tests.unit.wallet_core.use_cases.policing import spoil
from tests.unit.wallet_core.world import World
from wallet_core.domain.level_table import LevelTable
from wallet_core.domain.mass_row import RowState
from wallet_core.domain.mass_send import MassState, Remark


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> MassDesk:
    return await open_desk(world, tmp_path)


async def test_lines_above_the_tables_limit_are_pointed_at_and_refused(desk: MassDesk) -> None:
    await store_table(desk.world.ports, changed_rows("1 receive 1 2000"))
    send = await desk.upload(("@ben", "ITD", 5 * ITD), ("@ben", "ITD", 6 * ITD), ("@cleo", "ITD", 5 * ITD))
    assert [(remarked.remark, remarked.lines) for remarked in send.remarks] == [(Remark.OVER_LIMIT, (3,))]
    await desk.finished(send)
    assert [row.state for row in await desk.rows(send)] == [RowState.PAID, RowState.REFUSED, RowState.PAID]


async def test_while_the_table_is_unsound_no_line_is_paid_or_refused(desk: MassDesk) -> None:
    await store_table(desk.world.ports, changed_rows("1 receive 5 2000"))
    send = await desk.upload(("@ben", "ITD", 5 * ITD), ("@cleo", "ITD", 5 * ITD))
    await desk.start(send)
    spoil(desk.world, LevelTable, 1, note="harmless")
    worker = desk.worker()
    await worker.look()
    assert (await desk.now(send)).state is MassState.RUNNING
    assert {row.state for row in await desk.rows(send)} == {RowState.PENDING}
    spoil(desk.world, LevelTable, 1, note="")
    await worker.look()
    assert (await desk.now(send)).state is MassState.DONE
    assert {row.state for row in await desk.rows(send)} == {RowState.PAID}
