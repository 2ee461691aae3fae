"""Mass sends while sends or a rail are switched off: they wait, whatever the worker saw, and go on by themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from payout_worker.mass import mass_piece
from tests.unit.wallet_core.desk import told
from tests.unit.wallet_core.mass_desk import ITD, MassDesk, open_desk
from tests.unit.wallet_core.world import ADDRESS, BTC_ADDRESS, ETH, OTHER_ADDRESS, World, reason_of, refusal
from wallet_core.domain.errors import Reason, WalletError
from wallet_core.domain.ledger import Posting, Receipt
from wallet_core.domain.mass_row import RowState
from wallet_core.domain.mass_send import MassSend, MassState, Remark
from wallet_core.domain.mode import Mode, Switchboard, WhileOpen
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.purchase import RailState
from wallet_core.use_cases.cancel_mass_send import cancel_mass_send
from wallet_core.use_cases.set_mode import set_mode
from wallet_core.use_cases.set_rail import set_rail
from wallet_core.use_cases.stop_mass_send import stop_mass_send

BEN, TO_ETHER, TO_BITCOIN = ("@ben", "ITD", 2 * ITD), (ADDRESS, "ETH", ETH // 10), (BTC_ADDRESS, "BTC", 100_000)
Patch = pytest.MonkeyPatch


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> MassDesk:
    return await open_desk(world, tmp_path)


async def _switch(desk: MassDesk, mode: Mode) -> None:
    await set_mode(desk.world.ports, desk.otto, mode, "a test", await desk.world.code(desk.otto))


@dataclass
class Late:
    """A ledger before which somebody switches when the first lines come; ``careless`` leaves their guard out."""

    desk: MassDesk
    code: str
    careless: bool = False
    switched: bool = False

    async def post(self, posting: Posting) -> Receipt:
        """See ``ports.Ledger.post``."""
        return await self.desk.world.memory.post(posting)

    async def post_many(self, postings: Sequence[Posting]) -> list[Receipt | WalletError]:
        """See ``ports.Ledger.post_many``."""
        if not self.switched:
            self.switched = True
            await set_mode(self.desk.world.ports, self.desk.otto, Mode.WITHDRAW_ONLY, "a test", self.code)
        return await self.desk.world.memory.post_many([self._as_posted(posting) for posting in postings])

    def _as_posted(self, posting: Posting) -> Posting:
        if not self.careless:
            return posting
        kept = tuple(change for change in posting.changes if not isinstance(change, WhileOpen))
        return dataclasses.replace(posting, changes=kept)


async def _looked(desk: MassDesk, *, careless: bool) -> MassSend:
    """The worker looks, and somebody switches between its look and its lines."""
    code = await desk.world.code(desk.otto)
    send = await desk.start(await desk.upload(("@ben", "ITD", ITD), ("@cleo", "ITD", ITD)))
    worker = desk.worker()
    await worker.over(ledger=Late(desk, code, careless)).look()
    return send


async def test_none_is_started_and_one_that_runs_waits_and_goes_on_by_itself(desk: MassDesk) -> None:
    running, other = [await desk.upload(("@ben", "ITD", n * ITD)) for n in (1, 2)]
    await desk.start(running)
    await _switch(desk, Mode.WITHDRAW_ONLY)
    assert await reason_of(desk.start(other)) is Reason.WITHDRAW_ONLY
    worker = desk.worker()
    await worker.look()
    assert await desk.world.money(desk.ben) == (0, 0) and (await desk.now(running)).state is MassState.RUNNING
    await _switch(desk, Mode.OPEN)
    await worker.look()
    assert await desk.world.money(desk.ben) == (ITD, 0) and (await desk.now(running)).state is MassState.DONE


async def test_lines_that_were_on_their_way_when_somebody_switched_are_refused_and_wait(desk: MassDesk) -> None:
    send = await _looked(desk, careless=False)
    assert [row.state for row in await desk.rows(send)] == [RowState.PENDING] * 2
    assert await desk.world.money(desk.ben) == (0, 0)
    await _switch(desk, Mode.OPEN)
    await desk.worker().look()
    assert [row.state for row in await desk.rows(send)] == [RowState.PAID] * 2


async def test_with_the_switchboard_left_out_of_their_postings_the_same_lines_would_be_paid(desk: MassDesk) -> None:
    send = await _looked(desk, careless=True)
    assert [row.state for row in await desk.rows(send)] == [RowState.PAID] * 2


async def _turn(desk: MassDesk, asset: Asset, state: RailState) -> None:
    """An owner sets the rail's switch as they do in the chat."""
    await set_rail(desk.world.ports, desk.otto, asset, state, await desk.world.code(desk.otto), why="a test")


async def _states(desk: MassDesk, send: MassSend) -> list[str]:
    return [row.state.value for row in await desk.rows(send)]


async def _running(desk: MassDesk) -> MassSend:
    """To two coins and a person, ether first."""
    await desk.world.open_payouts(Asset.BTC)
    return await desk.start(await desk.upload(TO_ETHER, TO_BITCOIN, BEN))


@pytest.mark.parametrize("switched", [RailState.DRAINING, RailState.CLOSED])
async def test_a_rail_that_takes_nothing_new_takes_no_lines_either_until_it_is_resumed(
    desk: MassDesk, switched: RailState
) -> None:
    send = await _running(desk)
    await _turn(desk, Asset.ETH, switched)
    await desk.worker().look()
    assert await _states(desk, send) == ["pending", "queued", "paid"]
    assert await desk.world.ports.store.count(Withdrawal, {"asset": Asset.ETH}) == 0
    card = told(desk.world, 11, "mass_send")[-1]
    assert (
        (card["state"], card["waits_for"]) == ("running", (Asset.ETH,)) == ("running", (await desk.now(send)).waits_for)
    )
    await _turn(desk, Asset.ETH, RailState.RUNNING)
    desk.world.clock.turn(seconds=5)
    await desk.worker().look()
    assert await _states(desk, send) == ["queued", "queued", "paid"]
    assert told(desk.world, 11, "mass_send")[-1]["waits_for"] == ()


async def test_while_lines_wait_the_card_is_written_once(desk: MassDesk) -> None:
    await _running(desk)
    await _turn(desk, Asset.ETH, RailState.DRAINING)
    await desk.worker().look()
    desk.world.clock.turn(minutes=1)
    before = len(told(desk.world, 11, "mass_send"))
    await desk.worker().look()
    assert len(told(desk.world, 11, "mass_send")) == before


async def test_lines_that_wait_for_a_rail_are_given_up_while_it_is_shut(desk: MassDesk) -> None:
    send = await _running(desk)
    await _turn(desk, Asset.ETH, RailState.DRAINING)
    await desk.worker().look()
    await stop_mass_send(desk.world.ports, desk.fia, send.id)
    await cancel_mass_send(desk.world.ports, desk.fia, send.id)
    await desk.worker().look()
    assert (await _states(desk, send))[0] == "refused"
    assert told(desk.world, 11, "mass_send")[-1]["waits_for"] == ()


async def _drained_behind_the_worker(desk: MassDesk, patch: Patch) -> list[str]:
    """The worker has read an old switchboard; its postings meet the present one."""

    async def old(_ports: object) -> Switchboard:
        return Switchboard()

    send = await _running(desk)
    await _turn(desk, Asset.ETH, RailState.DRAINING)
    patch.setattr(mass_piece, "switchboard", old)
    await desk.worker().look()
    return await _states(desk, send)


async def test_a_rail_that_is_drained_behind_the_workers_back_takes_no_lines(
    desk: MassDesk, monkeypatch: Patch
) -> None:
    assert await _drained_behind_the_worker(desk, monkeypatch) == ["pending", "queued", "paid"]


async def test_without_its_coin_in_the_posting_it_would_take_them(desk: MassDesk, monkeypatch: Patch) -> None:
    monkeypatch.setattr("payout_worker.mass.mass_postings.WhileOpen", lambda doing, _asset: WhileOpen(doing))
    assert await _drained_behind_the_worker(desk, monkeypatch) == ["queued", "queued", "paid"]


async def test_a_preview_pays_nothing_out_in_a_coin_that_takes_nothing_new(desk: MassDesk) -> None:
    await desk.world.open_payouts(Asset.BTC)
    await _turn(desk, Asset.ETH, RailState.DRAINING)
    send = await desk.upload(TO_ETHER, TO_BITCOIN, BEN)
    assert {one.remark: one.lines for one in send.remarks}[Remark.RAIL_OFF] == (2,)
    assert [total.asset for total in send.totals] == [Asset.BTC, Asset.ITD]
    refused = await refusal(desk.upload((OTHER_ADDRESS, "ETH", ETH)))
    assert refused.reason is Reason.NO_PAYABLE_ROWS and refused.facts["remarks"][0]["remark"] == Remark.RAIL_OFF
