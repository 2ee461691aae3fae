"""Sets of policies: drafted, switched on with a code, and safe from tampering."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.wallet_core.use_cases.policing import ask, rich, spoil, switched_on
from tests.unit.wallet_core.world import World, reason_of
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.policies import PolicySet, check_set
from wallet_core.domain.policies.policy_set import PolicyDraft
from wallet_core.domain.record import Target
from wallet_core.settings import Settings
from wallet_core.use_cases.approve import approve
from wallet_core.use_cases.approve_at_server import approve_at_server
from wallet_core.use_cases.change_policies import change_policies
from wallet_core.use_cases.discard_policies import discard_policies
from wallet_core.use_cases.policy_sets import active_set, built_in_set
from wallet_core.use_cases.show_policies import show_policies
from wallet_core.use_cases.show_policy_sets import show_policy_sets
from wallet_core.use_cases.switch_policies import switch_policies

# Drafting and switching on


async def test_a_draft_counts_for_nothing_until_it_is_switched_on_and_then_at_once(world: World, owner: Caller) -> None:
    alice = await rich(world, 1)
    await change_policies(world.ports, owner, "amount_threshold review_above 20")
    assert (await ask(world, alice, "21")).state is PayoutState.QUEUED
    made = await switched_on(world, owner, "note calmer nights")
    assert (made.id, made.by, made.at, made.note) == (1, owner.person, world.clock(), "calmer nights")
    reviewed = await ask(world, alice, "21")
    assert reviewed.state is PayoutState.REVIEW
    assert reviewed.decision["policy_set"] == 1
    assert (await show_policies(world.ports, owner)).draft is None


async def test_all_owners_are_told_what_was_changed_and_by_whom(world: World, owner: Caller) -> None:
    other = await world.person(91, role=Role.OWNER)
    await switched_on(world, owner, "velocity off", "velocity place 1", "note for the fair")
    told = await world.memory.find(OutboxMessage, {"template": "policies_switched"})
    assert {message.person for message in told} == {owner.person, other.person}
    facts = told[0].facts
    assert (facts["number"], facts["by"], facts["note"]) == (1, owner.person, "for the fair")
    assert [(one["policy"], one["what"]) for one in facts["changes"]] == [
        ("velocity", "enabled"),
        ("velocity", "place"),
    ]
    record = await world.memory.get(JournalRecord, "policy_set:1")
    assert record is not None and record.facts["changes"] == facts["changes"]


async def test_a_set_is_never_changed_and_an_earlier_one_may_be_drafted_again(world: World, owner: Caller) -> None:
    first = await switched_on(world, owner, "amount_threshold review_above 20")
    second = await switched_on(world, owner, "amount_threshold review_above 30")
    third = await switched_on(world, owner, "from 1")
    fourth = await switched_on(world, owner, "from 0", "note as it was")
    assert (third.entries, fourth.id) == (first.entries, 4)
    page = await show_policy_sets(world.ports, owner, 1)
    assert page.sets == (fourth, third, second, first)
    assert await reason_of(change_policies(world.ports, owner, "from 9")) is Reason.NOT_FOUND


async def test_a_wrong_code_switches_nothing_on_and_finance_only_reads(world: World, owner: Caller) -> None:
    finance = await world.person(92, role=Role.FINANCE)
    draft = await change_policies(world.ports, owner, "velocity off")
    assert await reason_of(switch_policies(world.ports, owner, draft.mark, "000000")) is Reason.WRONG_CODE
    assert await reason_of(change_policies(world.ports, finance, "velocity off")) is Reason.NOT_ALLOWED
    assert (await show_policies(world.ports, finance)).active.id == (await active_set(world.ports)).id == 0


async def test_only_the_draft_that_was_shown_is_switched_on(world: World, owner: Caller) -> None:
    shown = await change_policies(world.ports, owner, "velocity off")
    await change_policies(world.ports, owner, "account_age off")
    code = await world.code(owner)
    assert await reason_of(switch_policies(world.ports, owner, shown.mark, code)) is Reason.CHANGED_MEANWHILE


async def test_a_draft_does_not_overwrite_what_another_owner_switched_on(world: World, owner: Caller) -> None:
    other = await world.person(91, role=Role.OWNER)
    draft = await change_policies(world.ports, owner, "velocity off")
    await switched_on(world, other, "new_address wait 1h")
    code = await world.code(owner)
    assert await reason_of(switch_policies(world.ports, owner, draft.mark, code)) is Reason.CHANGED_MEANWHILE
    await discard_policies(world.ports, owner)
    assert (await switched_on(world, owner, "velocity off")).id == 2


async def test_who_is_slower_by_a_moment_is_told_so(
    world: World, owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await world.person(91, role=Role.OWNER)
    mine = await switch_policies(
        world.ports, owner, (await change_policies(world.ports, owner, "velocity off")).mark, await world.code(owner)
    )
    draft = await change_policies(world.ports, other, "new_address wait 1h")
    theirs = await switch_policies(world.ports, other, draft.mark, await world.code(other))
    post, rivals = world.memory.post, [theirs]

    async def overtaken(posting: Any) -> Any:
        if posting.kind == "policies_switched" and rivals:
            await approve_at_server(world.ports, rivals.pop().id)
        return await post(posting)

    monkeypatch.setattr(world.memory, "post", overtaken)
    code = await world.code(other)
    assert await reason_of(approve(world.ports, other, mine.id, code)) is Reason.CHANGED_MEANWHILE
    assert (await active_set(world.ports)).by == other.person


async def test_no_set_counts_before_another_owner_agrees(world: World, owner: Caller) -> None:
    other = await world.person(91, role=Role.OWNER)
    draft = await change_policies(world.ports, owner, "velocity off")
    asked = await switch_policies(world.ports, owner, draft.mark, await world.code(owner))
    assert (await active_set(world.ports)).id == 0
    assert await reason_of(approve(world.ports, owner, asked.id, await world.code(owner))) is Reason.NOT_ALLOWED
    # The draft may go on being changed: what was asked for stays as it was.
    await change_policies(world.ports, owner, "account_age off")
    await approve(world.ports, other, asked.id, await world.code(other))
    active = await active_set(world.ports)
    assert (active.id, active.by) == (1, owner.person)
    assert [active.entry(name).enabled for name in ("velocity", "account_age")] == [False, True]


@pytest.mark.parametrize(
    ("setting", "days"),
    [
        ("new_address_wait_seconds", 30),
        ("two_factor_wait_seconds", 30),
        ("duplicate_within_seconds", 7),
        ("account_young_seconds", 365),
    ],
)
def test_what_no_policy_takes_is_refused_at_the_start_and_not_with_every_withdrawal(setting: str, days: int) -> None:
    longest = Settings(**{setting: days * 86_400})
    check_set(built_in_set(longest))
    with pytest.raises(ValidationError):
        Settings(**{setting: days * 86_400 + 1})
    # It is the very bound of the policy.
    with pytest.raises(InvariantViolated):
        check_set(built_in_set(longest.model_copy(update={setting: days * 86_400 + 1})))


# Tampering


async def test_what_is_written_into_a_set_stops_withdrawals_and_alarms_the_owners_once(
    world: World, owner: Caller
) -> None:
    alice = await rich(world, 1)
    queued = await ask(world, alice, "10")
    made = await switched_on(world, owner, "amount_threshold review_above 20")
    off = [{**entry.model_dump(), "enabled": False} for entry in made.entries]
    spoil(world, PolicySet, 1, entries=off)
    for _ in range(2):
        assert await reason_of(ask(world, alice, "10")) is Reason.POLICIES_UNSOUND
    with pytest.raises(Refused):
        await active_set(world.ports)
    alarms = await world.memory.find(OutboxMessage, {"template": "alarm"})
    assert [(m.person, m.facts["alarm"]) for m in alarms] == [(owner.person, "policies_unsound")]
    assert (await world.memory.get(Withdrawal, queued.id) or queued).state is PayoutState.QUEUED
    assert await world.money(alice) == (989_500_000, 10_500_000)


async def test_a_set_that_was_swapped_for_an_earlier_one_or_deleted_stops_withdrawals(
    world: World, owner: Caller
) -> None:
    await switched_on(world, owner, "amount_threshold review_above 500")
    await switched_on(world, owner, "amount_threshold review_above 20")
    sound = dict(world.memory.documents)
    del world.memory.documents[Target("policy_sets", 2)]
    assert await reason_of(active_set(world.ports)) is Reason.POLICIES_UNSOUND
    world.memory.documents = sound
    assert (await active_set(world.ports)).id == 2
    spoil(world, PolicySet, 2, **{k: v for k, v in sound[Target("policy_sets", 1)].items() if k != "_id"})
    assert await reason_of(active_set(world.ports)) is Reason.POLICIES_UNSOUND
    for number in (1, 2):
        del world.memory.documents[Target("policy_sets", number)]
    assert await reason_of(active_set(world.ports)) is Reason.POLICIES_UNSOUND


async def test_a_draft_that_somebody_wrote_into_is_neither_shown_nor_switched_on(world: World, owner: Caller) -> None:
    draft = await change_policies(world.ports, owner, "velocity off")
    spoil(world, PolicyDraft, owner.person, note="harmless")
    with pytest.raises(InvariantViolated):
        await show_policies(world.ports, owner)
    with pytest.raises(InvariantViolated):
        await switch_policies(world.ports, owner, draft.mark, await world.code(owner))
    await discard_policies(world.ports, owner)
    assert (await show_policies(world.ports, owner)).draft is None
