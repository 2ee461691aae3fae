"""Who approves a mass send has opened its lines: every recipient, as sealed, before a single one is paid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.wallet_core.mass_desk import ITD, MassDesk, open_desk
from tests.unit.wallet_core.world import ADDRESS, ETH, World, reason_of
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.mass_lines import LINES_COLUMNS, lines_table
from wallet_core.domain.mass_row import MassRow, RowState
from wallet_core.domain.mass_send import MassSend, MassState
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Target
from wallet_core.use_cases.approve import approve
from wallet_core.use_cases.approving import mass_send as approving
from wallet_core.use_cases.look_at_mass_lines import look_at_mass_lines
from wallet_core.use_cases.refuse_approval import refuse_approval
from wallet_core.use_cases.show_approval import show_approval

ROWS = (("@ben", "ITD", 2 * ITD), ("@nobody", "ITD", ITD), (ADDRESS.lower(), "ETH", ETH))


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> MassDesk:
    return await open_desk(world, tmp_path)


@pytest.fixture
async def asked(desk: MassDesk) -> MassSend:
    return await desk.start(await desk.upload(*ROWS))


async def approved(desk: MassDesk, send: MassSend) -> Reason | None:
    """Why Otto, who has not looked, may not approve; None where he may."""
    code = await desk.world.code(desk.otto)
    try:
        await approve(desk.world.ports, desk.otto, send.approval or "", code)
    except Refused as refused:
        return refused.reason
    return None


def harm(desk: MassDesk, kind: type[Any], record_id: str, **fields: Any) -> None:
    """What somebody writes who has the database."""
    desk.world.memory.documents[Target(kind.collection, record_id)] |= fields


async def test_the_file_names_whom_each_line_pays_and_why_one_is_not_paid(desk: MassDesk, asked: MassSend) -> None:
    lines = await desk.look(asked)
    assert tuple(lines[0]) == LINES_COLUMNS
    found = [(one["line"], one["recipient"], one["payee"], one["asset"], one["amount"], one["itd"]) for one in lines]
    assert found == [
        ("2", "'@ben", "14", "ITD", "2", "2"),
        ("3", "'@nobody", "", "ITD", "1", "0"),
        ("4", ADDRESS.lower(), ADDRESS, "ETH", "1", "2000"),
    ]
    assert [(one["fee_itd"], one["not_paid_because"]) for one in lines] == [
        ("0", ""), ("0", "unknown_person"), ("0.5", "")
    ]  # fmt: skip


async def test_who_has_not_opened_the_lines_approves_nothing_and_spends_no_code(
    desk: MassDesk, asked: MassSend
) -> None:
    ports, approval = desk.world.ports, asked.approval or ""
    # That others looked is not enough.
    for other in (desk.fia, desk.gus):
        await desk.look(asked, other)
    code = await desk.world.code(desk.otto)
    assert await reason_of(approve(ports, desk.otto, approval, code)) is Reason.NOT_LOOKED
    assert await reason_of(show_approval(ports, desk.otto, approval, approves=True)) is Reason.NOT_LOOKED
    assert (await show_approval(ports, desk.otto, approval)).facts["subject"] == asked.id, "it is shown all the same"
    assert (await desk.now(asked)).state is MassState.APPROVAL
    await desk.look(asked)
    assert (await show_approval(ports, desk.otto, approval, approves=True)).facts["state"] == "asked"
    await approve(ports, desk.otto, approval, code)
    assert (await desk.now(asked)).state is MassState.RUNNING


async def test_whoever_refuses_need_not_look(desk: MassDesk, asked: MassSend) -> None:
    await refuse_approval(desk.world.ports, desk.otto, asked.approval or "", await desk.world.code(desk.otto))
    assert (await desk.now(asked)).state is MassState.CANCELLED


async def test_a_look_is_recorded_once_for_each_admin_with_the_digest(desk: MassDesk, asked: MassSend) -> None:
    for admin in (desk.otto, desk.otto, desk.gus):
        await desk.look(asked, admin)
    records = await desk.world.memory.find(JournalRecord, {"kind": "mass_lines_seen"})
    assert sorted((one.by, one.facts["mass_send"], one.facts["digest"]) for one in records) == [
        (f"person:{admin.person}", asked.id, asked.digest) for admin in (desk.otto, desk.gus)
    ]


async def test_the_look_at_one_mass_send_is_none_at_another(desk: MassDesk, asked: MassSend) -> None:
    other = await desk.start(await desk.upload(("@cleo", "ITD", 1_500 * ITD)))
    await desk.look(other)
    assert await approved(desk, asked) is Reason.NOT_LOOKED


async def test_without_the_look_it_would_be_approved_unseen(desk: MassDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = approving.look_key
    send = await desk.start(await desk.upload(*ROWS))
    await desk.look(send, desk.gus)
    monkeypatch.setattr(approving, "look_key", lambda mass_send, _person: looked(mass_send, desk.gus.person))
    assert await approved(desk, send) is None
    assert (await desk.now(send)).state is MassState.RUNNING


CHANGES: dict[str, dict[str, Any]] = {
    "another payee": {"person": 15},
    "another amount": {"amount_minor": ITD},
    "left out": {"state": "refused", "reason": "unknown_person"},
}


@pytest.mark.parametrize("change", CHANGES)
async def test_lines_that_are_not_those_of_the_digest_are_shown_to_nobody(
    desk: MassDesk, asked: MassSend, change: str
) -> None:
    """Or an approver would be shown harmless ones, and the worker would pay those of before."""
    harm(desk, MassRow, (await desk.rows(asked))[0].id, **CHANGES[change])
    with pytest.raises(InvariantViolated, match="lines"):
        await desk.look(asked)
    assert await approved(desk, asked) is Reason.NOT_LOOKED


async def test_a_line_that_was_taken_away_is_missed(desk: MassDesk, asked: MassSend) -> None:
    (first, *_) = await desk.rows(asked)
    del desk.world.memory.documents[Target(MassRow.collection, first.id)]
    with pytest.raises(InvariantViolated, match="lines"):
        await desk.look(asked)


async def test_a_preview_is_opened_by_its_payer_and_what_began_has_a_result_instead(desk: MassDesk) -> None:
    send = await desk.upload(("@ben", "ITD", ITD))
    assert [line["payee"] for line in await desk.look(send, desk.fia)] == ["14"]
    await desk.start(send)
    assert await reason_of(look_at_mass_lines(desk.world.ports, desk.otto, send.id)) is Reason.WRONG_STATE


def test_no_cell_of_the_file_is_a_formula() -> None:
    evil = MassRow(
        id="m:2", mass_send="m", line=2, recipient="@ben", asset=Asset.ITD, amount_minor=1, note="=1+1",
        state=RowState.REFUSED, reason="+cmd|calc", address="-2+3",
    )  # fmt: skip
    cells = lines_table([evil]).decode().strip().split(",")
    assert len(cells) == len(LINES_COLUMNS) and not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
