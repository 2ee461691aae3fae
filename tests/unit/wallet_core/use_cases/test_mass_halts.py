"""What keeps the lines of a mass send: one line's own fault, a closed coin's lines, or the payer, who stops all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from payout_worker.mass import mass_checks, mass_postings
from tests.support.cases import invoice_of
from tests.unit.wallet_core.desk import told
from tests.unit.wallet_core.mass_desk import ITD, MassDesk, open_desk
from tests.unit.wallet_core.world import ADDRESS, BTC_ADDRESS, ETH, OTHER_ADDRESS, World, reason_of
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.debt import owing
from wallet_core.domain.mass_send import MassSend, MassState, Remark
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Role
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.domain.record import Target
from wallet_core.use_cases.cancel_mass_send import cancel_mass_send
from wallet_core.use_cases.resume_mass_send import resume_mass_send
from wallet_core.use_cases.screen_address import screen_address

BEN = ("@ben", "ITD", 2 * ITD)
TO_ETHER, TO_OTHER = (ADDRESS, "ETH", ETH // 10), (OTHER_ADDRESS, "ETH", ETH // 20)
TO_BITCOIN = (BTC_ADDRESS, "BTC", 100_000)

Patch = pytest.MonkeyPatch


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> MassDesk:
    return await open_desk(world, tmp_path)


async def screen(desk: MassDesk, address: str) -> None:
    code = await desk.world.code(desk.otto)
    await screen_address(desk.world.ports, desk.otto, "ETH", address, "theft", True, code)


async def switch(desk: MassDesk, state: RailState) -> None:
    await desk.world.post(changes=(Move(Rail, Asset.ETH, frozenset(RailState), state),))


async def test_a_screened_address_is_refused_and_all_others_go_on(desk: MassDesk) -> None:
    send = await desk.start(await desk.upload(TO_ETHER, BEN, TO_OTHER))
    await screen(desk, ADDRESS)
    await desk.worker().look()
    ends = [(row.state, row.reason) for row in await desk.rows(send)]
    assert ends == [("refused", Remark.SCREENED), ("paid", None), ("queued", None)]


async def test_a_screened_address_and_ones_own_are_named_at_the_preview_however_they_are_written(
    desk: MassDesk,
) -> None:
    await screen(desk, ADDRESS)
    own = desk.world.ports.addresses[Asset.ETH].deposit(7)
    invoice = invoice_of(14, desk.world.clock(), Asset.ETH, address=own)
    await desk.world.post(changes=(Insert(invoice),))
    send = await desk.upload(BEN, (ADDRESS.lower(), "ETH", ETH // 10), (own.lower(), "ETH", ETH // 10))
    found = {remarked.remark: remarked.lines for remarked in send.remarks}
    assert found == {Remark.SCREENED: (3,), Remark.BAD_ADDRESS: (4,)}
    assert send.total_minor == 2 * ITD


async def test_the_lines_of_a_closed_coin_wait_and_all_others_go_on(desk: MassDesk) -> None:
    await desk.world.open_payouts(Asset.BTC)
    send = await desk.start(await desk.upload(TO_ETHER, TO_OTHER, TO_BITCOIN, BEN))
    await switch(desk, RailState.CLOSED)
    await desk.worker().look()
    assert [row.state for row in await desk.rows(send)] == ["pending", "pending", "queued", "paid"]
    assert (await desk.now(send)).state is MassState.RUNNING
    await switch(desk, RailState.PAUSED)
    await desk.worker().look()
    assert [row.state for row in await desk.rows(send)] == ["queued", "queued", "queued", "paid"]


async def owes(desk: MassDesk) -> None:
    await desk.world.post(changes=(owing(11, ITD),))


async def lost_the_role(desk: MassDesk) -> None:
    await desk.world.set_role(11, Role.SUPPORT)


async def lost_the_role_between(desk: MassDesk) -> None:
    """After the worker has read who pays."""
    memory = desk.world.memory
    post_many = memory.post_many

    async def overtaken(postings):  # type: ignore[no-untyped-def]  # it stands in for a method
        await lost_the_role(desk)
        return await post_many(postings)

    memory.post_many = overtaken  # type: ignore[method-assign]  # just before the commit


PAYERS = {
    (owes, BEN): "in_debt",
    (owes, TO_ETHER): "owed_money",
    (lost_the_role, BEN): "not_allowed",
    (lost_the_role, TO_ETHER): "not_allowed",
    (lost_the_role_between, TO_ETHER): "not_allowed",
}


@pytest.mark.parametrize(("harm", "line", "why"), [(*case, why) for case, why in PAYERS.items()])
async def test_a_payer_who_may_not_pay_now_stops_all_lines(desk: MassDesk, harm: Any, line: Any, why: str) -> None:
    send = await desk.start(await desk.upload(line))
    await harm(desk)
    await desk.worker().look()
    stopped = await desk.now(send)
    assert (stopped.state, stopped.stopped_by, stopped.done, stopped.queued) == (MassState.STOPPED, why, 0, 0)


async def test_what_a_payer_began_who_is_no_admin_any_more_is_given_up_by_an_owner_and_resumed_by_nobody(
    desk: MassDesk,
) -> None:
    send = await desk.start(await desk.upload(BEN))
    await lost_the_role(desk)
    await desk.worker().look()
    code = await desk.world.code(desk.otto)
    assert await reason_of(resume_mass_send(desk.world.ports, desk.otto, send.id, code)) == "not_allowed"
    await cancel_mass_send(desk.world.ports, desk.otto, send.id)
    await desk.worker().look()
    assert (await desk.now(send)).state is MassState.DONE
    assert await desk.world.money(desk.fia) == (5_000 * ITD, 0)


async def given_up_as_it_is_halted(desk: MassDesk) -> MassSend:
    """Somebody gives its rest up between the worker's look at the payer and its order to stop."""
    send = await desk.start(await desk.upload(BEN))
    await owes(desk)
    memory = desk.world.memory
    post = memory.post

    async def overtaken(posting):  # type: ignore[no-untyped-def]  # it stands in for a method
        if posting.kind == "mass_send_halted":
            memory.documents[Target(MassSend.collection, send.id)]["given_up"] = True
        return await post(posting)

    memory.post = overtaken  # type: ignore[method-assign]  # just before the commit
    await desk.worker().look()
    await desk.worker().look()
    return await desk.now(send)


async def test_what_was_given_up_meanwhile_is_not_stopped_for_ever(desk: MassDesk) -> None:
    assert (await given_up_as_it_is_halted(desk)).state is MassState.DONE


async def copied(desk: MassDesk) -> tuple[int, list[str]]:
    """What Ben has of a line whose copy somebody wrote into the database, and the alarms."""
    send = await desk.start(await desk.upload(BEN))
    (row,) = await desk.rows(send)
    await desk.world.post(changes=(Insert(row.model_copy(update={"id": f"{send.id}:copy"})),))
    await desk.world.fund(desk.fia, 10)
    await desk.worker().look()
    return (await desk.world.money(desk.ben))[0], [alarm["alarm"] for alarm in told(desk.world, 12, "alarm")]


async def test_the_copy_of_a_line_is_paid_to_nobody(desk: MassDesk) -> None:
    assert await copied(desk) == (0, ["item_stopped"])


# Planted bugs: without the one line that each of these takes away, the tests above would fail.


async def test_without_the_expectation_it_would_stand_still_for_ever(desk: MassDesk, monkeypatch: Patch) -> None:
    halted: Callable[[MassSend, str], Move] = MassSend.halted

    def blindly(send: MassSend, why: str) -> Move:
        move = halted(send, why)
        return Move(MassSend, send.id, move.from_states, move.to_state, move.fields)

    monkeypatch.setattr(MassSend, "halted", blindly)
    assert (await given_up_as_it_is_halted(desk)).state is MassState.STOPPED


async def test_without_the_look_at_its_id_a_copy_would_be_tried(desk: MassDesk, monkeypatch: Patch) -> None:
    class Anything:
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]  # nobody hashes it

    monkeypatch.setattr(mass_checks, "row_id", lambda _mass_send, _line: Anything())
    assert (await copied(desk))[1] == []


async def test_without_the_guard_a_payer_in_debt_would_pay_people(desk: MassDesk, monkeypatch: Patch) -> None:
    monkeypatch.setattr(mass_postings, "unless_owing", mass_postings.unless_frozen)
    send = await desk.start(await desk.upload(BEN))
    await owes(desk)
    await desk.worker().look()
    assert (await desk.now(send)).paid == 1
