"""Moves of an account to another Telegram id: two proofs, a wait, and a chat in which it can be ended."""

from __future__ import annotations

import pytest

from tests.unit.wallet_core.desk import Slow, told
from tests.unit.wallet_core.use_cases.test_freeze import is_frozen
from tests.unit.wallet_core.use_cases.test_resets import recovery_codes_of
from tests.unit.wallet_core.world import ITD, World, reason_of
from wallet_core.domain.account_move import AccountMove, MoveState, TelegramIdentity
from wallet_core.domain.errors import InvariantViolated, Reason
from wallet_core.domain.guards import ChangeGuards, Guards
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.ask_move import ask_move
from wallet_core.use_cases.ask_reset import ask_reset
from wallet_core.use_cases.begin_move import begin_move
from wallet_core.use_cases.cancel_move import cancel_move
from wallet_core.use_cases.codes import take_code_attempt
from wallet_core.use_cases.complete_move import complete_move
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.freeze_person import freeze_person
from wallet_core.use_cases.identities import caller_of, telegram_of
from wallet_core.use_cases.recover_access import recover_access
from wallet_core.use_cases.tend_waits import tend_waits
from wallet_core.use_cases.unfreeze import unfreeze
from wallet_core.use_cases.unfreeze_person import unfreeze_person

OLD, NEW = 1, 2


@pytest.fixture
async def alice(world: World) -> Caller:
    alice = await world.person(OLD)
    await world.fund(alice, 100)
    return alice


async def begun(world: World, alice: Caller, telegram: int = NEW, number: int = 0) -> AccountMove:
    """The recovery code was right."""
    code = (await recovery_codes_of(world, alice))[number]
    asker = await caller_of(world.ports, telegram)
    return await begin_move(world.ports, asker, telegram, alice.person, code)


async def asked(world: World, alice: Caller, telegram: int = NEW, number: int = 0) -> AccountMove:
    """Both codes were right."""
    move = await begun(world, alice, telegram, number)
    return await ask_move(world.ports, Caller(move.asker), move.id, await world.code(alice))


async def now(world: World, move: AccountMove) -> AccountMove:
    found = await world.ports.store.get(AccountMove, move.id)
    assert found is not None
    return found


async def test_the_account_answers_to_the_new_id_with_all_that_it_has(world: World, alice: Caller) -> None:
    before = await world.guards(alice)
    move = await asked(world, alice)
    assert await reason_of(complete_move(world.ports, Caller(NEW), move.id)) is Reason.NOT_YET
    world.clock.turn(hours=72)
    await complete_move(world.ports, Caller(NEW), move.id)
    assert await caller_of(world.ports, NEW) == alice
    assert await telegram_of(world.ports, OLD) == NEW
    assert await world.money(alice) == (100 * ITD, 0)
    after = await world.guards(alice)
    assert (after.secret, after.level, after.enrolled_at) == (before.secret, before.level, before.enrolled_at)
    stranger = await caller_of(world.ports, OLD)
    assert stranger != alice and await world.ports.store.get(Guards, stranger.person) is None
    assert await telegram_of(world.ports, stranger.person) == OLD
    assert told(world, stranger.person, "account_moved_away") == [{}]
    assert [m["state"] for m in told(world, OLD, "account_move")] == ["waiting", "done"]


async def test_an_account_moves_again_and_back(world: World, alice: Caller) -> None:
    for telegram, number in ((NEW, 0), (3, 1), (OLD, 2)):
        move = await asked(world, alice, telegram, number)
        world.clock.turn(hours=72)
        await complete_move(world.ports, Caller(move.asker), move.id)
        assert await caller_of(world.ports, telegram) == alice
        assert await telegram_of(world.ports, alice.person) == telegram
    others = [await caller_of(world.ports, telegram) for telegram in (NEW, 3)]
    assert alice not in others and len(set(others)) == 2


async def test_a_stranger_who_tries_to_lock_somebody_out_locks_themselves(world: World, alice: Caller) -> None:
    for _ in range(200):
        refused = await reason_of(begin_move(world.ports, Caller(NEW), NEW, OLD, "1-AAAA-AAAA-AAAA-AAAA"))
        assert refused in (Reason.WRONG_RECOVERY_CODE, Reason.CODE_LOCKED)
    guards = await world.guards(alice)
    assert (guards.failures, guards.failures_in_all, guards.locked_until) == (0, 0, None)
    await freeze(world.ports, alice)
    await unfreeze(world.ports, alice, await world.code(alice))


async def test_a_planted_attempt_on_the_account_would_lock_the_owner_out(
    world: World, alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def on_the_account(ports: object, _caller: Caller, **more: bool) -> None:
        await take_code_attempt(world.ports, alice, **more)

    monkeypatch.setattr("wallet_core.use_cases.begin_move.take_code_attempt", on_the_account)
    for _ in range(6):
        await reason_of(begin_move(world.ports, Caller(NEW), NEW, OLD, "1-AAAA-AAAA-AAAA-AAAA"))
    assert (await world.guards(alice)).locked_until is not None, "the planted bug should have locked her out"


async def test_a_thief_with_a_recovery_code_and_no_device_burns_it_in_three_tries(world: World, alice: Caller) -> None:
    move = await begun(world, alice)
    for _ in range(3):
        assert await reason_of(ask_move(world.ports, Caller(NEW), move.id, "000000")) is Reason.WRONG_CODE
    assert (await now(world, move)).state is MoveState.FAILED
    assert "1" not in (await world.guards(alice)).recovery_hashes
    assert told(world, OLD, "move_failed") == [{}]
    assert await reason_of(ask_move(world.ports, Caller(NEW), move.id, "000000")) is Reason.WRONG_STATE
    world.clock.turn(hours=2)
    assert await reason_of(begun(world, alice)) is Reason.WRONG_RECOVERY_CODE


async def test_a_thief_with_a_recovery_code_has_no_more_tries_by_beginning_again_and_again(
    world: World, alice: Caller
) -> None:
    moves = [await begun(world, alice, telegram) for telegram in range(NEW, NEW + 4)]
    answers = []
    for move in moves:
        for _ in range(2):
            answers.append(await reason_of(ask_move(world.ports, Caller(move.asker), move.id, "000000")))
    assert answers.count(Reason.WRONG_CODE) == 3 and answers[4:] == [Reason.CODE_USED] * 4
    guards = await world.guards(alice)
    assert "1" not in guards.recovery_hashes and guards.failures_in_all == 3
    assert await reason_of(begun(world, alice)) is Reason.WRONG_RECOVERY_CODE


async def test_a_bot_killed_after_the_last_try_burns_the_code_with_the_next_one(world: World, alice: Caller) -> None:
    move = await begun(world, alice)
    await world.post(changes=(ChangeGuards(OLD, lambda g, _: g.with_(move_tries=3)),))
    assert await reason_of(ask_move(world.ports, Caller(NEW), move.id, "000000")) is Reason.CODE_USED
    assert "1" not in (await world.guards(alice)).recovery_hashes


async def test_a_thief_with_codes_but_not_the_account_is_ended_from_the_owners_chat(
    world: World, alice: Caller
) -> None:
    move = await asked(world, alice)
    assert told(world, OLD, "account_move")[0]["is_owner"] is True
    world.clock.turn(hours=71)
    await cancel_move(world.ports, alice, move.id)
    world.clock.turn(hours=2)
    assert await reason_of(complete_move(world.ports, Caller(NEW), move.id)) is Reason.WRONG_STATE
    assert await caller_of(world.ports, NEW) == Caller(NEW)


async def test_freezing_ends_a_move(world: World, alice: Caller) -> None:
    move = await asked(world, alice)
    await freeze(world.ports, alice)
    assert (await now(world, move)).state is MoveState.CANCELLED and await is_frozen(world, alice)


async def test_support_freezes_and_a_thief_with_both_codes_does_not_become_the_owner(
    world: World, alice: Caller
) -> None:
    move = await asked(world, alice)
    support, finance = await world.person(8, role=Role.SUPPORT), await world.person(9, role=Role.FINANCE)
    code = await world.code(support)
    await freeze_person(world.ports, support, OLD, reason="bag stolen", until=None, code=code)
    world.clock.turn(hours=73)
    assert await reason_of(complete_move(world.ports, Caller(NEW), move.id)) is Reason.FROZEN
    assert await caller_of(world.ports, NEW) == Caller(NEW)
    await unfreeze_person(world.ports, finance, OLD, await world.code(finance))
    await complete_move(world.ports, Caller(NEW), move.id)
    assert await caller_of(world.ports, NEW) == alice


async def test_who_froze_their_wallet_before_moves_all_the_same(world: World, alice: Caller) -> None:
    await freeze(world.ports, alice)
    move = await asked(world, alice)
    world.clock.turn(hours=73)
    await complete_move(world.ports, Caller(NEW), move.id)
    assert await is_frozen(world, alice)


async def test_cancelling_and_completing_at_once_have_one_outcome(world: World, alice: Caller) -> None:
    move = await asked(world, alice)
    world.clock.turn(hours=72)

    async def cancel() -> None:
        await cancel_move(world.ports, alice, move.id)

    object.__setattr__(world.ports, "ledger", Slow(world, "account_moved", cancel))
    assert await reason_of(complete_move(world.ports, Caller(NEW), move.id)) is Reason.WRONG_STATE
    assert (await now(world, move)).state is MoveState.CANCELLED
    assert await caller_of(world.ports, OLD) == alice


async def test_a_thief_of_the_account_asks_for_a_reset_and_the_owner_moves_away_with_both_codes(
    world: World, alice: Caller
) -> None:
    await ask_reset(world.ports, alice)
    await asked(world, alice)
    guards = await world.guards(alice)
    assert guards.reset is None and guards.move is not None


async def test_an_account_whose_second_factor_was_just_reset_is_not_empty(world: World, alice: Caller) -> None:
    await world.person(NEW)
    await recover_access(world.ports, Caller(NEW), (await recovery_codes_of(world, Caller(NEW)))[0])
    cleared = ChangeGuards(NEW, lambda g, _: g.with_(recovery_hashes={}, withdrawals_from=None))
    await world.post(changes=(cleared,))
    assert await reason_of(begun(world, alice)) is Reason.HAS_WALLET


async def test_recovering_with_a_code_ends_a_move_that_a_thief_of_the_device_asked_for(
    world: World, alice: Caller
) -> None:
    move = await asked(world, alice)
    await recover_access(world.ports, alice, (await recovery_codes_of(world, alice))[1])
    assert (await now(world, move)).state is MoveState.CANCELLED


async def test_nobody_else_finishes_or_ends_a_move(world: World, alice: Caller) -> None:
    move = await asked(world, alice)
    world.clock.turn(hours=72)
    for act in (complete_move, cancel_move):
        assert await reason_of(act(world.ports, Caller(77), move.id)) is Reason.NOT_YOURS
    assert await reason_of(complete_move(world.ports, alice, move.id)) is Reason.NOT_YOURS


async def test_a_telegram_account_with_a_wallet_of_its_own_takes_no_other(world: World, alice: Caller) -> None:
    move = await asked(world, alice)
    await world.person(NEW)
    world.clock.turn(hours=72)
    assert await reason_of(complete_move(world.ports, Caller(NEW), move.id)) is Reason.HAS_WALLET
    ben = await world.person(3)
    assert await reason_of(begun(world, alice, ben.person, 1)) is Reason.HAS_WALLET


async def test_somebody_elses_id_cannot_be_given(world: World, alice: Caller) -> None:
    code = (await recovery_codes_of(world, alice))[0]
    assert await reason_of(begin_move(world.ports, Caller(NEW), 3, OLD, code)) is Reason.NOT_YOURS


async def test_both_codes_are_used_up_and_a_proof_ends_after_a_while(world: World, alice: Caller) -> None:
    move = await begun(world, alice)
    world.clock.turn(minutes=16)
    assert await reason_of(ask_move(world.ports, Caller(NEW), move.id, await world.code(alice))) is Reason.EXPIRED
    move = await begun(world, alice)
    code = await world.code(alice)
    await ask_move(world.ports, Caller(NEW), move.id, code)
    await freeze(world.ports, alice)
    assert await reason_of(unfreeze(world.ports, alice, code)) is Reason.CODE_USED
    assert "1" not in (await world.guards(alice)).recovery_hashes


async def test_both_sides_are_told_every_day_and_when_it_is_due(world: World, alice: Caller) -> None:
    await asked(world, alice)
    for _ in range(5):
        world.clock.turn(days=1, seconds=1)
        await tend_waits(world.ports)
    assert len(told(world, OLD, "account_move")) == 4 and len(told(world, NEW, "account_move")) == 3


async def test_who_writes_into_the_database_speaks_for_nobody_and_reads_nobodys_messages(
    world: World, alice: Caller
) -> None:
    thief, at = 66, await world.ports.store.now()
    world.memory._keep(TelegramIdentity(id=thief, person=alice.person, since=at, mac="f" * 64))
    with pytest.raises(InvariantViolated):
        await caller_of(world.ports, thief)
    assert await telegram_of(world.ports, alice.person) == OLD


async def test_a_seal_of_before_is_no_way_back_into_an_account_that_moved_on(world: World, alice: Caller) -> None:
    kept: list[TelegramIdentity] = []
    for telegram, number in ((NEW, 0), (3, 1)):
        move = await asked(world, alice, telegram, number)
        world.clock.turn(hours=72)
        await complete_move(world.ports, Caller(move.asker), move.id)
        found = await world.ports.store.get(TelegramIdentity, telegram)
        assert found is not None
        kept.append(found)
    world.memory._keep(kept[0])
    with pytest.raises(InvariantViolated):
        await caller_of(world.ports, NEW)
    assert await telegram_of(world.ports, alice.person) == 3 and await caller_of(world.ports, 3) == alice


async def test_a_move_that_was_written_into_the_database_is_not_carried_out(world: World, alice: Caller) -> None:
    move = await begun(world, alice)
    due = {"state": MoveState.WAITING, "due_at": await world.ports.store.now()}
    world.memory._keep(move.model_copy(update=due))
    await world.post(changes=(ChangeGuards(OLD, lambda g, _: g.with_(move=move.id)),))
    with pytest.raises(InvariantViolated):
        await complete_move(world.ports, Caller(NEW), move.id)
    assert await caller_of(world.ports, NEW) == Caller(NEW)
