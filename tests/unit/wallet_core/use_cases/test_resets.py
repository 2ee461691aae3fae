"""Resets of a second factor: two admins, a wait, and an owner who can end it at any time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.wallet_core.desk import Slow, told
from tests.unit.wallet_core.use_cases.test_freeze import is_frozen
from tests.unit.wallet_core.world import ADDRESS, World, reason_of
from wallet_core.domain.access_reset import AccessReset, ResetState
from wallet_core.domain.approval import Approval, ApprovalState
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason, Refused
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.approve import approve
from wallet_core.use_cases.ask_reset import ask_reset
from wallet_core.use_cases.begin_enrolment import begin_enrolment
from wallet_core.use_cases.cancel_reset import cancel_reset
from wallet_core.use_cases.check_reset import check_reset
from wallet_core.use_cases.codes import outbox_bound_to
from wallet_core.use_cases.complete_reset import complete_reset
from wallet_core.use_cases.confirm_enrolment import confirm_enrolment
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.freeze_person import freeze_person
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.recover_access import recover_access
from wallet_core.use_cases.refuse_approval import refuse_approval
from wallet_core.use_cases.tend_waits import tend_waits
from wallet_core.use_cases.unfreeze import unfreeze
from wallet_core.use_cases.unfreeze_person import unfreeze_person


@pytest.fixture
async def alice(world: World) -> Caller:
    await world.open_rail()
    return await world.person(1)


@pytest.fixture
async def admins(world: World) -> tuple[Caller, Caller]:
    return await world.person(8, role=Role.FINANCE), await world.person(9, role=Role.OWNER)


async def now(world: World, reset: AccessReset) -> AccessReset:
    found = await world.ports.store.get(AccessReset, reset.id)
    assert found is not None
    return found


async def check(world: World, admin: Caller, reset: AccessReset, how: str = "history") -> AccessReset:
    return await check_reset(world.ports, admin, reset.id, how, await world.code(admin))


async def checked(world: World, reset: AccessReset, admins: tuple[Caller, Caller], how: str = "history") -> AccessReset:
    """Both admins have said yes."""
    first = await check(world, admins[0], reset, how)
    await approve(world.ports, admins[1], str(first.approval), await world.code(admins[1]))
    return await now(world, reset)


async def recovery_codes_of(world: World, person: Caller) -> list[str]:
    sent = [d for t, d in world.memory.documents.items() if t.collection == OutboxMessage.collection]
    mine = [d for d in sent if d["person"] == person.person and d["template"] == "recovery_codes"]
    return world.ports.vault.open(mine[-1]["sealed"], bound_to=outbox_bound_to(person.person)).decode().split("\n")


async def test_somebody_without_device_and_codes_comes_back_after_two_admins_and_a_wait(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    await world.fund(alice, 100)
    reset = await ask_reset(world.ports, alice)
    assert await is_frozen(world, alice)
    waiting = await checked(world, reset, admins)
    assert waiting.state is ResetState.WAITING
    world.clock.turn(hours=71, minutes=59)
    assert await reason_of(complete_reset(world.ports, alice)) is Reason.NOT_YET
    world.clock.turn(minutes=1)
    enrolment = await complete_reset(world.ports, alice)
    assert (await begin_enrolment(world.ports, alice)) == enrolment
    await confirm_enrolment(world.ports, alice, world.code_of(enrolment.secret))
    assert not await is_frozen(world, alice)
    with pytest.raises(Refused) as refused:
        await quote_withdrawal(world.ports, alice, "5", "ETH", ADDRESS)
    assert refused.value.facts["policy"] == "recovery_wait"
    assert [m["state"] for m in told(world, 1, "reset")] == ["asked", "waiting", "done"]
    assert told(world, 1, "device_paired")[-1]["withdrawals_from"] is not None


async def test_the_owner_is_told_at_once_and_every_day(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    reset = await ask_reset(world.ports, alice)
    world.clock.turn(hours=24, seconds=1)
    assert [await tend_waits(world.ports), await tend_waits(world.ports)] == [1, 0]
    await checked(world, reset, admins)
    for _ in range(6):
        world.clock.turn(days=1, seconds=1)
        await tend_waits(world.ports)
    # Asked, reminded once, checked, then day one, day two and when it was due; then no more.
    assert len(told(world, 1, "reset")) == 6


async def test_a_thief_asks_for_a_reset_and_the_owner_ends_it_with_a_code(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    reset = await ask_reset(world.ports, alice)
    await checked(world, reset, admins)
    world.clock.turn(hours=80)
    await cancel_reset(world.ports, alice, await world.code(alice))
    assert (await now(world, reset)).state is ResetState.CANCELLED and not await is_frozen(world, alice)
    assert await reason_of(complete_reset(world.ports, alice)) is Reason.NOT_FOUND
    assert await reason_of(ask_reset(world.ports, alice)) is Reason.NOT_YET, "the thief would go on and on"
    world.clock.turn(days=7)
    await ask_reset(world.ports, alice)


async def test_the_owner_ends_it_by_freezing_and_stays_frozen(world: World, alice: Caller) -> None:
    reset = await ask_reset(world.ports, alice)
    await freeze(world.ports, alice)
    assert (await now(world, reset)).state is ResetState.CANCELLED
    assert (await world.guards(alice)).frozen_by == "person:1" and await is_frozen(world, alice)


async def test_the_owner_ends_it_with_a_recovery_code(world: World, alice: Caller) -> None:
    reset = await ask_reset(world.ports, alice)
    await recover_access(world.ports, alice, (await recovery_codes_of(world, alice))[0])
    assert (await now(world, reset)).state is ResetState.CANCELLED and not await is_frozen(world, alice)


async def test_an_own_freeze_outlives_a_reset_that_was_ended(world: World, alice: Caller) -> None:
    await freeze(world.ports, alice)
    await ask_reset(world.ports, alice)
    await cancel_reset(world.ports, alice, await world.code(alice))
    assert await is_frozen(world, alice)
    assert await reason_of(unfreeze(world.ports, alice, "000000")) is Reason.WRONG_CODE


async def test_cancelling_and_completing_at_once_have_one_outcome(
    world: World, alice: Caller, admins: tuple[Caller, Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    reset = await ask_reset(world.ports, alice)
    await checked(world, reset, admins)
    world.clock.turn(hours=72)
    code = await world.code(alice)

    async def complete() -> None:
        await complete_reset(world.ports, alice)

    slow = Slow(world, "reset_cancelled", complete)
    object.__setattr__(world.ports, "ledger", slow)
    assert await reason_of(cancel_reset(world.ports, alice, code)) in (Reason.CHANGED_MEANWHILE, Reason.WRONG_STATE)
    assert (await now(world, reset)).state is ResetState.DONE


async def test_one_admin_alone_resets_nobody(world: World, alice: Caller, admins: tuple[Caller, Caller]) -> None:
    reset = await ask_reset(world.ports, alice)
    first = await check(world, admins[0], reset)
    own = approve(world.ports, admins[0], str(first.approval), await world.code(admins[0]))
    assert await reason_of(own) is Reason.NOT_ALLOWED
    assert await reason_of(check(world, admins[1], reset)) is Reason.UNDER_WAY
    assert (await now(world, reset)).state is ResetState.ASKED


async def test_an_admin_checks_neither_their_own_reset_nor_approves_it(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    reset = await ask_reset(world.ports, admins[1])
    assert await reason_of(check(world, admins[1], reset)) is Reason.NOT_ALLOWED
    first = await check(world, admins[0], reset)
    own = approve(world.ports, admins[1], str(first.approval), await world.code(admins[1]))
    assert await reason_of(own) is Reason.NOT_ALLOWED


async def test_an_admin_who_is_reset_comes_back_without_a_role(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    third = await world.person(10, role=Role.OWNER)
    reset = await ask_reset(world.ports, admins[0])
    await checked(world, reset, (admins[1], third))
    world.clock.turn(hours=72)
    await complete_reset(world.ports, admins[0])
    assert (await world.guards(admins[0])).role is None


async def test_a_refusal_by_the_second_admin_lets_another_try(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    reset = await ask_reset(world.ports, alice)
    first = await check(world, admins[0], reset)
    await refuse_approval(world.ports, admins[1], str(first.approval), await world.code(admins[1]))
    assert (await now(world, reset)).state is ResetState.ASKED
    again = await check(world, admins[0], reset, "documents")
    asked = await world.ports.store.get(Approval, again.approval)
    assert asked is not None and asked.what["how"] == "documents"


async def test_who_is_not_known_is_refused_and_the_wallet_works_again(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    reset = await ask_reset(world.ports, alice)
    await check(world, admins[0], reset, "")
    assert (await now(world, reset)).state is ResetState.REFUSED and not await is_frozen(world, alice)
    with pytest.raises(AlreadyDone):
        await check(world, admins[1], reset)


async def test_level_one_is_reset_by_history_for_small_amounts_alone(world: World, alice: Caller) -> None:
    await world.fund(alice, 250)
    await ask_reset(world.ports, alice)
    ben = await world.person(2)
    await world.fund(ben, 250.01)
    with pytest.raises(Refused) as refused:
        await ask_reset(world.ports, ben)
    assert refused.value.reason is Reason.NEEDS_DOCUMENTS


async def test_who_has_documents_is_compared_with_them(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    await world.post(changes=(ChangeGuards(1, lambda g, _: g.with_(level=2)),))
    await world.fund(alice, 1_000)
    reset = await ask_reset(world.ports, alice)
    assert await reason_of(check(world, admins[0], reset)) is Reason.DOCUMENTS_UNSEEN
    assert (await checked(world, reset, admins, "documents")).state is ResetState.WAITING


async def test_nobody_asks_twice_and_nobody_without_a_second_factor(world: World, alice: Caller) -> None:
    await ask_reset(world.ports, alice)
    assert await reason_of(ask_reset(world.ports, alice)) is Reason.UNDER_WAY
    assert await reason_of(ask_reset(world.ports, Caller(77))) is Reason.ENROL_FIRST


async def test_a_reset_that_was_changed_after_the_first_check_is_not_approved(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    reset = await ask_reset(world.ports, alice)
    first = await check(world, admins[0], reset)
    world.memory._keep(first.model_copy(update={"checked_how": "documents"}))
    approval = approve(world.ports, admins[1], str(first.approval), await world.code(admins[1]))
    assert await reason_of(approval) is Reason.CHANGED_MEANWHILE


async def test_a_planted_wait_that_does_not_count_would_be_seen(
    world: World, alice: Caller, admins: tuple[Caller, Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    await checked(world, await ask_reset(world.ports, alice), admins)
    monkeypatch.setattr("wallet_core.domain.waits.MoveWhenDue.apply", lambda due, d, at: due.move.apply(d, at))
    await complete_reset(world.ports, alice)
    assert not (await world.guards(alice)).enrolled, "the planted bug should have let it through"


async def test_who_writes_into_the_database_that_a_reset_was_checked_gets_no_new_device(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    reset = await ask_reset(world.ports, alice)
    asked = await check(world, admins[0], reset)
    due = {"state": ResetState.WAITING, "due_at": await world.ports.store.now()}
    for forged in ({}, {"approval": None}, {"approval": "0" * 32}):
        world.memory._keep(asked.model_copy(update={**due, **forged}))
        with pytest.raises(InvariantViolated):
            await complete_reset(world.ports, alice)
    approval = await world.ports.store.get(Approval, str(asked.approval))
    assert approval is not None
    world.memory._keep(
        approval.model_copy(update={"state": ApprovalState.APPROVED, "decided_by": 9, "decided_mac": approval.mac})
    )
    world.memory._keep(asked.model_copy(update=due))
    with pytest.raises(InvariantViolated):
        await complete_reset(world.ports, alice)
    assert (await world.guards(alice)).enrolled


async def test_an_answer_about_one_person_resets_nobody_else(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    ben = await world.person(2)
    for_ben = await checked(world, await ask_reset(world.ports, ben), admins)
    reset = await ask_reset(world.ports, alice)
    same = {"state": ResetState.WAITING, "due_at": for_ben.due_at, "approval": for_ben.approval}
    world.memory._keep(reset.model_copy(update={**same, "checked_by": 8, "checked_how": "history"}))
    world.clock.turn(hours=73)
    with pytest.raises(InvariantViolated):
        await complete_reset(world.ports, alice)


async def frozen_by_admin(world: World, admin: Caller, alice: Caller, hours: int = 0) -> None:
    until = await world.ports.store.now() + timedelta(hours=hours) if hours else None
    code = await world.code(admin)
    await freeze_person(world.ports, admin, alice.person, reason="a call", until=until, code=code)


async def test_a_reset_keeps_the_wallet_frozen_when_a_freeze_above_it_ends_by_itself(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    await frozen_by_admin(world, admins[0], alice, hours=1)
    await ask_reset(world.ports, alice)
    world.clock.turn(hours=2)
    assert await is_frozen(world, alice)
    await tend_waits(world.ports)
    assert await is_frozen(world, alice)
    assert (await world.guards(alice)).frozen_at is not None, "what looks at this field alone sees the freeze"
    await cancel_reset(world.ports, alice, await world.code(alice))
    assert not await is_frozen(world, alice)


async def test_a_reset_keeps_the_wallet_frozen_when_an_admin_or_the_person_ends_the_freeze_above_it(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    await frozen_by_admin(world, admins[0], alice)
    await ask_reset(world.ports, alice)
    await unfreeze_person(world.ports, admins[0], alice.person, await world.code(admins[0]))
    assert await is_frozen(world, alice)
    ben = await world.person(2)
    await freeze(world.ports, ben)
    await ask_reset(world.ports, ben)
    await unfreeze(world.ports, ben, await world.code(ben))
    for _ in range(2):
        world.clock.turn(hours=25)
        assert await is_frozen(world, ben)
        await tend_waits(world.ports)
    await cancel_reset(world.ports, ben, await world.code(ben))
    assert not await is_frozen(world, ben)
