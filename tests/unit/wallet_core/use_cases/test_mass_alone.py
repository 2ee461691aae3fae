"""What one admin may start alone: in all within a day, to whom, and never an old preview at its old rates."""

import dataclasses
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.mass import lines
from tests.unit.wallet_core.desk import told
from tests.unit.wallet_core.mass_desk import ITD, MassDesk, open_desk
from tests.unit.wallet_core.world import ADDRESS, ETH, OTHER_ADDRESS, World, reason_of
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason
from wallet_core.domain.guards import ChangeGuards, frozen
from wallet_core.domain.mass_alone import started_alone
from wallet_core.domain.mass_send import MassSend, MassState, Remark
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.record import Target
from wallet_core.use_cases import mass_sends
from wallet_core.use_cases.approve import approve
from wallet_core.use_cases.show_approval import show_approval
from wallet_core.use_cases.start_mass_send import start_mass_send

Patch = pytest.MonkeyPatch


def large(itd: int, to: str = "@ben") -> tuple[str, str, int]:
    return (to, "ITD", itd * ITD)


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> MassDesk:
    return await open_desk(world, tmp_path)


def written(desk: MassDesk, send: MassSend, **fields: object) -> None:
    """What somebody writes who has the database."""
    desk.world.memory.documents[Target(MassSend.collection, send.id)] |= fields


async def states(desk: MassDesk, *sends: MassSend) -> list[str]:
    return [(await desk.now(send)).state.value for send in sends]


async def test_many_below_the_limit_are_in_all_not_above_it_within_a_day(desk: MassDesk) -> None:
    """All are previewed before the first is started: what counts is what was started."""
    previews = [await desk.upload(large(400 + n)) for n in range(3)]
    for send in previews:
        await desk.start(send)
    assert await states(desk, *previews) == ["running", "running", "approval"]
    asked = told(desk.world, 12, "approval")[-1]["mass_send"]
    assert (asked["alone_minor"], asked["total_minor"]) == (801 * ITD, 402 * ITD)
    later = await desk.upload(large(450))
    assert (later.alone_minor, later.needs_approval) == (801 * ITD, True)
    # Another payer's limit is their own, and what a second admin approved is no part of it.
    await desk.world.fund(desk.gus, 1_000)
    assert (await desk.start(await desk.upload(large(1_000), payer=desk.gus), desk.gus)).state is MassState.RUNNING
    await desk.approve(previews[2])
    desk.world.clock.turn(hours=24)
    assert (await desk.start(await desk.upload(large(999)))).state is MassState.RUNNING


async def started_at_once(desk: MassDesk) -> str:
    """What becomes of one that is started while another start of 600 ITD is posted by another process."""
    send = await desk.upload(large(601))
    memory = desk.world.memory
    post = memory.post

    async def overtaken(posting):  # type: ignore[no-untyped-def]  # it stands in for a method
        if posting.kind == "hold_opened":
            memory.post = post  # type: ignore[method-assign]  # once
            await desk.world.post(changes=(started_alone(desk.fia.person, 600 * ITD, 1_000 * ITD),))
        return await post(posting)

    memory.post = overtaken  # type: ignore[method-assign]  # just before the commit
    return (await desk.start(send)).state.value


async def test_two_at_once_are_not_more_than_one_after_the_other(desk: MassDesk) -> None:
    assert await started_at_once(desk) == "approval"


async def test_without_the_guard_two_at_once_would_be(desk: MassDesk, monkeypatch: Patch) -> None:
    def unguarded(person: int, amount_minor: int, above_minor: int) -> ChangeGuards:
        return started_alone(person, amount_minor, 10**12)

    monkeypatch.setattr(mass_sends, "started_alone", unguarded)
    assert await started_at_once(desk) == "running"


async def test_payouts_that_nobody_else_approved_wait_as_a_withdrawal_does(desk: MassDesk) -> None:
    alone = await desk.upload((ADDRESS, "ETH", ETH // 10))
    assert [(one.remark, one.lines) for one in alone.remarks] == [(Remark.NEW_ADDRESS, (2,))]
    await desk.start(alone)
    approved = await desk.upload((OTHER_ADDRESS, "ETH", ETH))
    assert approved.remarks == ()
    await desk.start(approved)
    await desk.approve(approved)
    await desk.worker().look()
    (waits,) = await desk.world.ports.store.find(Withdrawal, {"mass_send": alone.id})
    (ready,) = await desk.world.ports.store.find(Withdrawal, {"mass_send": approved.id})
    assert waits.not_before is not None and waits.not_before > desk.world.clock() + timedelta(hours=23)
    assert ready.not_before is None and ready.reviewed_by == desk.otto.person
    desk.world.clock.turn(hours=25)
    again = await desk.upload((ADDRESS, "ETH", ETH // 20))
    assert again.remarks == (), "it is known by now"


async def test_an_approver_who_is_written_into_the_database_ends_no_wait(desk: MassDesk) -> None:
    send = await desk.start(await desk.upload((ADDRESS, "ETH", ETH // 10)))
    written(desk, send, approved_by=desk.otto.person)
    await desk.worker().look()
    (payout,) = await desk.world.ports.store.find(Withdrawal, {"mass_send": send.id})
    assert payout.not_before is not None and payout.reviewed_by is None


async def test_an_old_preview_is_started_by_nobody_who_moves_its_end(desk: MassDesk) -> None:
    send = await desk.upload(large(10))
    desk.world.clock.turn(minutes=31)
    written(desk, send, expires_at=desk.world.clock() + timedelta(hours=1))
    with pytest.raises(InvariantViolated, match="terms"):
        await desk.start(send)
    assert await desk.world.money(desk.fia) == (5_000 * ITD, 0)


@pytest.mark.parametrize("by", [timedelta(hours=-5), timedelta(minutes=20), timedelta(days=1)])
async def test_the_moment_of_the_start_is_sealed(desk: MassDesk, by: timedelta) -> None:
    """Payouts hold their rate for so long after it."""
    send = await desk.start(await desk.upload((ADDRESS, "ETH", ETH // 10)))
    started: datetime | None = send.started_at
    assert started is not None
    written(desk, send, started_at=started + by)
    await desk.worker().look()
    assert (await desk.now(send)).queued == 0
    assert [alarm["alarm"] for alarm in told(desk.world, 12, "alarm")] == ["item_stopped"]


async def test_a_blank_line_more_or_another_order_is_the_same_file(desk: MassDesk) -> None:
    rows = lines(large(10), large(20, "@cleo"))
    first = await desk.finished(await desk.take(rows))
    moved = tuple(dataclasses.replace(row, line=row.line + 1) for row in rows)
    for same in (moved, tuple(reversed(rows))):
        with pytest.raises(AlreadyDone) as again:
            await desk.take(same)
        assert again.value.result.id == first.id
    assert (await desk.take((*rows, dataclasses.replace(rows[0], line=9)))).id != first.id, (
        "a line more is another file"
    )


async def test_a_payer_is_told_that_somebody_else_ran_the_same_file(desk: MassDesk) -> None:
    await desk.world.fund(desk.gus, 100)
    assert (await desk.upload(large(10), payer=desk.gus)).ran_before is None
    first = await desk.finished(await desk.upload(large(10)))
    before = (await desk.upload(large(10), payer=desk.otto)).ran_before
    assert before is not None
    assert (before.person, before.name, before.at) == (desk.fia.person, "Fia", first.started_at)


async def test_an_approver_is_shown_what_is_sealed_and_nothing_else(desk: MassDesk) -> None:
    send = await desk.start(await desk.upload(large(1_500)))
    shown = await show_approval(desk.world.ports, desk.otto, send.approval or "")
    assert shown.facts["mass_send"]["total_minor"] == 1_500 * ITD
    written(desk, send, total_minor=2 * ITD)
    with pytest.raises(InvariantViolated):
        await show_approval(desk.world.ports, desk.otto, send.approval or "")


async def test_an_approver_who_froze_their_wallet_approves_nothing(desk: MassDesk) -> None:
    send = await desk.start(await desk.upload(large(1_500)))
    code = await desk.world.code(desk.otto)
    await desk.look(send)
    await desk.world.post(changes=(frozen(desk.otto.person, "test"),))
    assert await reason_of(approve(desk.world.ports, desk.otto, send.approval or "", code)) is Reason.FROZEN
    assert await states(desk, send) == ["approval"]


async def test_a_start_that_is_too_late_starts_nothing(desk: MassDesk) -> None:
    send = await desk.upload(large(10))
    code = await desk.world.code(desk.fia)
    memory = desk.world.memory
    post = memory.post

    async def late(posting):  # type: ignore[no-untyped-def]  # it stands in for a method
        if posting.kind == "hold_opened":
            desk.world.clock.turn(minutes=31)
        return await post(posting)

    memory.post = late  # type: ignore[method-assign]  # just before the commit
    assert await reason_of(start_mass_send(desk.world.ports, desk.fia, send.id, code)) is Reason.EXPIRED
