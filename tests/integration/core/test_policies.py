"""Policies on the real MongoDB: what they count is exact, whoever asks at the same moment, and all is stored whole."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from tests.support.requester import HELD, READY, ask
from tests.support.wallet import BTC_ELSEWHERE, ELSEWHERE, ITD, Wallet, open_wallet
from wallet_core.adapters.mongo.codec import encode
from wallet_core.adapters.mongo.store import MongoStore
from wallet_core.bootstrap import ports_of
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.guards import Guards, UnlessFrozen, unless_frozen
from wallet_core.domain.judged import JudgedRequest
from wallet_core.domain.kyc import Operation, used
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.policies import PolicySet, Verdict, check_set
from wallet_core.domain.screening import ScreenedAddress
from wallet_core.use_cases import request_withdrawal as requests
from wallet_core.use_cases.approve_at_server import approve_at_server
from wallet_core.use_cases.change_policies import change_policies
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.dry_run_policies import dry_run_policies
from wallet_core.use_cases.policy_facts import Asked, policy_facts, policy_facts_of
from wallet_core.use_cases.policy_sets import active_set
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.screen_address import screen_address
from wallet_core.use_cases.switch_policies import switch_policies

REQUESTS, PROCESSES, ALLOWED = 100, 4, 3


async def _switched_on(wallet: Wallet, *changes: str) -> PolicySet:
    owner = await wallet.person(role=Role.OWNER)
    for change in changes:
        draft = await change_policies(wallet.ports, owner, change)
    asked = await switch_policies(wallet.ports, owner, draft.mark, await wallet.code(owner))
    await approve_at_server(wallet.ports, asked.id)
    return await active_set(wallet.ports)


async def _offers(wallet: Wallet, caller: Caller, count: int, itd: str = "1") -> list[str]:
    """So many offers of the same, the first one made as people make it."""
    quoted = (await quote_withdrawal(wallet.ports, caller, itd, "ETH", ELSEWHERE)).intent
    copies = [quoted.model_copy(update={"id": new_id()}) for _ in range(count - 1)]
    sealed = [copy.model_copy(update={"mac": wallet.ports.vault.mac(copy.terms())}) for copy in copies]
    posted = [Posting(f"test:{copy.id}", "test", "test", changes=(Insert(copy),)) for copy in sealed]
    await wallet.ports.ledger.post_many(posted)
    return [quoted.id, *(copy.id for copy in sealed)]


async def _asked_by_processes(wallet: Wallet, mongo_uri: str, intents: list[str]) -> Counter[tuple[int, str]]:
    """What each of so many requests came to, by person, asked for from several processes at the same moment."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.requester", mongo_uri, wallet.database.name, *intents[n::PROCESSES],
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for n in range(PROCESSES)
    ]  # fmt: skip
    try:
        for process in processes:
            assert process.stdout is not None
            assert (await process.stdout.readline()).decode().strip() == READY
        answers = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
    lines = [line.split() for out, _ in answers for line in out.decode().splitlines()]
    return Counter((int(person), answer) for person, answer in lines)


@pytest.mark.campaign
async def test_a_hundred_requests_at_once_at_a_limit_of_three_are_three(wallet: Wallet, mongo_uri: str) -> None:
    await _switched_on(wallet, f"velocity hour_count {ALLOWED}", f"velocity day_amount {ALLOWED + 1}")
    # One is stopped by the limit of their level, the next one by the count alone, and the last by the sum alone.
    people = {"daily_limit": await wallet.person(1_000), "velocity": await wallet.person(1_000, level=3)}
    summed = await wallet.person(1_000, level=3)
    intents = [await _offers(wallet, caller, REQUESTS) for caller in people.values()]
    intents.append(await _offers(wallet, summed, REQUESTS, "2"))
    answers = await _asked_by_processes(
        wallet, mongo_uri, [intent for three in zip(*intents, strict=True) for intent in three]
    )
    for policy, caller in people.items():
        assert answers[caller.person, HELD] == ALLOWED, answers
        assert answers[caller.person, policy] == REQUESTS - ALLOWED, answers
        await _three_are_booked(wallet, caller)
    assert (answers[summed.person, HELD], answers[summed.person, "velocity"]) == (2, REQUESTS - 2), answers
    taken = await wallet.ports.store.find(Withdrawal, {"person": summed.person})
    assert sum(withdrawal.amount_minor for withdrawal in taken) == (ALLOWED + 1) * ITD
    assert answers.total() == 3 * REQUESTS


async def _three_are_booked(wallet: Wallet, caller: Caller) -> None:
    assert await wallet.ports.store.count(Withdrawal, {"person": caller.person}) == ALLOWED
    guards = await wallet.ports.store.get(Guards, caller.person)
    assert guards is not None and guards.requests == ALLOWED
    assert used(guards, Operation.PAYOUT, next(iter(guards.limits))).count == ALLOWED
    held = ALLOWED * 3 * ITD // 2
    assert await wallet.balance(caller) == (1_000 * ITD - held, held)
    kept = await wallet.ports.store.find(JudgedRequest, {"person": caller.person}, limit=2 * REQUESTS)
    refused = [request for request in kept if request.decision.verdict is Verdict.REFUSE]
    assert (len(kept), len(refused)) == (REQUESTS, REQUESTS - ALLOWED)
    assert {len(request.facts.requests) for request in refused} == {ALLOWED}


async def _asked_at_once(wallet: Wallet, mongo_uri: str, caller: Caller, amounts: list[str]) -> Counter[str]:
    """The same from two ledgers of this process, which know nothing of each other either."""
    intents = [intent for itd in amounts for intent in await _offers(wallet, caller, 1, itd)]
    async with open_wallet(mongo_uri, wallet.database.name) as other:
        both = itertools.cycle((wallet.ports, other.ports))
        return Counter(
            await asyncio.gather(*(ask(ports, intent) for ports, intent in zip(both, intents, strict=False)))
        )


async def test_a_sum_at_its_boundary_is_not_exceeded_by_anybody_at_once(wallet: Wallet, mongo_uri: str) -> None:
    await _switched_on(wallet, "velocity day_amount 10")
    anna = await wallet.person(1_000, level=3)
    answers = await _asked_at_once(wallet, mongo_uri, anna, ["4", "3", "2", "1"] * 10)
    taken = await wallet.ports.store.find(Withdrawal, {"person": anna.person})
    # Each is overtaken by what is held alone, ten times at most, and decided anew more often than that: nobody is told
    # to try again, and a single ITD is refused only where the sum is full.
    assert answers == {HELD: len(taken), "velocity": 40 - len(taken)}
    assert sum(withdrawal.amount_minor for withdrawal in taken) == 10 * ITD


async def test_the_same_twice_at_once_is_noticed(wallet: Wallet, mongo_uri: str) -> None:
    await _switched_on(wallet, "duplicate_request within 10m")
    anna = await wallet.person(1_000, level=3)
    answers = await _asked_at_once(wallet, mongo_uri, anna, ["1"] * 4)
    states = Counter(w.state for w in await wallet.ports.store.find(Withdrawal, {"person": anna.person}))
    assert (answers, states) == ({HELD: 4}, {"queued": 1, "review": 3})


@pytest.mark.parametrize(("level", "policy"), [(1, "daily_limit"), (3, "velocity")])
async def test_twenty_requests_at_once_at_a_limit_of_three_are_three(
    wallet: Wallet, mongo_uri: str, level: int, policy: str
) -> None:
    await _switched_on(wallet, f"velocity hour_count {ALLOWED}")
    anna = await wallet.person(1_000, level=level)
    answers = await _asked_at_once(wallet, mongo_uri, anna, ["1"] * 20)
    assert answers == {HELD: ALLOWED, policy: 20 - ALLOWED}


async def test_without_the_counter_velocity_would_be_exceeded(
    wallet: Wallet, mongo_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def uncounted(person: int, _read: int, *, more: int = 1) -> UnlessFrozen:
        return unless_frozen(person)

    monkeypatch.setattr(requests, "request_counted", uncounted)
    await _switched_on(wallet, f"velocity hour_count {ALLOWED}")
    anna = await wallet.person(1_000, level=3)
    assert (await _asked_at_once(wallet, mongo_uri, anna, ["1"] * 20))[HELD] > ALLOWED


async def test_a_set_and_its_decisions_are_stored_whole_and_read_again(wallet: Wallet) -> None:
    made = await _switched_on(
        wallet, "amount_threshold review_above 20.000001", "velocity week_count none", "new_address wait 2h", "note why"
    )
    read = await active_set(wallet.ports)
    assert read.entries == made.entries and read.note == "why"
    check_set(read)
    anna, finance = await wallet.person(100), await wallet.person(role=Role.FINANCE)
    quote = await quote_withdrawal(wallet.ports, anna, "20", "ETH", ELSEWHERE)
    first = await request_withdrawal(wallet.ports, anna, quote.intent.id, await wallet.code(anna))
    assert first.decision["policy_set"] == 1 and first.not_before is not None
    now = await wallet.ports.store.now()
    run = await dry_run_policies(wallet.ports, finance, now - timedelta(hours=1), now + timedelta(hours=1))
    assert (run.judged, run.differing, run.without_facts) == (1, 0, 0)
    await wallet.database["withdrawals"].update_one({"_id": first.id}, {"$unset": {"decision.policy_set": ""}})
    await wallet.database["judged_requests"].delete_one({"_id": first.id})
    again = await dry_run_policies(wallet.ports, finance, now - timedelta(hours=1), now + timedelta(hours=1))
    assert (again.judged, again.without_facts) == (0, 1)


async def test_nothing_starts_with_settings_that_make_no_set(wallet: Wallet) -> None:
    too_long = wallet.ports.settings.model_copy(update={"new_address_wait_seconds": 31 * 86_400})
    async with httpx.AsyncClient() as http:
        with pytest.raises(InvariantViolated, match="policy new_address has parameters that do not fit"):
            ports_of(too_long, wallet.database, http)


async def test_one_field_changed_in_the_database_stops_withdrawals(wallet: Wallet) -> None:
    await _switched_on(wallet, "amount_threshold review_above 20")
    anna = await wallet.person(100)
    await wallet.database["policy_sets"].update_one({"_id": 1}, {"$set": {"entries.9.enabled": False}})
    with pytest.raises(Refused) as refused:
        await quote_withdrawal(wallet.ports, anna, "50", "ETH", ELSEWHERE)
    assert refused.value.reason is Reason.POLICIES_UNSOUND


async def test_a_sets_amount_that_is_no_amount_stops_withdrawals_too(wallet: Wallet) -> None:
    await _switched_on(wallet, "amount_threshold review_above 20")
    await wallet.database["policy_sets"].update_one({"_id": 1}, {"$set": {"entries.9.parameters": {"x": float("nan")}}})
    with pytest.raises((Refused, InvariantViolated)):
        await active_set(wallet.ports)


class Reads(CommandListener):
    """Every reading of withdrawals that a client sent, as a command that can be explained."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Notes the part of the command that decides what is read."""
        if event.command.get(event.command_name) == Withdrawal.collection:
            names = (event.command_name, "filter", "sort", "limit", "pipeline", "cursor")
            self.sent.append({name: event.command[name] for name in names if name in event.command})

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Not needed."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Not needed."""


def documents_read(explained: Any) -> int:
    """How many documents a command looked at, wherever in the explanation that stands."""
    if isinstance(explained, list):
        return max(map(documents_read, explained), default=0)
    if not isinstance(explained, dict):
        return 0
    return max(explained.get("totalDocsExamined", 0), *map(documents_read, explained.values()), 0)


async def test_what_is_counted_of_a_person_does_not_grow_with_what_they_paid_in_mass(
    wallet: Wallet, mongo_uri: str
) -> None:
    anna = await wallet.person(1_000, level=3)
    for _ in range(3):
        quote = await quote_withdrawal(wallet.ports, anna, "5", "ETH", ELSEWHERE)
        own = await request_withdrawal(wallet.ports, anna, quote.intent.id, await wallet.code(anna))
    others = {"mass_send": "m", "address": BTC_ELSEWHERE}, {"state": "cancelled"}
    copies = [own.model_copy(update={"id": new_id(), **others[n % 2]}) for n in range(2_000)]
    await wallet.database["withdrawals"].insert_many([{**encode(copy.document()), "version": 1} for copy in copies])
    listener = Reads()
    async with AsyncMongoClient[Any](mongo_uri, tz_aware=True, event_listeners=[listener]) as client:
        store = MongoStore(client[wallet.database.name])
        facts = await policy_facts(replace(wallet.ports, store=store), Asked.of(quote.intent))
    assert (len(facts.requests), facts.similar_address) == (3, None)
    examined = [
        documents_read(await wallet.database.command("explain", command, verbosity="executionStats"))
        for command in listener.sent
    ]
    # They promise what nobody holds.
    await wallet.database["withdrawals"].delete_many({"_id": {"$in": [copy.id for copy in copies]}})
    # To this address, which addresses, and what was asked for lately.
    assert len(examined) == 3 and examined[1:] == [3, 3], examined


async def test_facts_of_a_batch_are_gathered_at_once(wallet: Wallet) -> None:
    owner = await wallet.person(role=Role.OWNER)
    people = [await wallet.person(100) for _ in range(5)]
    payouts = []
    for person in people:
        quote = await quote_withdrawal(wallet.ports, person, "5", "ETH", ELSEWHERE)
        payouts.append(await request_withdrawal(wallet.ports, person, quote.intent.id, await wallet.code(person)))
    await screen_address(wallet.ports, owner, "ETH", ELSEWHERE, "theft", True, await wallet.code(owner))
    facts = await policy_facts_of(wallet.ports, payouts)
    assert [facts[payout.id].address_since for payout in payouts] == [payout.created_at for payout in payouts]
    assert {one.screened for one in facts.values()} == {"theft"}
    assert [facts[payout.id].person for payout in payouts] == [person.person for person in people]
    assert await wallet.ports.store.count(ScreenedAddress, {"address": BTC_ELSEWHERE}) == 0
