"""The rest of a mass send that is given up, by somebody or by its time: all of it comes back, nobody waits for it."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.wallet_core.desk import told
from tests.unit.wallet_core.mass_desk import ITD, MassDesk, open_desk
from tests.unit.wallet_core.world import ADDRESS, ETH, OTHER_ADDRESS, World, reason_of
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.guards import frozen
from wallet_core.domain.mass_row import payout_id
from wallet_core.domain.mass_send import MassSend, MassState
from wallet_core.domain.payout import PayoutState, Withdrawal, move_payout
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.record import Target
from wallet_core.use_cases.cancel_mass_send import cancel_mass_send
from wallet_core.use_cases.stop_mass_send import stop_mass_send

BEN = ("@ben", "ITD", 2 * ITD)
TWO_PAYOUTS = ((ADDRESS, "ETH", ETH // 10), (OTHER_ADDRESS, "ETH", ETH // 20))


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> MassDesk:
    return await open_desk(world, tmp_path)


async def queued(desk: MassDesk) -> MassSend:
    """One whose lines to addresses are payouts in the queue, line 2 and line 3."""
    send = await desk.start(await desk.upload(*TWO_PAYOUTS))
    await desk.worker().look()
    return await desk.now(send)


async def give_up(desk: MassDesk, send: MassSend, by: Caller | None = None) -> None:
    await stop_mass_send(desk.world.ports, by or desk.fia, send.id)
    await cancel_mass_send(desk.world.ports, by or desk.fia, send.id)


async def batched(desk: MassDesk, payout: str, to: PayoutState) -> None:
    before = PayoutState.QUEUED if to is PayoutState.BATCHED else PayoutState.BATCHED
    await desk.world.post(changes=(move_payout(payout, before, to, batch="b", txid="0xab"),))


@pytest.mark.parametrize("by", ["payer", "owner of a frozen payer"])
async def test_payouts_that_still_wait_come_back_and_those_in_a_batch_go_their_way(desk: MassDesk, by: str) -> None:
    send = await queued(desk)
    await batched(desk, payout_id(send.id, 3), PayoutState.BATCHED)
    if by != "payer":
        await desk.world.post(changes=(frozen(11, "owner"),))
    await give_up(desk, send, None if by == "payer" else desk.otto)
    await desk.worker().look()
    back = await desk.world.ports.store.get(Withdrawal, payout_id(send.id, 2))
    assert back is not None and back.state is PayoutState.RETURNED
    assert [(row.state, row.reason) for row in await desk.rows(send)] == [("returned", "given_up"), ("queued", None)]
    left = 100 * ITD + send.fee_minor // 2
    assert await desk.world.money(desk.fia) == (5_000 * ITD - left, left)
    await batched(desk, payout_id(send.id, 3), PayoutState.SETTLED)
    await desk.worker().look()
    done = await desk.now(send)
    assert (done.state, done.paid, done.returned) == (MassState.DONE, 1, 1)
    assert [line[6] for line in await desk.result(send)] == ["given_up", ""]
    assert desk.world.sums()["ITD"] == 0


async def test_a_payout_that_somebody_changed_or_calls_queued_again_brings_no_money_back(desk: MassDesk) -> None:
    send = await queued(desk)
    changed, again = (Target(Withdrawal.collection, payout_id(send.id, line)) for line in (2, 3))
    desk.world.memory.documents[changed]["amount_minor"] = 250 * ITD
    # It was paid, and its record says so; whoever has the database wants its money back as well.
    await desk.world.ports.ledger.post(desk.posting("withdrawal_settled", f"settle:{again.id}"))
    held = await desk.world.money(desk.fia)
    await give_up(desk, send)
    await desk.worker().look()
    assert await desk.world.money(desk.fia) == held
    assert {alarm["alarm"] for alarm in told(desk.world, 12, "alarm")} == {"payout_tampered"}
    assert [row.state for row in await desk.rows(send)] == ["queued", "queued"]


async def test_a_worker_that_dies_in_the_middle_of_it_and_the_next_bring_each_payout_back_once(desk: MassDesk) -> None:
    send = await queued(desk)
    await give_up(desk, send)
    post_many = desk.world.memory.post_many

    class Away:
        """Posts half of what it is given, and does not answer."""

        def __getattr__(self, name: str) -> Any:
            return getattr(desk.world.memory, name)

        async def post_many(self, postings: Any) -> list[Any]:
            await post_many(postings[: len(postings) // 2])
            raise Unavailable("no answer")

    worker = desk.worker()
    with pytest.raises(Unavailable):
        await worker.over(ledger=Away()).look()
    held = await desk.world.money(desk.fia)
    assert held not in ((5_000 * ITD, 0), (5_000 * ITD - send.total_minor, send.total_minor))
    await worker.over(ledger=desk.world.memory).look()
    assert await desk.world.money(desk.fia) == (5_000 * ITD, 0)
    assert ((await desk.now(send)).state, (await desk.now(send)).returned) == (MassState.DONE, 2)


async def test_a_payout_that_comes_into_a_batch_in_that_moment_is_paid_and_not_brought_back(desk: MassDesk) -> None:
    send = await queued(desk)
    await give_up(desk, send)
    memory, payout = desk.world.memory, payout_id(send.id, 2)
    post_many = memory.post_many

    async def overtaken(postings):  # type: ignore[no-untyped-def]  # it stands in for a method
        memory.post_many = post_many  # type: ignore[method-assign]  # once
        await batched(desk, payout, PayoutState.BATCHED)
        return await post_many(postings)

    memory.post_many = overtaken  # type: ignore[method-assign]  # just before the commit
    await desk.worker().look()
    assert [row.state for row in await desk.rows(send)] == ["queued", "returned"]
    await batched(desk, payout, PayoutState.SETTLED)
    await desk.worker().look()
    assert [row.state for row in await desk.rows(send)] == ["paid", "returned"]


async def test_one_that_is_stopped_beyond_its_time_ends_by_itself(desk: MassDesk) -> None:
    send = await desk.start(await desk.upload(BEN, *TWO_PAYOUTS))
    await desk.worker().look()
    other = await desk.start(await desk.upload(BEN))
    for one in (send, other):
        await stop_mass_send(desk.world.ports, desk.fia, one.id)
    desk.world.clock.turn(days=29)
    await desk.worker().look()
    assert (await desk.now(other)).state is MassState.STOPPED
    desk.world.clock.turn(days=2)
    await desk.worker().look()
    assert [(await desk.now(one)).state for one in (send, other)] == ["done", "done"]
    assert [row.reason for row in await desk.rows(send)] == [None, "given_up", "given_up"]
    assert await desk.world.money(desk.fia) == (4_998 * ITD, 0)


async def test_what_was_stopped_while_another_one_ran_is_looked_at_as_it_is(desk: MassDesk) -> None:
    """The list was read before; by the time that its turn comes, its rest was given up and its money is back."""
    first, second = await desk.start(await desk.upload(BEN)), await desk.start(await desk.upload(("@ben", "ITD", ITD)))
    memory = desk.world.memory
    post_many = memory.post_many

    async def overtaken(postings):  # type: ignore[no-untyped-def]  # it stands in for a method
        if (await desk.now(second)).state is MassState.RUNNING and not (await desk.now(second)).given_up:
            await give_up(desk, second)
        return await post_many(postings)

    memory.post_many = overtaken  # type: ignore[method-assign]  # while the first one is paid
    await desk.worker().look()
    assert [row.reason for row in await desk.rows(second)] == ["given_up"]
    assert (await desk.now(first)).paid == 1


async def test_a_hundred_that_stand_still_keep_no_other_waiting(desk: MassDesk) -> None:
    send = await desk.start(await desk.upload(BEN))
    still = [
        send.model_copy(update={"id": f"still{n}", "state": MassState.STOPPED, "created_at": desk.world.clock()})
        for n in range(120)
    ]
    seal = desk.world.ports.vault.mac
    for one in still:
        named = one.model_copy(update={"mac": seal(one.terms()), "start_mac": seal(one.start_terms())})
        await desk.world.post(changes=(Insert(named.model_copy(update={"told": named.card})),))
    later = {"created_at": desk.world.clock.now.replace(year=2027)}
    running = frozenset({MassState.RUNNING})
    await desk.world.post(changes=(Move(MassSend, send.id, running, MassState.RUNNING, later),))
    await desk.worker().look()
    assert (await desk.now(send)).state is MassState.DONE


@pytest.mark.parametrize("what", [stop_mass_send, cancel_mass_send])
async def test_only_whoever_may_steer_it_at_that_moment_stops_or_gives_up(desk: MassDesk, what: Any) -> None:
    """The role is taken away between the look and the posting."""
    send = await desk.start(await desk.upload(BEN))
    if what is cancel_mass_send:
        await stop_mass_send(desk.world.ports, desk.fia, send.id)
    before = (await desk.now(send)).state
    memory = desk.world.memory
    post = memory.post

    async def demoted(posting):  # type: ignore[no-untyped-def]  # it stands in for a method
        memory.post = post  # type: ignore[method-assign]  # these two are not overtaken
        await desk.world.set_role(12, Role.FINANCE)
        await desk.world.set_role(11, None)
        return await post(posting)

    for caller, role in ((desk.otto, Role.OWNER), (desk.fia, Role.FINANCE)):
        memory.post = demoted  # type: ignore[method-assign]  # just before the commit
        assert await reason_of(what(desk.world.ports, caller, send.id)) == "not_allowed"
        memory.post = post  # type: ignore[method-assign]  # and the next one
        await desk.world.set_role(caller.person, role)
        await desk.world.set_role(11, Role.FINANCE)
    assert ((await desk.now(send)).state, (await desk.now(send)).given_up) == (before, False)
