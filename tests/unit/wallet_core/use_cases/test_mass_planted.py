"""Bugs that are put in on purpose: what the tests of mass sends look at must see every one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from payout_worker.mass import mass_checks, mass_piece, mass_postings
from tests.unit.wallet_core.mass_desk import ITD, MassDesk, open_desk
from tests.unit.wallet_core.world import World
from wallet_core.domain.errors import WalletError
from wallet_core.domain.mass_send import CountRows, MassSend, MassState
from wallet_core.domain.record import Target
from wallet_core.use_cases import mass_sends, upload_mass_send

Patch = pytest.MonkeyPatch


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> MassDesk:
    return await open_desk(world, tmp_path)


async def two_files(desk: MassDesk) -> list[str]:
    """What is wrong after two mass sends with people in common, the worker being killed after each piece of the first.

    It dies when lines are paid and before it has written down anything else; then the next one goes on.
    """
    sends = [
        await desk.start(await desk.upload(*[("@ben", "ITD", ITD // 4 + n) for n in range(5)], ("@nobody", "ITD", 1))),
        await desk.start(await desk.upload(*[("@cleo", "ITD", ITD // 4 + n) for n in range(3)])),
    ]
    for life in ("worker", "worker", "worker"):
        await desk.worker(life).look()
    gaps = []
    for send in [await desk.now(send) for send in sends]:
        payable = send.person_rows
        if (send.paid, send.done, send.paid_minor) != (payable, send.rows, send.total_minor):
            gaps.append(f"{send.paid} of {payable} are paid, {send.done} of {send.rows} done, {send.paid_minor} in all")
        if [row.line for row in await desk.rows(send) if row.state not in ("paid", "refused")]:
            gaps.append("lines have no end")
    if await desk.world.money(desk.ben) != (5 * ITD // 4 + 10, 0):
        gaps.append("Ben has not what he should")
    if await desk.world.money(desk.cleo) != (3 * ITD // 4 + 3, 0):
        gaps.append("Cleo has not what she should")
    return gaps


async def test_without_a_bug_nothing_is_wrong(desk: MassDesk) -> None:
    assert await two_files(desk) == []


def key_of_the_line_alone(patch: Patch) -> None:
    """The second file's lines have the keys of the first one's."""
    paying = mass_postings.paying
    patch.setattr(mass_piece, "paying", lambda t, p, row: replace(paying(t, p, row), key=f"line:{row.line}"))


def counted_twice(patch: Patch) -> None:
    """By the posting of the line, and once more when the piece is done."""
    paying = mass_postings.paying

    def doubled(tenure: Any, piece: Any, row: Any) -> Any:
        posting = paying(tenure, piece, row)
        return replace(posting, changes=(*posting.changes, CountRows(piece.send.id, {"paid": 1})))

    patch.setattr(mass_piece, "paying", doubled)


def counted_apart(patch: Patch) -> None:
    """The line's own posting counts nothing; somebody else is to do it, and is killed before."""
    paying = mass_postings.paying

    def uncounted(tenure: Any, piece: Any, row: Any) -> Any:
        posting = paying(tenure, piece, row)
        return replace(posting, changes=tuple(c for c in posting.changes if not isinstance(c, CountRows)))

    patch.setattr(mass_piece, "paying", uncounted)


def line_never_leaves_pending(patch: Patch) -> None:
    """What was paid is paid again, under a key of the day."""
    paying, number = mass_postings.paying, iter(range(10**6))

    def again(tenure: Any, piece: Any, row: Any) -> Any:
        posting = paying(tenure, piece, row)
        changes = tuple(c for c in posting.changes if getattr(c, "target", Target("", "")).collection != "mass_rows")
        return replace(posting, key=f"{row.id}:{next(number)}", changes=changes)

    patch.setattr(mass_piece, "paying", again)
    patch.setattr("payout_worker.mass_sends.pay_piece", _once(mass_piece.pay_piece))


def _once(pay_piece: Callable[..., Any]) -> Callable[..., Any]:
    """One piece a pass, or it would never end."""

    async def paid(*arguments: Any) -> bool:
        await pay_piece(*arguments)
        return False

    return paid


BUGS = (key_of_the_line_alone, counted_twice, counted_apart, line_never_leaves_pending)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
async def test_a_planted_bug_is_seen(desk: MassDesk, monkeypatch: Patch, bug: Callable[[Patch], None]) -> None:
    bug(monkeypatch)
    assert await two_files(desk) != []


async def test_a_digest_of_resolved_lines_would_pay_a_file_twice(desk: MassDesk, monkeypatch: Patch) -> None:
    """Why "the same file" is what was written: somebody joins, and everybody else is paid again."""
    known = {"@ben": 14, "@late": 0}

    def resolved(rows: Any) -> str:
        return str([(known[row.recipient], row.amount_minor) for row in rows])

    monkeypatch.setattr(upload_mass_send, "file_digest_of", resolved)
    await desk.finished(await desk.upload(("@ben", "ITD", ITD), ("@late", "ITD", ITD)))
    await desk.world.person(99, "late")
    known["@late"] = 99
    await desk.finished(await desk.upload(("@ben", "ITD", ITD), ("@late", "ITD", ITD)))
    assert await desk.world.money(desk.ben) == (2 * ITD, 0)


# What is approved is what is paid: several things insist on it, and each of them alone is enough.


def unbound(patch: Patch) -> None:
    """Whoever approves does not compare what they were asked with what there is."""

    async def whatever(ports: Any, approval: Any) -> MassSend:
        return await mass_sends.mass_send_of(ports, approval.subject)

    patch.setattr("wallet_core.use_cases.approving.mass_send._subject", whatever)


def unsealed(patch: Patch) -> None:
    """Nobody looks at the seal on what was shown."""
    patch.setattr(mass_sends, "check_terms", lambda _ports, _send: None)


def unchecked(patch: Patch) -> None:
    """The worker runs whatever the database calls running."""

    async def well(_ports: Any, _send: Any) -> None:
        return None

    patch.setattr("payout_worker.mass_sends.check_authority", well)
    patch.setattr(mass_checks, "check_authority", well)


GUARDS = (unbound, unsealed, unchecked)


async def paid_behind_the_approver(desk: MassDesk) -> bool:
    """Whether a total goes out that was changed in the database after another admin was asked."""
    send = await desk.start(await desk.upload(("@ben", "ITD", 1_001 * ITD)))
    await desk.look(send)
    changed = {"digest": "0" * 64, "total_minor": 4_000 * ITD}
    desk.world.memory.documents[Target(MassSend.collection, send.id)] |= changed
    try:
        await desk.approve(send, looks=False)
    except WalletError:
        return False
    await desk.worker().look()
    return (await desk.now(send)).paid > 0


@pytest.mark.parametrize("kept", GUARDS, ids=lambda guard: guard.__name__)
async def test_each_binding_of_an_approval_is_enough_by_itself(
    desk: MassDesk, monkeypatch: Patch, kept: Callable[[Patch], None]
) -> None:
    for guard in GUARDS:
        if guard is not kept:
            guard(monkeypatch)
    assert not await paid_behind_the_approver(desk)


async def test_without_any_binding_the_change_is_paid_and_this_test_sees_it(desk: MassDesk, monkeypatch: Patch) -> None:
    for guard in GUARDS:
        guard(monkeypatch)
    assert await paid_behind_the_approver(desk)


async def test_whoever_asked_would_approve_themselves_but_for_one_line(desk: MassDesk, monkeypatch: Patch) -> None:
    send = await desk.start(await desk.upload(("@ben", "ITD", 1_001 * ITD)))
    monkeypatch.setattr("wallet_core.use_cases.decisions.check_decider", lambda _approval, _person: None)
    await desk.approve(send, desk.fia)
    # Even so the worker does not run it.
    await desk.worker().look()
    assert ((await desk.now(send)).state, (await desk.now(send)).paid) == (MassState.RUNNING, 0)
