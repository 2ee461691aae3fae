"""What was asked is kept with what was seen, and a dry run of it says what really happens."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.wallet_core.use_cases.policing import ask, rich, spoil, switched_on
from tests.unit.wallet_core.world import ADDRESS, ITD, OTHER_ADDRESS, World, reason_of, refusal
from wallet_core.domain.approval import Approval
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.intent import Intent
from wallet_core.domain.judged import JudgedRequest
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.policies import Judge, PolicyFacts, PolicySet, Verdict
from wallet_core.domain.policies.policy_set import PolicyDraft
from wallet_core.domain.record import Target
from wallet_core.use_cases.change_policies import change_policies
from wallet_core.use_cases.change_role import change_role
from wallet_core.use_cases.dry_run_approval import dry_run_approval
from wallet_core.use_cases.dry_run_policies import dry_run_policies
from wallet_core.use_cases.dry_runs import DryRun, judge_anew, outcome
from wallet_core.use_cases.policy_facts import policy_facts_of
from wallet_core.use_cases.policy_sets import active_set
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.screen_address import screen_address
from wallet_core.use_cases.show_policies import show_policies
from wallet_core.use_cases.switch_policies import switch_policies

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


def seen(request: JudgedRequest) -> PolicyFacts:
    """What was seen, apart from what became of an earlier request to the same address: that is the set's own doing."""
    return request.facts.model_copy(update={"address_in_review": False})


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
    assert [seen(request) for request in now] == [seen(request) for request in past]
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


async def test_a_draft_that_was_switched_on_is_none_any_more_whatever_is_switched_on_after_it(
    world: World, owner: Caller
) -> None:
    other = await world.person(91, role=Role.OWNER)
    alice = await rich(world, 1)
    await ask(world, alice, "50")
    start, end = world.clock(), world.clock() + timedelta(seconds=1)
    await switched_on(world, owner, "amount_threshold review_above 20")
    run = await dry_run_policies(world.ports, owner, start, end)
    assert (run.is_draft, run.policy_set.id, run.differing) == (False, 1, 1)
    await switched_on(world, other, "amount_threshold review_above 500")
    run = await dry_run_policies(world.ports, owner, start, end)
    assert (run.is_draft, run.policy_set.id, run.differing) == (False, 2, 0)
    shown = await show_policies(world.ports, owner)
    assert (shown.draft, shown.changes) == (None, ())
    # What is drafted next begins with what counts now.
    assert (await change_policies(world.ports, owner, "velocity off")).base == 2


async def test_the_owner_who_is_asked_tries_out_what_was_asked_for_and_no_draft(world: World, owner: Caller) -> None:
    other, finance = await world.person(91, role=Role.OWNER), await world.person(92, role=Role.FINANCE)
    await ask(world, await rich(world, 1), "50")
    start, end = world.clock(), world.clock() + timedelta(seconds=1)
    draft = await change_policies(world.ports, owner, "amount_threshold review_above 20")
    asked = await switch_policies(world.ports, owner, draft.mark, await world.code(owner))
    # Neither what the first one goes on drafting nor what the second one drafts is what was asked for.
    for caller in (owner, other):
        await change_policies(world.ports, caller, "amount_threshold review_above 500")
    run = await dry_run_approval(world.ports, other, asked.id, start, end)
    assert (run.is_draft, run.policy_set.id, run.judged, run.differing) == (False, 1, 1, 1)
    assert run.rows[0].now.verdict is Verdict.REVIEW
    assert await reason_of(dry_run_approval(world.ports, finance, asked.id, start, end)) is Reason.NOT_ALLOWED
    assert await reason_of(dry_run_approval(world.ports, other, "none", start, end)) is Reason.NOT_FOUND
    spoil(world, Approval, asked.id, what={**asked.what, "entries": []})
    with pytest.raises(InvariantViolated):
        await dry_run_approval(world.ports, other, asked.id, start, end)


async def test_what_is_no_question_about_policies_is_not_tried_out(world: World, owner: Caller) -> None:
    await world.person(91)
    await world.person(92, role=Role.OWNER)
    asked = await change_role(world.ports, owner, 91, Role.FINANCE, await world.code(owner))
    assert asked is not None
    now = world.clock()
    assert await reason_of(dry_run_approval(world.ports, owner, asked.id, now, now)) is Reason.NOT_FOUND


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
    judge = Judge(await active_set(world.ports))
    told = [judge.decide_queued(payout, many[payout.id]).told for payout in payouts]
    assert [one.policy if one else None for one in told] == [
        "frozen_person", "address_screening", *["new_address", "address_screening"] * 3, "new_address"
    ]  # fmt: skip
    assert await policy_facts_of(world.ports, []) == {}
