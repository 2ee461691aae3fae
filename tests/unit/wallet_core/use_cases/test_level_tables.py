"""The table of limits: drafted by one owner, approved by another, and counted from its moment on."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.wallet_core.use_cases.policing import spoil
from tests.unit.wallet_core.world import ITD, World, reason_of, refusal
from wallet_core.domain.approval import Approval, ApprovalState
from wallet_core.domain.errors import InvariantViolated, Reason
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.kyc import Limit, Operation
from wallet_core.domain.level_table import LevelDraft, LevelTable
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.approve import approve
from wallet_core.use_cases.ask_levels import ask_levels
from wallet_core.use_cases.change_levels import change_levels
from wallet_core.use_cases.discard_levels import discard_levels
from wallet_core.use_cases.limits import limits_today
from wallet_core.use_cases.refuse_approval import refuse_approval
from wallet_core.use_cases.show_level_tables import show_level_tables
from wallet_core.use_cases.show_levels import show_levels
from wallet_core.use_cases.show_limits import show_limits

DELAY = timedelta(seconds=61)


@pytest.fixture
async def other(world: World, owner: Caller) -> Caller:
    """A second owner."""
    return await world.person(91, role=Role.OWNER)


async def asked(world: World, owner: Caller, *changes: str) -> Approval:
    for change in changes:
        await change_levels(world.ports, owner, change)
    draft = await world.memory.get(LevelDraft, owner.person)
    assert draft is not None
    return await ask_levels(world.ports, owner, draft.digest, await world.code(owner))


async def approved(world: World, owner: Caller, other: Caller, *changes: str) -> LevelTable:
    """The table that comes of these changes; it counts when this returns."""
    approval = await asked(world, owner, *changes)
    await approve(world.ports, other, approval.id, await world.code(other))
    (table,) = await world.memory.find(LevelTable, {}, order_by=("-_id",), limit=1)
    world.clock.now = table.begins_at
    return table


async def limit_of(world: World, level: int, operation: Operation) -> Limit:
    return (await limits_today(world.ports)).version.limit(level, operation)


# Drafting and approving


async def test_a_draft_counts_for_nothing_and_an_approved_table_from_its_moment_on(
    world: World, owner: Caller, other: Caller
) -> None:
    approval = await asked(world, owner, "2 payout 12 3000", "note for the fair")
    assert await limit_of(world, 2, Operation.PAYOUT) == Limit(10, 2_500 * ITD)
    await approve(world.ports, other, approval.id, await world.code(other))
    (table,) = await world.memory.find(LevelTable, {})
    assert (table.id, table.by, table.approved_by, table.note) == (1, owner.person, other.person, "for the fair")
    assert table.begins_at == world.clock() + DELAY
    world.clock.now = table.begins_at - timedelta(milliseconds=1)
    assert await limit_of(world, 2, Operation.PAYOUT) == Limit(10, 2_500 * ITD)
    assert (await show_limits(world.ports, owner)).next_table == table.version()
    world.clock.now = table.begins_at
    assert await limit_of(world, 2, Operation.PAYOUT) == Limit(12, 3_000 * ITD)
    assert await limit_of(world, 1, Operation.PAYOUT) == Limit(3, 250 * ITD)
    assert (await show_limits(world.ports, owner)).next_table is None
    assert (await show_levels(world.ports, owner)).draft is None


async def test_the_journal_has_what_was_changed_by_whom_and_who_approved(
    world: World, owner: Caller, other: Caller
) -> None:
    table = await approved(world, owner, other, "2 payout 12 3000")
    record = await world.memory.get(JournalRecord, "level_table:1")
    assert record is not None and record.by == other.name and set(record.people) == {owner.person, other.person}
    assert record.facts["changes"] == [[[2, "payout", 10, 2_500 * ITD], [2, "payout", 12, 3_000 * ITD]]]
    assert record.facts["seal"] == table.mac


async def test_whoever_asked_does_not_approve_and_no_lesser_role_does(
    world: World, owner: Caller, other: Caller
) -> None:
    approval = await asked(world, owner, "2 payout 12 3000")
    finance = await world.person(92, role=Role.FINANCE)
    for caller in (owner, finance):
        code = await world.code(caller)
        assert await reason_of(approve(world.ports, caller, approval.id, code)) is Reason.NOT_ALLOWED
    assert await reason_of(approve(world.ports, other, approval.id, "000000")) is Reason.WRONG_CODE
    assert await reason_of(change_levels(world.ports, finance, "2 payout 12 3000")) is Reason.NOT_ALLOWED
    assert await world.memory.find(LevelTable, {}) == []
    assert (await show_levels(world.ports, finance)).active.number == 0


@pytest.mark.parametrize("change", ["1 send 11 500", "note another reason", "from 0", None])
async def test_what_was_asked_for_is_void_when_its_draft_is_not_the_same_any_more(
    world: World, owner: Caller, other: Caller, change: str | None
) -> None:
    approval = await asked(world, owner, "2 payout 12 3000")
    await (change_levels(world.ports, owner, change) if change else discard_levels(world.ports, owner))
    code = await world.code(other)
    assert await reason_of(approve(world.ports, other, approval.id, code)) is Reason.CHANGED_MEANWHILE
    assert await world.memory.find(LevelTable, {}) == []


async def test_what_was_asked_for_is_void_when_another_table_came_first(
    world: World, owner: Caller, other: Caller
) -> None:
    approval = await asked(world, owner, "2 payout 12 3000")
    await approved(world, other, owner, "1 send 11 500")
    code = await world.code(other)
    assert await reason_of(approve(world.ports, other, approval.id, code)) is Reason.CHANGED_MEANWHILE
    draft = await world.memory.get(LevelDraft, owner.person)
    assert draft is not None
    code = await world.code(owner)
    assert await reason_of(ask_levels(world.ports, owner, draft.digest, code)) is Reason.CHANGED_MEANWHILE


async def test_only_the_draft_that_was_shown_is_asked_for_and_one_that_changes_nothing_is_not(
    world: World, owner: Caller
) -> None:
    shown = await change_levels(world.ports, owner, "2 payout 12 3000")
    same = await change_levels(world.ports, owner, "2 payout 10 2500")
    for digest in (shown.digest, same.digest):
        code = await world.code(owner)
        assert await reason_of(ask_levels(world.ports, owner, digest, code)) is Reason.CHANGED_MEANWHILE
    await discard_levels(world.ports, owner)
    assert await reason_of(ask_levels(world.ports, owner, same.digest, "000000")) is Reason.NOT_FOUND


async def test_while_one_table_lies_ahead_no_other_is_asked_for_or_approved(
    world: World, owner: Caller, other: Caller
) -> None:
    approval = await asked(world, owner, "2 payout 12 3000")
    await approve(world.ports, other, approval.id, await world.code(other))
    refused = await refusal(asked(world, owner, "2 payout 13 3000"))
    (table,) = await world.memory.find(LevelTable, {})
    assert (refused.reason, refused.facts["begins_at"]) == (Reason.BAD_LEVEL, table.begins_at)
    world.clock.now = table.begins_at
    assert (await approved(world, owner, other, "2 payout 13 3000")).id == 2


async def test_an_earlier_table_is_drafted_again_and_all_of_them_are_listed(
    world: World, owner: Caller, other: Caller
) -> None:
    first = await approved(world, owner, other, "2 payout 12 3000")
    second = await approved(world, other, owner, "from 0")
    third = await approved(world, owner, other, "from 1", "note as it was")
    assert third.rows == first.rows
    assert (await show_level_tables(world.ports, owner, 1)).tables == (third, second, first)
    assert await reason_of(change_levels(world.ports, owner, "from 9")) is Reason.NOT_FOUND
    assert await reason_of(change_levels(world.ports, owner, "from x")) is Reason.NOT_FOUND


async def test_a_refused_table_is_gone_and_its_draft_may_be_asked_for_again(
    world: World, owner: Caller, other: Caller
) -> None:
    approval = await asked(world, owner, "2 payout 12 3000")
    found = await refuse_approval(world.ports, other, approval.id, await world.code(other))
    assert found.state is ApprovalState.REFUSED
    assert await world.memory.find(LevelTable, {}) == []
    again = await asked(world, owner)
    await approve(world.ports, other, again.id, await world.code(other))
    assert len(await world.memory.find(LevelTable, {})) == 1


async def test_a_draft_that_somebody_wrote_into_is_neither_shown_nor_approved(
    world: World, owner: Caller, other: Caller
) -> None:
    approval = await asked(world, owner, "2 payout 12 3000")
    spoil(world, LevelDraft, owner.person, note="harmless")
    code = await world.code(other)
    for call in (show_levels(world.ports, owner), approve(world.ports, other, approval.id, code)):
        with pytest.raises(InvariantViolated):
            await call
    await discard_levels(world.ports, owner)
    assert (await show_levels(world.ports, owner)).draft is None


async def test_a_table_whose_approval_took_its_time_is_sealed_anew(
    world: World, owner: Caller, other: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database does not answer for a while, between the sealing and the posting."""
    approval = await asked(world, owner, "2 payout 12 3000")
    post, slow = world.memory.post, [True]

    async def late(posting: Any) -> Any:
        if posting.kind == "level_table_stored" and slow:
            slow.clear()
            world.clock.turn(seconds=15)
        return await post(posting)

    monkeypatch.setattr(world.memory, "post", late)
    await approve(world.ports, other, approval.id, await world.code(other))
    (table,) = await world.memory.find(LevelTable, {})
    assert not slow and table.begins_at == world.clock() + DELAY
