"""Sends that come again: set up with a code, made once each, never in a burst, and stopped when they fail."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payout_worker.failures import Failures
from payout_worker.ports import UnitPorts
from payout_worker.tenure import Tenure
from payout_worker.watchers.recurring import run_recurring
from tests.unit.wallet_core.world import ITD, World, reason_of
from wallet_core.domain.changes import Insert
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.claimable import Claimable
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason
from wallet_core.domain.kyc import Operation
from wallet_core.domain.lease import MASS_LEASE, Lease
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.record import Target
from wallet_core.domain.recurrence import Every, Rule
from wallet_core.domain.recurring_send import RecurringSend, RecurringState
from wallet_core.use_cases.confirm_recurring import confirm_recurring
from wallet_core.use_cases.end_recurring import end_recurring
from wallet_core.use_cases.limits import limits_today
from wallet_core.use_cases.pause_recurring import pause_recurring
from wallet_core.use_cases.propose_recurring import propose_recurring
from wallet_core.use_cases.resume_recurring import resume_recurring
from wallet_core.use_cases.show_recurring import show_recurring
from wallet_core.use_cases.skip_recurring import skip_recurring

#: 18:00 every day in Berlin, which is 17:00 UTC in November; the tests begin at noon.
DAILY = Rule(every=Every.DAY, minute=18 * 60, zone="Europe/Berlin")
FIRST = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Run:
    """The world with a worker that has the lease."""

    def __init__(self, world: World) -> None:
        self.world = world
        core = world.ports
        self._ports = UnitPorts(core, core.settings, core.ledger, core.store, Asset.ITD)
        self._failures = Failures("recurring")

    async def until(self, moment: datetime) -> None:
        """The worker looks at this time."""
        self.world.clock.now = moment
        await run_recurring(self._ports, Tenure(MASS_LEASE, 1, "w"), self._failures)

    def write(self, send: RecurringSend, **fields: Any) -> None:
        """Somebody writes into the database."""
        self.world.memory.documents[Target(RecurringSend.collection, send.id)].update(fields)

    async def send(self) -> RecurringSend:
        """The only one that there is."""
        (send,) = await self.world.ports.store.find(RecurringSend, {})
        return send

    async def told(self, template: str) -> list[OutboxMessage]:
        """What people were told by messages of one kind."""
        return await self.world.ports.store.find(OutboxMessage, {"template": template}, order_by=("at", "order"))


@pytest.fixture
async def run(world: World) -> Run:
    await world.post(changes=(lease_of(world),))
    return Run(world)


def lease_of(world: World) -> Insert:
    """The lease that the worker of these tests has."""
    until = world.clock() + 400 * DAY
    return Insert(Lease(id=MASS_LEASE, epoch=1, holder="w", renewed_at=world.clock(), until=until))


@pytest.fixture
async def alice(world: World) -> Caller:
    alice = await world.person(1, "alice")
    await world.fund(alice, 100)
    return alice


@pytest.fixture
async def bob(world: World) -> Caller:
    return await world.person(2, "bob")


async def daily(world: World, caller: Caller, amount: str = "5", rule: Rule = DAILY) -> RecurringSend:
    proposal = await propose_recurring(world.ports, caller, amount, "@bob", rule, note="pocket money")
    return await confirm_recurring(world.ports, caller, proposal.send.id, await world.code(caller))


async def test_each_run_is_made_once_at_its_time(world: World, run: Run, alice: Caller, bob: Caller) -> None:
    send = await daily(world, alice)
    assert send.next_at == FIRST
    await run.until(FIRST - timedelta(seconds=1))
    assert await world.money(bob) == (0, 0)
    for _ in range(3):
        await run.until(FIRST)
    assert await world.money(bob) == (5 * ITD, 0)
    await run.until(FIRST + DAY)
    assert (await world.money(alice), await world.money(bob)) == ((90 * ITD, 0), (10 * ITD, 0))
    assert ((await run.send()).runs, (await run.send()).next_at) == (2, FIRST + 2 * DAY)


async def test_what_was_missed_is_left_out_and_said_and_never_made_up_for(
    world: World, run: Run, alice: Caller, bob: Caller
) -> None:
    await daily(world, alice)
    await run.until(FIRST + 5 * DAY + timedelta(hours=13))
    await run.until(FIRST + 5 * DAY + timedelta(hours=13))
    assert await world.money(bob) == (0, 0)
    assert (await run.send()).next_at == FIRST + 6 * DAY
    assert [m.facts["due_at"] for m in await run.told("recurring_missed")] == [FIRST]
    await run.until(FIRST + 6 * DAY)
    assert await world.money(bob) == (5 * ITD, 0)


async def test_a_little_late_it_is_made_once_for_all_that_was_due(
    world: World, run: Run, alice: Caller, bob: Caller
) -> None:
    await daily(world, alice)
    await run.until(FIRST + timedelta(hours=11))
    assert await world.money(bob) == (5 * ITD, 0)
    assert (await run.send()).next_at == FIRST + DAY


async def test_a_failure_is_told_with_its_reason_and_the_third_pauses_it(
    world: World, run: Run, alice: Caller, bob: Caller
) -> None:
    await daily(world, alice, "60")
    await run.until(FIRST)
    for day in range(1, 4):
        await run.until(FIRST + day * DAY)
        await run.until(FIRST + day * DAY)
    told = await run.told("recurring_failed")
    assert [m.facts["reason"] for m in told] == [Reason.INSUFFICIENT_FUNDS] * 3
    assert ((await run.send()).state, (await run.send()).failures) == (RecurringState.PAUSED, 3)
    await world.fund(alice, 100)
    await resume_recurring(world.ports, alice, (await run.send()).id)
    await run.until(FIRST + 4 * DAY)
    assert await world.money(bob) == (120 * ITD, 0)


async def test_a_recipient_whose_day_is_full_gets_it_to_claim(
    world: World, run: Run, alice: Caller, bob: Caller
) -> None:
    await daily(world, alice)
    for _ in range(50):
        await world.post(changes=((await limits_today(world.ports)).take(bob.person, Operation.RECEIVE, ITD),))
    await run.until(FIRST)
    await run.until(FIRST)
    assert await world.money(alice) == (95 * ITD, 5 * ITD)
    (held,) = await world.ports.store.find(Claimable, {})
    assert (held.recipient, held.note) == (bob.person, "pocket money")


async def test_pause_skip_and_end(world: World, run: Run, alice: Caller, bob: Caller) -> None:
    send = await daily(world, alice)
    await skip_recurring(world.ports, alice, send.id, FIRST)
    assert await reason_of(skip_recurring(world.ports, alice, send.id, FIRST)) is Reason.CHANGED_MEANWHILE
    await run.until(FIRST)
    await pause_recurring(world.ports, alice, send.id)
    await run.until(FIRST + DAY)
    assert await world.money(bob) == (0, 0)
    assert [one.id for one in await show_recurring(world.ports, alice)] == [send.id]
    resumed = await resume_recurring(world.ports, alice, send.id)
    assert resumed.next_at == FIRST + 2 * DAY
    assert await reason_of(end_recurring(world.ports, bob, send.id)) is Reason.NOT_YOURS
    await end_recurring(world.ports, alice, send.id)
    with pytest.raises(AlreadyDone):
        await end_recurring(world.ports, alice, send.id)
    await run.until(FIRST + 2 * DAY)
    assert await world.money(bob) == (0, 0)


async def test_without_a_code_nothing_is_set_up(world: World, run: Run, alice: Caller, bob: Caller) -> None:
    proposal = await propose_recurring(world.ports, alice, "5", "@bob", DAILY)
    await run.until(FIRST)
    assert await world.money(bob) == (0, 0)
    assert await reason_of(confirm_recurring(world.ports, alice, proposal.send.id, "000000")) is Reason.EXPIRED


async def test_one_that_was_written_into_the_database_sends_nothing(
    world: World, run: Run, alice: Caller, bob: Caller
) -> None:
    send = await daily(world, alice)
    forged = send.model_copy(update={"id": "f" * 32, "amount_minor": 90 * ITD})
    await world.post(changes=(Insert(forged),))
    await run.until(FIRST)
    assert await world.money(bob) == (5 * ITD, 0)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(every=Every.DAY, minute=1_440),
        Rule(every=Every.DAY, minute=-1),
        Rule(every=Every.WEEK, minute=0, day=7),
        Rule(every=Every.MONTH, minute=0, day=0),
        Rule(every=Every.MONTH, minute=0, day=32),
    ],
)
async def test_a_rule_of_no_calendar_is_refused(world: World, alice: Caller, bob: Caller, rule: Rule) -> None:
    assert await reason_of(propose_recurring(world.ports, alice, "5", "@bob", rule)) is Reason.BAD_RULE


async def test_one_person_has_twenty_at_most(world: World, alice: Caller, bob: Caller) -> None:
    for _ in range(20):
        await daily(world, alice, "0.01")
    assert await reason_of(propose_recurring(world.ports, alice, "5", "@bob", DAILY)) is Reason.TOO_MANY


async def test_nobody_has_more_by_confirming_later(world: World, alice: Caller, bob: Caller) -> None:
    proposals = [await propose_recurring(world.ports, alice, "0.01", "@bob", DAILY) for _ in range(2)]
    for _ in range(19):
        await daily(world, alice, "0.01")
        proposals = [await propose_recurring(world.ports, alice, "0.01", "@bob", DAILY) for _ in range(2)]
    await confirm_recurring(world.ports, alice, proposals[0].send.id, await world.code(alice))
    late = confirm_recurring(world.ports, alice, proposals[1].send.id, await world.code(alice))
    assert await reason_of(late) is Reason.TOO_MANY


async def test_what_was_turned_down_is_not_said_to_be_set_up(world: World, alice: Caller, bob: Caller) -> None:
    proposal = await propose_recurring(world.ports, alice, "5", "@bob", DAILY)
    await end_recurring(world.ports, alice, proposal.send.id)
    late = confirm_recurring(world.ports, alice, proposal.send.id, await world.code(alice))
    assert await reason_of(late) is Reason.WRONG_STATE


async def test_what_was_changed_between_card_and_code_is_not_set_up(
    world: World, run: Run, alice: Caller, bob: Caller
) -> None:
    proposal = await propose_recurring(world.ports, alice, "5", "@bob", DAILY)
    run.write(proposal.send, amount_minor=90 * ITD)
    with pytest.raises(InvariantViolated):
        await confirm_recurring(world.ports, alice, proposal.send.id, await world.code(alice))


async def test_a_proposal_that_the_database_says_runs_sends_nothing_and_owners_hear_of_it(
    world: World, run: Run, alice: Caller, bob: Caller
) -> None:
    await world.person(99, role=Role.OWNER)
    proposal = await propose_recurring(world.ports, alice, "5", "@bob", DAILY)
    run.write(proposal.send, state=RecurringState.RUNNING)
    for _ in range(2):
        await run.until(FIRST)
    assert await world.money(bob) == (0, 0)
    assert [m.facts["subject"].split()[0] for m in await run.told("alarm")] == [proposal.send.id]


async def test_what_its_person_ended_is_not_revived_in_the_database(
    world: World, run: Run, alice: Caller, bob: Caller
) -> None:
    send = await daily(world, alice)
    await end_recurring(world.ports, alice, send.id)
    run.write(send, state=RecurringState.RUNNING)
    await run.until(FIRST)
    assert await world.money(bob) == (0, 0)


@pytest.mark.parametrize("full", [False, True], ids=["sent", "held"])
async def test_a_run_whose_time_is_set_back_is_not_made_again(
    world: World, run: Run, alice: Caller, bob: Caller, full: bool
) -> None:
    """With the code that belonged to it then: the key of the run is what stands against that."""
    send = await daily(world, alice)
    before = (await run.send()).document()
    await run.until(FIRST)
    run.write(send, **{name: before[name] for name in ("next_at", "mac", "runs")})
    if full:
        for _ in range(49):
            await world.post(changes=((await limits_today(world.ports)).take(bob.person, Operation.RECEIVE, ITD),))
    await run.until(FIRST)
    assert (await world.money(alice), await world.money(bob)) == ((95 * ITD, 0), (5 * ITD, 0))
    run.write(send, next_at=FIRST + timedelta(hours=1))
    await run.until(FIRST + timedelta(hours=1))
    assert await world.money(alice) == (95 * ITD, 0)
