"""Two pairs of eyes: another admin, with a code of their own, for exactly what was asked, or nothing."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.wallet_core.desk import told
from tests.unit.wallet_core.mass_desk import ITD, MassDesk, open_desk
from tests.unit.wallet_core.world import World, reason_of
from wallet_core.domain.approval import Approval, ApprovalState
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason
from wallet_core.domain.mass_send import MassSend, MassState
from wallet_core.domain.people import Role
from wallet_core.domain.record import Target
from wallet_core.use_cases.approve import approve
from wallet_core.use_cases.cancel_mass_send import cancel_mass_send
from wallet_core.use_cases.refuse_approval import refuse_approval
from wallet_core.use_cases.show_approvals import show_approvals

LARGE = ("@ben", "ITD", 1_001 * ITD)


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> MassDesk:
    return await open_desk(world, tmp_path)


@pytest.fixture
async def asked(desk: MassDesk) -> MassSend:
    return await desk.start(await desk.upload(LARGE))


async def approval_of(desk: MassDesk, send: MassSend) -> Approval:
    found = await desk.world.ports.store.get(Approval, send.approval)
    assert found is not None
    return found


def change(desk: MassDesk, kind: type[Any], record_id: str, **fields: Any) -> None:
    """What somebody writes who has the database."""
    desk.world.memory.documents[Target(kind.collection, record_id)] |= fields


async def test_above_the_limit_it_runs_only_once_another_admin_agreed(desk: MassDesk, asked: MassSend) -> None:
    assert asked.state is MassState.APPROVAL
    await desk.worker().look()
    assert await desk.world.money(desk.fia) == (5_000 * ITD, 0), "nothing is set aside before"
    assert [a.id for a in await show_approvals(desk.world.ports, desk.otto)] == [asked.approval]
    assert [len(told(desk.world, admin, "approval")) for admin in (11, 12, 13)] == [0, 1, 1]
    await desk.approve(asked, desk.gus)
    running = await desk.now(asked)
    assert (running.state, running.approved_by) == (MassState.RUNNING, 13)
    assert [told(desk.world, admin, "approval")[-1]["state"] for admin in (12, 13)] == ["approved", "approved"]
    await desk.worker().look()
    assert await desk.world.money(desk.ben) == (1_001 * ITD, 0)


async def test_at_the_limit_the_payers_own_code_is_enough(desk: MassDesk) -> None:
    assert (await desk.start(await desk.upload(("@ben", "ITD", 1_000 * ITD)))).state is MassState.RUNNING


async def test_nobody_approves_what_they_asked_for_nor_without_the_role_or_a_code(
    desk: MassDesk, asked: MassSend
) -> None:
    ports, approval = desk.world.ports, asked.approval or ""
    for admin in (desk.otto, desk.gus):
        await desk.look(asked, admin)
    assert await reason_of(approve(ports, desk.fia, approval, await desk.world.code(desk.fia))) is Reason.NOT_ALLOWED
    assert await reason_of(approve(ports, desk.ben, approval, await desk.world.code(desk.ben))) is Reason.NOT_ALLOWED
    assert await reason_of(approve(ports, desk.otto, approval, "000000")) is Reason.WRONG_CODE
    code = await desk.world.code(desk.gus)
    await desk.world.set_role(13, Role.SUPPORT)
    assert await reason_of(approve(ports, desk.gus, approval, code)) is Reason.NOT_ALLOWED
    assert (await desk.now(asked)).state is MassState.APPROVAL


async def test_a_payer_who_is_no_admin_any_more_pays_nothing(desk: MassDesk, asked: MassSend) -> None:
    await desk.look(asked)
    await desk.world.set_role(11, None)
    code = await desk.world.code(desk.otto)
    assert await reason_of(approve(desk.world.ports, desk.otto, asked.approval or "", code)) is Reason.NOT_ALLOWED


async def test_a_refusal_ends_it_and_comes_once(desk: MassDesk, asked: MassSend) -> None:
    ports, approval = desk.world.ports, asked.approval or ""
    await refuse_approval(ports, desk.otto, approval, await desk.world.code(desk.otto))
    assert (await desk.now(asked)).state is MassState.CANCELLED
    assert told(desk.world, 11, "mass_send")[-1]["state"] == "cancelled"
    with pytest.raises(AlreadyDone):
        await approve(ports, desk.gus, approval, await desk.world.code(desk.gus))
    assert (await desk.upload(LARGE)).id != asked.id


async def test_what_the_payer_took_back_or_let_lie_is_approved_by_nobody(desk: MassDesk, asked: MassSend) -> None:
    await cancel_mass_send(desk.world.ports, desk.fia, asked.id)
    assert (await approval_of(desk, asked)).state is ApprovalState.WITHDRAWN
    with pytest.raises(AlreadyDone):
        await desk.approve(asked, looks=False)
    again = await desk.start(await desk.upload(LARGE))
    await desk.look(again)
    desk.world.clock.turn(minutes=31)
    code = await desk.world.code(desk.otto)
    assert await reason_of(approve(desk.world.ports, desk.otto, again.approval or "", code)) is Reason.EXPIRED
    assert await show_approvals(desk.world.ports, desk.otto) == []
    await desk.worker().look()
    assert (await desk.now(again)).state is MassState.EXPIRED


async def test_an_approval_is_void_as_soon_as_anything_changes(desk: MassDesk, asked: MassSend) -> None:
    await desk.look(asked)
    change(desk, MassSend, asked.id, digest="0" * 64)
    code = await desk.world.code(desk.otto)
    assert await reason_of(approve(desk.world.ports, desk.otto, asked.approval or "", code)) is Reason.CHANGED_MEANWHILE
    assert (await desk.now(asked)).state is MassState.APPROVAL


async def test_it_is_compared_once_more_in_the_posting(desk: MassDesk, asked: MassSend) -> None:
    """Between the admin's look and the commit somebody changes what is to be done."""
    await desk.look(asked)
    memory = desk.world.memory
    post = memory.post

    async def overtaken(posting):  # type: ignore[no-untyped-def]  # it stands in for a method
        if posting.kind == "hold_opened":
            change(desk, MassSend, asked.id, digest="0" * 64)
        return await post(posting)

    memory.post = overtaken  # type: ignore[method-assign]  # just before the commit
    code = await desk.world.code(desk.otto)
    assert await reason_of(approve(desk.world.ports, desk.otto, asked.approval or "", code)) is Reason.CHANGED_MEANWHILE
    assert await desk.world.money(desk.fia) == (5_000 * ITD, 0)


async def test_a_question_that_was_changed_in_the_database_is_answered_by_nobody(
    desk: MassDesk, asked: MassSend
) -> None:
    change(desk, Approval, asked.approval or "", asked_by=12)
    with pytest.raises(InvariantViolated, match="changed since it was asked"):
        await desk.approve(asked, desk.gus)


@pytest.mark.parametrize("also", [{}, {"start_mac": "copied"}])
async def test_who_writes_into_the_database_approves_nothing(
    desk: MassDesk, asked: MassSend, also: dict[str, str]
) -> None:
    change(desk, Approval, asked.approval or "", state="approved", decided_by=12, decided_mac="f" * 64)
    if also:
        # The code of another mass send, which its payer was allowed to start alone.
        small = await desk.finished(await desk.upload(("@cleo", "ITD", ITD)))
        also = {"start_mac": small.start_mac}
    change(desk, MassSend, asked.id, state="running", started_at=desk.world.clock(), **also)
    await desk.worker().look()
    assert (await desk.now(asked)).done == 0
    assert await desk.world.money(desk.ben) == (0, 0)


async def test_an_approval_of_one_is_none_of_another(desk: MassDesk, asked: MassSend) -> None:
    other = await desk.start(await desk.upload(("@cleo", "ITD", 1_100 * ITD)))
    change(desk, MassSend, asked.id, approval=other.approval)
    await desk.look(other)
    code = await desk.world.code(desk.otto)
    await approve(desk.world.ports, desk.otto, other.approval or "", code)
    change(desk, MassSend, asked.id, state="running", started_at=desk.world.clock())
    await desk.worker().look()
    assert ((await desk.now(asked)).done, (await desk.now(other)).done) == (0, 1)
