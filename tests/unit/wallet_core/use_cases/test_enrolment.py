"""Enrolling, recovering, and what a code is worth."""

import pytest

from tests.unit.wallet_core.world import World, reason_of
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.people import Caller
from wallet_core.use_cases.begin_enrolment import begin_enrolment
from wallet_core.use_cases.codes import outbox_bound_to
from wallet_core.use_cases.confirm_enrolment import confirm_enrolment
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.recover_access import recover_access
from wallet_core.use_cases.spend_seen_code import spend_seen_code
from wallet_core.use_cases.unfreeze import unfreeze

ALICE = Caller(1)


async def recovery_codes(world: World) -> list[str]:
    """What the person reads in the message with the recovery codes."""
    (message,) = await world.memory.find(OutboxMessage, {"template": "recovery_codes"}, limit=1, order_by=("-at",))
    assert message.sealed is not None
    return world.ports.vault.open(message.sealed, bound_to=outbox_bound_to(message.person)).decode().split("\n")


async def test_asking_again_shows_the_same_secret_until_its_first_code(world: World) -> None:
    first = await begin_enrolment(world.ports, ALICE)
    assert await begin_enrolment(world.ports, ALICE) == first
    assert first.secret in first.uri
    assert not (await world.guards(ALICE)).enrolled


async def test_the_database_never_holds_a_secret_that_can_be_read(world: World) -> None:
    secret = (await begin_enrolment(world.ports, ALICE)).secret
    await confirm_enrolment(world.ports, ALICE, world.code_of(secret))
    codes = await recovery_codes(world)
    # This wallet's recovery codes are their own hashes; whether real hashes tell anything is tested beside them.
    elsewhere = [document for target, document in world.memory.documents.items() if target.collection != "guards"]
    assert secret not in repr(world.memory.documents)
    assert not any(code in repr(elsewhere) for code in codes)


async def test_a_wrong_code_enables_nothing_and_says_how_many_tries_are_left(world: World) -> None:
    await begin_enrolment(world.ports, ALICE)
    with pytest.raises(Refused) as refused:
        await confirm_enrolment(world.ports, ALICE, "000000")
    assert refused.value.reason is Reason.WRONG_CODE
    assert refused.value.facts == {"tries_left": 4, "until": None}
    assert not (await world.guards(ALICE)).enrolled


async def test_after_five_wrong_codes_even_the_right_one_must_wait(world: World) -> None:
    secret = (await begin_enrolment(world.ports, ALICE)).secret
    for _ in range(5):
        assert await reason_of(confirm_enrolment(world.ports, ALICE, "000000")) is Reason.WRONG_CODE
    assert await reason_of(confirm_enrolment(world.ports, ALICE, world.code_of(secret))) is Reason.CODE_LOCKED
    world.clock.turn(seconds=31)
    await confirm_enrolment(world.ports, ALICE, world.code_of(secret))
    assert (await world.guards(ALICE)).enrolled


async def test_nothing_can_be_confirmed_before_it_was_begun_nor_twice(world: World) -> None:
    assert await reason_of(confirm_enrolment(world.ports, ALICE, "000000")) is Reason.ENROL_FIRST
    alice = await world.person(1)
    assert await reason_of(confirm_enrolment(world.ports, alice, "000000")) is Reason.ALREADY_ENROLLED
    assert await reason_of(begin_enrolment(world.ports, alice)) is Reason.ALREADY_ENROLLED


async def test_the_code_that_enabled_is_not_accepted_a_second_time(world: World) -> None:
    secret = (await begin_enrolment(world.ports, ALICE)).secret
    code = world.code_of(secret)
    await confirm_enrolment(world.ports, ALICE, code)
    await freeze(world.ports, ALICE)
    assert await reason_of(unfreeze(world.ports, ALICE, code)) is Reason.CODE_USED


async def test_a_recovery_code_enrols_a_new_device_and_ends_the_old_one(world: World) -> None:
    alice = await world.person(1)
    (code, *_) = await recovery_codes(world)
    old = await world.code(alice)
    enrolment = await recover_access(world.ports, alice, code)
    assert await reason_of(unfreeze(world.ports, alice, old)) is Reason.ENROL_FIRST
    await confirm_enrolment(world.ports, alice, world.code_of(enrolment.secret))
    guards = await world.guards(alice)
    assert guards.enrolled
    assert guards.withdrawals_from is not None
    assert (guards.withdrawals_from - world.clock()).total_seconds() == world.ports.settings.recovery_wait_seconds


async def test_a_recovery_code_works_once_even_after_the_new_enrolment(world: World) -> None:
    alice = await world.person(1)
    (code, *_) = await recovery_codes(world)
    await recover_access(world.ports, alice, code)
    assert await reason_of(recover_access(world.ports, alice, code)) is Reason.WRONG_RECOVERY_CODE


async def test_recovery_codes_of_one_person_open_nothing_of_another(world: World) -> None:
    await world.person(1)
    (code, *_) = await recovery_codes(world)
    world.clock.turn(seconds=1)
    bob = await world.person(2)
    assert await reason_of(recover_access(world.ports, bob, code)) is Reason.WRONG_RECOVERY_CODE
    assert (await world.guards(bob)).enrolled


async def test_guessing_recovery_codes_is_slowed_down(world: World) -> None:
    alice = await world.person(1)
    for _ in range(5):
        assert await reason_of(recover_access(world.ports, alice, "1-AAAA")) is Reason.WRONG_RECOVERY_CODE
    assert await reason_of(recover_access(world.ports, alice, "1-AAAA")) is Reason.CODE_LOCKED


async def test_who_has_nothing_to_recover_is_told_to_enrol(world: World) -> None:
    assert await reason_of(recover_access(world.ports, ALICE, "1-AAAA")) is Reason.ENROL_FIRST


async def test_a_code_that_others_saw_is_spent_and_counts_as_nothing(world: World) -> None:
    alice = await world.person(1)
    before, code = await world.guards(alice), await world.code(alice)
    await spend_seen_code(world.ports, alice, "000000")
    assert await world.guards(alice) == before, "a wrong one is no attempt"
    for _ in range(2):
        await spend_seen_code(world.ports, alice, code)
    spent = await world.guards(alice)
    assert (spent.code_at, spent.failures, spent.failures_in_all) == (before.code_at, 0, 0)
    await freeze(world.ports, alice)
    assert await reason_of(unfreeze(world.ports, alice, code)) is Reason.CODE_USED
