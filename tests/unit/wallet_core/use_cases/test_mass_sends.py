"""Mass sends from the file to the result: enough for all or for none, each line once, the rest comes back."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.wallet_core.desk import told
from tests.unit.wallet_core.mass_desk import ITD, MassDesk, open_desk
from tests.unit.wallet_core.world import ADDRESS, ETH, OTHER_ADDRESS, World, reason_of, refusal
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason
from wallet_core.domain.guards import frozen, thawed
from wallet_core.domain.hold import Hold, HoldState
from wallet_core.domain.mass_row import MassRow, RowState
from wallet_core.domain.mass_send import MassSend, MassState, Remark
from wallet_core.domain.payout import PayoutState, Withdrawal, move_payout
from wallet_core.domain.people import Person
from wallet_core.domain.record import Target
from wallet_core.use_cases.cancel_mass_send import cancel_mass_send
from wallet_core.use_cases.release_hold import release_posting
from wallet_core.use_cases.resume_mass_send import resume_mass_send
from wallet_core.use_cases.show_mass_send import show_mass_send
from wallet_core.use_cases.show_mass_sends import show_mass_sends
from wallet_core.use_cases.show_withdrawals import show_withdrawals
from wallet_core.use_cases.start_mass_send import start_mass_send
from wallet_core.use_cases.stop_mass_send import stop_mass_send

BEN, CLEO = ("@ben", "ITD", 2 * ITD), ("15", "ITD", 3 * ITD)


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> MassDesk:
    return await open_desk(world, tmp_path)


async def test_people_are_paid_once_and_each_is_told_by_whom(desk: MassDesk) -> None:
    done = await desk.finished(await desk.upload(BEN, CLEO, BEN))
    assert (done.paid, done.paid_minor, done.refused) == (3, 7 * ITD, 0)
    assert await desk.world.money(desk.ben) == (4 * ITD, 0)
    assert await desk.world.money(desk.fia) == (4_993 * ITD, 0)
    assert [facts["other_name"] for facts in told(desk.world, 14, "received")] == ["Fia", "Fia"]
    assert [line[5] for line in await desk.result(done)] == ["paid", "paid", "paid"]
    assert desk.world.sums()["ITD"] == 0
    await desk.worker().look()
    assert await desk.world.money(desk.ben) == (4 * ITD, 0), "another look pays nobody"


async def test_a_preview_names_what_will_not_be_paid_and_what_is_odd(desk: MassDesk) -> None:
    await desk.world.ports.store.put(
        Person(id=77, display_name="Zed", username="zed", username_key="zed", seen_at=desk.world.clock())
    )
    send = await desk.upload(
        BEN, BEN, ("@nobody", "ITD", ITD), ("@fia", "ITD", ITD), ("@zed", "ITD", ITD), ("77", "ITD", ITD),
        ("@cleo", "ITD", 1), ("x" * 42, "ETH", ETH), (ADDRESS, "BTC", 10**8), ("@cleo", "ITD", 2_001 * ITD),
    )  # fmt: skip
    found = {remarked.remark: (remarked.lines, remarked.recipients) for remarked in send.remarks}
    assert found == {
        Remark.DUPLICATE: ((3,), ("@ben",)),
        Remark.UNKNOWN_PERSON: ((4, 6, 7), ("@nobody", "@zed", "77")),
        Remark.SELF: ((5,), ("@fia",)),
        Remark.BELOW_MINIMUM: ((8,), ("@cleo",)),
        Remark.BAD_ADDRESS: ((9,), ("x" * 42,)),
        Remark.RAIL_OFF: ((10,), (ADDRESS,)),
        Remark.OVER_LIMIT: ((11,), ("@cleo",)),
    }
    assert (send.state, send.rows, send.person_rows, send.refused) == (MassState.PREVIEW, 10, 3, 7)
    assert send.total_minor == 2_005 * ITD
    assert await desk.world.money(desk.fia) == (5_000 * ITD, 0), "nothing is held by looking"


async def test_who_is_over_their_limit_is_refused_without_figures_and_the_money_comes_back(desk: MassDesk) -> None:
    send = await desk.upload(("@cleo", "ITD", 600 * ITD), ("@cleo", "ITD", 1_500 * ITD), BEN)
    await desk.start(send)
    await desk.approve(send)
    await desk.worker().look()
    assert [row.reason for row in await desk.rows(send)] == [None, Reason.RECIPIENT_LIMIT, None]
    assert await desk.world.money(desk.fia) == (4_398 * ITD, 0)
    hold = await desk.world.ports.store.get(Hold, send.id)
    assert hold is not None and hold.state is HoldState.VOIDED


async def test_a_total_that_is_not_covered_begins_nothing(desk: MassDesk) -> None:
    send = await desk.upload(BEN, ("@cleo", "ITD", 4_999 * ITD))
    code = await desk.world.code(desk.fia)
    assert await reason_of(start_mass_send(desk.world.ports, desk.fia, send.id, code)) is Reason.INSUFFICIENT_FUNDS
    await desk.worker().look()
    assert await desk.world.money(desk.ben) == (0, 0)
    assert await desk.world.money(desk.fia) == (5_000 * ITD, 0)


async def test_the_same_file_again_does_nothing_and_another_payer_or_line_is_another_file(desk: MassDesk) -> None:
    first = await desk.finished(await desk.upload(BEN, ("@late", "ITD", ITD)))
    # Who joined in between does not make it another file, or all the others would be paid twice.
    await desk.world.person(99, "late")
    with pytest.raises(AlreadyDone) as again:
        await desk.upload(BEN, ("@late", "ITD", ITD))
    assert again.value.result.id == first.id
    await desk.world.fund(desk.gus, 10)
    assert (await desk.upload(BEN, ("@late", "ITD", ITD), payer=desk.gus)).id != first.id
    assert (await desk.upload(BEN, ("@late", "ITD", 2 * ITD))).id != first.id


async def test_a_preview_that_expired_or_was_cancelled_is_made_anew_and_its_lines_are_removed(desk: MassDesk) -> None:
    first = await desk.upload(BEN)
    desk.world.clock.turn(minutes=31)
    assert await reason_of(start_mass_send(desk.world.ports, desk.fia, first.id, "000000")) is Reason.EXPIRED
    second = await desk.upload(BEN)
    assert second.id != first.id
    await cancel_mass_send(desk.world.ports, desk.fia, second.id)
    third = await desk.upload(BEN)
    await desk.worker().look()
    assert [(await desk.now(send)).state for send in (first, second, third)] == ["expired", "cancelled", "preview"]
    assert [len(await desk.rows(send)) for send in (first, second, third)] == [0, 0, 1]
    await desk.finished(third)
    assert await desk.world.money(desk.ben) == (2 * ITD, 0)


async def test_what_is_left_of_an_upload_that_broke_off_is_removed(desk: MassDesk) -> None:
    memory = desk.world.memory
    post, count = memory.post, [0]

    async def broken(posting):  # type: ignore[no-untyped-def]  # it stands in for a method
        count[0] += posting.kind == "mass_rows_added"
        if count[0] == 2:
            raise ConnectionError("the process died")
        return await post(posting)

    memory.post = broken  # type: ignore[method-assign]  # the process dies in the second piece
    with pytest.raises(ConnectionError):
        await desk.upload(*[("@ben", "ITD", ITD + n) for n in range(1_001)])
    memory.post = post  # type: ignore[method-assign]  # and a new one begins
    (left,) = await memory.find(MassSend, {})
    assert await memory.count(MassRow, {}) == 1_000
    assert await reason_of(show_mass_send(desk.world.ports, desk.fia, left.id)) is Reason.NOT_FOUND
    desk.world.clock.turn(hours=2)
    await desk.worker().look()
    assert await memory.count(MassRow, {}) == 0


async def test_addresses_become_payouts_at_the_locked_rate_and_end_as_those_do(desk: MassDesk) -> None:
    send = await desk.upload(BEN, (ADDRESS, "ETH", ETH // 10), (OTHER_ADDRESS, "ETH", ETH // 20), (ADDRESS, "ETH", 5))
    assert send.fee_minor == 3 * ITD // 2 and send.total_minor == 2 * ITD + 300 * ITD + 1 + send.fee_minor
    desk.world.rates.itd_minor["ETH"] *= 2
    await desk.start(send)
    await desk.worker().look()
    payouts = await desk.world.ports.store.find(Withdrawal, {"mass_send": send.id}, order_by=("-amount_minor",))
    assert [(p.amount_minor, p.coin_minor, p.state) for p in payouts] == [
        (200 * ITD, ETH // 10, "queued"), (100 * ITD, ETH // 20, "queued"), (1, 5, "queued")
    ]  # fmt: skip
    assert all(desk.world.ports.vault.mac_fits(p.terms(), p.mac) for p in payouts)
    assert told(desk.world, 11, "withdrawal") == [], "one card for all of them"
    assert (await show_withdrawals(desk.world.ports, desk.fia)).receipts == []
    for payout, to in zip(payouts, (PayoutState.SETTLED, PayoutState.RETURNED, PayoutState.SETTLED), strict=True):
        moves = (
            move_payout(payout.id, PayoutState.QUEUED, PayoutState.BATCHED, batch="b"),
            move_payout(payout.id, PayoutState.BATCHED, to, txid="0xab"),
        )
        await desk.world.post(changes=moves)
    await desk.worker().look()
    done = await desk.now(send)
    assert (done.state, done.paid, done.returned) == (MassState.DONE, 3, 1)
    ends = [(line[0], line[5], line[6], line[8]) for line in await desk.result(send)]
    assert ends == [
        ("2", "paid", "", ""),
        ("3", "paid", "", "0xab"),
        ("4", "returned", "returned", ""),
        ("5", "paid", "", "0xab"),
    ]


async def test_a_stop_is_heard_at_once_and_a_resume_goes_on_where_it_was(desk: MassDesk) -> None:
    send = await desk.start(await desk.upload(BEN, CLEO))
    await stop_mass_send(desk.world.ports, desk.otto, send.id)
    assert await reason_of(stop_mass_send(desk.world.ports, desk.gus, send.id)) is Reason.NOT_YOURS
    await desk.worker().look()
    assert (await desk.now(send)).done == 0 and told(desk.world, 11, "mass_send")[-1]["state"] == "stopped"
    await resume_mass_send(desk.world.ports, desk.fia, send.id, await desk.world.code(desk.fia))
    await desk.worker().look()
    assert (await desk.now(send)).state is MassState.DONE
    with pytest.raises(AlreadyDone):
        await stop_mass_send(desk.world.ports, desk.fia, send.id)


async def test_what_is_given_up_is_paid_to_nobody_and_its_money_is_back_at_once(desk: MassDesk) -> None:
    send = await desk.start(await desk.upload(BEN, CLEO))
    assert await reason_of(cancel_mass_send(desk.world.ports, desk.fia, send.id)) is Reason.WRONG_STATE
    await stop_mass_send(desk.world.ports, desk.fia, send.id)
    await cancel_mass_send(desk.world.ports, desk.fia, send.id)
    assert await desk.world.money(desk.fia) == (5_000 * ITD, 0)
    await desk.worker().look()
    assert [row.reason for row in await desk.rows(send)] == ["given_up", "given_up"]
    assert (await desk.now(send)).state is MassState.DONE
    with pytest.raises(AlreadyDone):
        await desk.upload(BEN, CLEO)


async def test_a_frozen_payer_stops_it_and_no_line_is_lost(desk: MassDesk) -> None:
    send = await desk.start(await desk.upload(BEN, CLEO))
    await desk.world.post(changes=(frozen(11, "test"),))
    await desk.worker().look()
    stopped = await desk.now(send)
    assert (stopped.state, stopped.stopped_by, stopped.done) == (MassState.STOPPED, "frozen", 0)
    code = await desk.world.code(desk.fia)
    assert await reason_of(resume_mass_send(desk.world.ports, desk.fia, send.id, code)) is Reason.FROZEN
    await desk.world.post(changes=(thawed(11, "test"),))
    await resume_mass_send(desk.world.ports, desk.fia, send.id, await desk.world.code(desk.fia))
    await desk.worker().look()
    assert (await desk.now(send)).paid == 2


async def test_a_hold_that_expired_pays_nobody_any_more(desk: MassDesk) -> None:
    send = await desk.start(await desk.upload(BEN))
    desk.world.clock.turn(days=31)
    await desk.worker().look()
    assert [row.reason for row in await desk.rows(send)] == [Reason.EXPIRED]
    assert await desk.world.money(desk.fia) == (5_000 * ITD, 0)


async def test_a_hold_that_the_worker_gave_back_pays_nobody_either(desk: MassDesk) -> None:
    send = await desk.start(await desk.upload(BEN))
    desk.world.clock.turn(days=31)
    hold = await desk.world.ports.store.get(Hold, send.id)
    assert hold is not None
    await desk.world.memory.post(release_posting(hold, HoldState.EXPIRED, "worker"))
    await desk.worker().look()
    assert [row.reason for row in await desk.rows(send)] == [Reason.EXPIRED]
    assert (await desk.now(send)).state is MassState.DONE


async def test_a_line_that_somebody_calls_pending_again_is_not_paid_again(desk: MassDesk) -> None:
    send = await desk.start(await desk.upload(BEN, CLEO))
    await desk.worker().look()
    assert (await desk.now(send)).paid == 2
    (row, _) = await desk.rows(send)
    desk.world.memory.documents[Target(MassRow.collection, row.id)]["state"] = "pending"
    desk.world.memory.documents[Target(MassSend.collection, send.id)]["state"] = "running"
    await desk.worker().look()
    assert await desk.world.money(desk.ben) == (2 * ITD, 0)
    assert (await desk.now(send)).paid == 2


async def test_nobody_in_a_file_is_no_mass_send(desk: MassDesk) -> None:
    refused = await refusal(desk.upload(("@nobody", "ITD", ITD)))
    assert refused.reason is Reason.NO_PAYABLE_ROWS and refused.facts["remarks"][0]["lines"] == (2,)
    page = await show_mass_sends(desk.world.ports, desk.gus)
    assert page.sends == []


@pytest.mark.parametrize("harm", ["row", "new row", "started", "terms"])
async def test_what_somebody_wrote_into_the_database_is_never_paid(desk: MassDesk, harm: str) -> None:
    send = await desk.upload(BEN)
    if harm != "started":
        send = await desk.start(send)
    documents = desk.world.memory.documents
    (row,) = await desk.rows(send)
    if harm == "row":
        documents[Target(MassRow.collection, row.id)]["person"] = 15
    if harm == "new row":
        await desk.world.post(changes=(Insert(row.model_copy(update={"id": f"{send.id}:9", "line": 1})),))
    if harm == "started":
        documents[Target(MassSend.collection, send.id)] |= {"state": "running", "started_at": desk.world.clock()}
    if harm == "terms":
        documents[Target(MassSend.collection, send.id)]["approval_above_minor"] = 10**12
    await desk.worker().look()
    assert [await desk.world.money(person) for person in (desk.ben, desk.cleo)] == [(0, 0), (0, 0)]
    assert (await desk.rows(send))[0].state is RowState.PENDING
    owners = told(desk.world, 12, "alarm")
    assert [alarm["alarm"] for alarm in owners] == ["item_stopped"]


async def test_terms_that_were_changed_under_the_preview_are_not_started(desk: MassDesk) -> None:
    send = await desk.upload(("@ben", "ITD", 1_500 * ITD))
    desk.world.memory.documents[Target(MassSend.collection, send.id)]["approval_above_minor"] = 10**12
    with pytest.raises(InvariantViolated, match="terms"):
        await desk.start(send)


async def test_the_card_is_written_now_and_then_and_always_at_the_end(desk: MassDesk) -> None:
    send = await desk.start(await desk.upload(*[("@ben", "ITD", ITD // 4 + n) for n in range(3_500)]))
    worker, clock = desk.worker(), desk.world.clock
    store_now = desk.world.memory.now

    async def passing():  # type: ignore[no-untyped-def]  # it stands in for a method
        clock.now += timedelta(milliseconds=100)
        return await store_now()

    desk.world.memory.now = passing  # type: ignore[method-assign]  # time passes while it works
    await worker.look()
    cards = told(desk.world, 11, "mass_send")
    shown = [card["done"] for card in cards]
    assert shown == sorted(shown) and shown[-1] == 3_500 and cards[-1]["state"] == "done"
    assert len(cards) <= 4
    assert (await desk.now(send)).done == 3_500
