"""Sets of policies: drafted, tried out on what was asked before, switched on with a code, and safe from tampering."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.wallet_core.world import ADDRESS, ITD, OTHER_ADDRESS, World, reason_of, refusal
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.intent import Intent
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.judged import JudgedRequest
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.policies import PolicySet, Verdict, decide_queued
from wallet_core.domain.policies.policy_set import PolicyDraft
from wallet_core.domain.record import Target
from wallet_core.use_cases.change_policies import change_policies
from wallet_core.use_cases.discard_policies import discard_policies
from wallet_core.use_cases.dry_run_policies import DryRun, dry_run_policies, judge_anew, outcome
from wallet_core.use_cases.policy_facts import policy_facts_of
from wallet_core.use_cases.policy_sets import active_set
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.screen_address import screen_address
from wallet_core.use_cases.show_policies import show_policies
from wallet_core.use_cases.show_policy_sets import show_policy_sets
from wallet_core.use_cases.show_screening import show_screening
from wallet_core.use_cases.switch_policies import switch_policies

#: Begins and ends like ADDRESS, and is another one.
LOOK_ALIKE = "0x5aaeb" + "0" * 29 + "1beaed"


@pytest.fixture
async def owner(world: World) -> Caller:
    await world.open_rail()
    return await world.person(90, role=Role.OWNER)


async def rich(world: World, person: int, level: int = 1) -> Caller:
    caller = await world.person(person)
    await world.fund(caller, 1_000)
    await world.post(changes=(ChangeGuards(person, lambda guards, _now: guards.with_(level=level)),))
    return caller


async def ask(world: World, caller: Caller, itd: str, address: str = ADDRESS) -> Withdrawal:
    quote = await quote_withdrawal(world.ports, caller, itd, "ETH", address)
    return await request_withdrawal(world.ports, caller, quote.intent.id, await world.code(caller))


async def switched_on(world: World, owner: Caller, *changes: str) -> PolicySet:
    for change in changes:
        await change_policies(world.ports, owner, change)
    draft = await world.memory.get(PolicyDraft, owner.person)
    assert draft is not None
    return await switch_policies(world.ports, owner, draft.mark, await world.code(owner))


def spoil(world: World, kind: type[Any], record_id: Any, **fields: Any) -> None:
    """Somebody writes into the database."""
    target = Target(kind.collection, record_id)
    world.memory.documents[target] = {**world.memory.documents[target], **fields}


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
    mine = await change_policies(world.ports, owner, "velocity off")
    theirs = await change_policies(world.ports, other, "new_address wait 1h")
    codes = [await world.code(owner), await world.code(other)]
    post, rivals = world.memory.post, [theirs]

    async def overtaken(posting: Any) -> Any:
        if posting.kind == "policies_switched" and rivals:
            await switch_policies(world.ports, other, rivals.pop().mark, codes[1])
        return await post(posting)

    monkeypatch.setattr(world.memory, "post", overtaken)
    assert await reason_of(switch_policies(world.ports, owner, mine.mark, codes[0])) is Reason.CHANGED_MEANWHILE
    assert (await active_set(world.ports)).by == other.person


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


# Facts and the dry run


async def test_every_request_is_kept_with_what_was_seen_and_said_also_a_refused_one(
    world: World, owner: Caller
) -> None:
    alice = await rich(world, 1)
    first = await ask(world, alice, "10")
    quote = await quote_withdrawal(world.ports, alice, "20", "ETH", ADDRESS)
    frozen = ChangeGuards(1, lambda guards, now: guards.with_(frozen_at=now, frozen_by="person:1"))
    await world.post(changes=(frozen,))
    await refusal(request_withdrawal(world.ports, alice, quote.intent.id, await world.code(alice)))
    kept = {request.id: request for request in await world.memory.find(JudgedRequest, {})}
    assert set(kept) == {first.id, quote.intent.id}
    assert kept[first.id].decision.model_dump() == first.decision
    refused = kept[quote.intent.id]
    assert (refused.decision.verdict, refused.facts.frozen_by) == (Verdict.REFUSE, "person:1")
    assert [(one.amount_minor, one.is_same) for one in refused.facts.requests] == [(10 * ITD, False)]
    assert (refused.facts.request_count, refused.facts.day_count, refused.facts.day_minor) == (1, 1, 10 * ITD)


async def requests_of(world: World) -> list[Verdict]:
    """What a dozen people ask for, each once and then again, whatever the rules say."""
    verdicts: list[Verdict] = []
    for number, itd in enumerate(("5", "50", "90", "110", "190", "210", "249", "99.5")):
        caller = await rich(world, 10 + number)
        for amount in (itd, "3", "3"):
            address = OTHER_ADDRESS if number % 2 else ADDRESS
            intent = await _offered(world, caller, amount, address)
            try:
                made = await request_withdrawal(world.ports, caller, intent, await world.code(caller))
                verdicts.append(Verdict.REVIEW if made.state is PayoutState.REVIEW else Verdict.APPROVE)
            except Refused as refused:
                assert refused.reason is Reason.POLICY
                verdicts.append(Verdict.REFUSE)
    return verdicts


async def _offered(world: World, caller: Caller, amount: str, address: str) -> str:
    try:
        return (await quote_withdrawal(world.ports, caller, amount, "ETH", address)).intent.id
    except Refused:
        # An offer is made under the rules of its day; the request is what is judged here.
        quote = await quote_withdrawal(world.ports, caller, "1", "ETH", address)
        terms = quote.intent.model_copy(update={"amount_minor": round(float(amount) * ITD)})
        spoil(world, Intent, terms.id, amount_minor=terms.amount_minor, mac=world.ports.vault.mac(terms.terms()))
        return terms.id


#: None of them changes what is counted for a later request: they move reviews and waits, and refuse first requests.
DRAFTS = [
    ("amount_threshold review_above 60",),
    ("account_age review_above 5", "new_address wait 1h"),
    ("amount_threshold off", "account_age off"),
    ("duplicate_request within 1h", "two_factor_age wait 0", "velocity place 1"),
]


@pytest.mark.parametrize("changes", DRAFTS, ids=lambda changes: changes[0].replace(" ", "_"))
async def test_a_dry_run_says_what_really_happens_when_the_same_comes_again(changes: tuple[str, ...]) -> None:
    before, after = World(), World()
    for world in (before, after):
        await world.open_rail()
        await world.person(90, role=Role.OWNER)
    owner = Caller(90)
    start = before.clock()
    happened = await requests_of(before)
    for change in changes:
        await change_policies(before.ports, owner, change)
    run = await dry_run_policies(before.ports, owner, start, before.clock() + timedelta(seconds=1))
    draft = await before.memory.get(PolicyDraft, owner.person)
    assert draft is not None
    drafted = PolicySet(id=1, entries=draft.entries)
    past = await before.memory.find(JudgedRequest, {}, order_by=("at",), limit=1_000)
    foretold = [judge_anew(request, drafted) for request in past]

    await switched_on(after, owner, *changes)
    after.clock.now = start
    real = await requests_of(after)
    now = await after.memory.find(JudgedRequest, {}, order_by=("at",), limit=1_000)
    assert [request.facts for request in now] == [request.facts for request in past]
    assert [(d.verdict, d.not_before, d.told) for d in foretold] == [
        (r.decision.verdict, r.decision.not_before, r.decision.told) for r in now
    ]
    assert real == [decision.verdict for decision in foretold]
    differ = [r for r, d in zip(past, foretold, strict=True) if outcome(r.decision) != outcome(d)]
    assert (run.judged, run.differing) == (len(happened), len(differ))
    named = [row.request for row in run.rows]
    assert (
        differ
        and [r for r in differ if r in named] == sorted(named, key=lambda r: r.at)
        and len(named) == min(20, len(differ))
    )
    assert [r.now.verdict is r.request.decision.verdict for r in run.rows] == sorted(
        r.now.verdict is r.request.decision.verdict for r in run.rows
    )
    assert run.without_facts == 0


async def test_a_dry_run_without_a_draft_finds_nothing_and_switches_nothing(world: World, owner: Caller) -> None:
    await requests_of(world)
    now = world.clock()
    run = await dry_run_policies(world.ports, owner, now - timedelta(days=7), now + timedelta(seconds=1))
    assert (run.judged, run.differing, run.rows, run.is_draft) == (24, 0, (), False)
    assert (await active_set(world.ports)).id == 0


async def test_requests_from_before_facts_were_kept_are_counted_and_said(world: World, owner: Caller) -> None:
    alice = await rich(world, 1)
    start = world.clock()
    old, new = await ask(world, alice, "10"), await ask(world, alice, "11")
    del world.memory.documents[Target("judged_requests", old.id)]
    spoil(world, Withdrawal, old.id, decision={"trace": []})
    run = await dry_run_policies(world.ports, owner, start, world.clock() + timedelta(seconds=1))
    assert (run.judged, run.without_facts) == (1, 1)
    assert isinstance(run, DryRun) and new.id
    too_long = dry_run_policies(world.ports, owner, start - timedelta(days=93), start)
    assert await reason_of(too_long) is Reason.RANGE_TOO_LONG


async def test_the_facts_of_many_take_as_many_queries_as_those_of_one_and_decide_alike(
    world: World, owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    payouts = [await ask(world, await rich(world, 10 + n), "10", OTHER_ADDRESS if n % 2 else ADDRESS) for n in range(9)]
    await screen_address(world.ports, owner, "ETH", OTHER_ADDRESS, "theft", True, await world.code(owner))
    frozen = ChangeGuards(10, lambda guards, now: guards.with_(frozen_at=now, frozen_by="person:10"))
    await world.post(changes=(frozen,))
    counted: list[str] = []
    for name in ("now", "get", "find", "count", "earliest"):
        method = getattr(world.memory, name)

        def counting(*args: Any, method: Any = method, name: str = name, **more: Any) -> Any:
            counted.append(name)
            return method(*args, **more)

        monkeypatch.setattr(world.memory, name, counting)
    many = await policy_facts_of(world.ports, payouts)
    queries = len(counted)
    counted.clear()
    alone = {payout.id: (await policy_facts_of(world.ports, [payout]))[payout.id] for payout in payouts}
    assert len(counted) == queries * len(payouts) and queries <= 6
    assert many == alone
    active = await active_set(world.ports)
    told = [decide_queued(payout, many[payout.id], active).told for payout in payouts]
    assert [one.policy if one else None for one in told] == [
        "frozen_person", "address_screening", *["new_address", "address_screening"] * 3, "new_address"
    ]  # fmt: skip
    assert await policy_facts_of(world.ports, []) == {}


# The screening list, look-alikes, duplicates


async def test_an_address_on_the_list_gets_nothing_until_it_is_taken_off(world: World, owner: Caller) -> None:
    alice = await rich(world, 1)
    entry = await screen_address(
        world.ports, owner, "eth", ADDRESS.lower(), "theft of October", True, await world.code(owner)
    )
    assert (entry.address, entry.by, entry.why) == (ADDRESS, owner.person, "theft of October")
    refused = await refusal(quote_withdrawal(world.ports, alice, "10", "ETH", ADDRESS))
    assert refused.facts["policy"] == "address_screening"
    assert (await ask(world, alice, "10", OTHER_ADDRESS)).state is PayoutState.QUEUED
    assert [one.id for one in (await show_screening(world.ports, owner, 1)).addresses] == [entry.id]
    await screen_address(world.ports, owner, "ETH", ADDRESS, "a mistake", False, await world.code(owner))
    assert (await ask(world, alice, "10")).state is PayoutState.QUEUED
    assert (await show_screening(world.ports, owner, 1)).addresses == ()
    again = screen_address(world.ports, owner, "ETH", ADDRESS, "twice", False, await world.code(owner))
    assert await reason_of(again) is Reason.NOT_FOUND
    kept = [record.facts["why"] for record in await world.memory.find(JournalRecord, {"kind": "screening_changed"})]
    assert sorted(kept) == ["a mistake", "theft of October"]


async def test_a_poisoned_address_is_looked_at_and_the_known_one_is_not(world: World, owner: Caller) -> None:
    alice, bob = await rich(world, 1), await rich(world, 2)
    await ask(world, alice, "10")
    reviewed = await ask(world, alice, "11", LOOK_ALIKE)
    assert reviewed.state is PayoutState.REVIEW
    told = [traced for traced in reviewed.decision["trace"] if traced["verdict"] == Verdict.REVIEW]
    assert [(one["policy"], one["numbers"]["similar_address"]) for one in told] == [("look_alike_address", ADDRESS)]
    assert (await ask(world, alice, "12")).state is PayoutState.QUEUED
    assert (await ask(world, bob, "10", LOOK_ALIKE)).state is PayoutState.QUEUED


async def test_the_same_again_at_once_is_looked_at_until_it_was_taken_back_or_time_passed() -> None:
    world = World(duplicate_within_seconds=600)
    await world.open_rail()
    alice = await rich(world, 1, level=3)
    assert [(await ask(world, alice, "10")).state for _ in range(2)] == [PayoutState.QUEUED, PayoutState.REVIEW]
    assert (await ask(world, alice, "10.5")).state is PayoutState.QUEUED
    assert (await ask(world, alice, "10", OTHER_ADDRESS)).state is PayoutState.QUEUED
    world.clock.turn(minutes=10)
    assert (await ask(world, alice, "10")).state is PayoutState.QUEUED
