"""Withdraw-only and "pause all": what people may still do, who may switch, and that no posting slips through."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable

import pytest

from tests.unit.wallet_core.desk import Slow, told
from tests.unit.wallet_core.world import ADDRESS, World, reason_of
from wallet_core.domain.errors import Reason
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.ledger import Posting, Receipt
from wallet_core.domain.mode import Mode, WhileOpen
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.purchase import RailState
from wallet_core.use_cases.cancel_withdrawal import cancel_withdrawal
from wallet_core.use_cases.confirm_purchase import confirm_purchase
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.quote_purchase import quote_purchase
from wallet_core.use_cases.quote_send import quote_send
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.set_mode import set_mode
from wallet_core.use_cases.set_rail import set_rail
from wallet_core.use_cases.switchboard import switchboard


@pytest.fixture
def world() -> World:
    return World(new_address_wait_seconds=0, two_factor_wait_seconds=0)


@pytest.fixture
async def owner(world: World) -> Caller:
    await world.open_rail()
    return await world.person(9, role=Role.OWNER)


@pytest.fixture
async def ana(world: World, owner: Caller) -> Caller:
    somebody = await world.person(1, "ana")
    await world.person(2, "ben")
    await world.fund(somebody, 100)
    return somebody


async def switch(world: World, by: Caller, mode: Mode) -> None:
    await set_mode(world.ports, by, mode, "a test", await world.code(by))


async def send_offered(world: World, ana: Caller) -> Callable[[], Awaitable[object]]:
    intent = (await quote_send(world.ports, ana, "1", "@ben")).intent
    return lambda: confirm_send(world.ports, ana, intent.id)


async def purchase_offered(world: World, ana: Caller) -> Callable[[], Awaitable[object]]:
    intent = (await quote_purchase(world.ports, ana, "5", "ETH")).intent
    return lambda: confirm_purchase(world.ports, ana, intent.id)


async def withdrawal_offered(world: World, ana: Caller) -> Callable[[], Awaitable[object]]:
    intent = (await quote_withdrawal(world.ports, ana, "5", "ETH", ADDRESS)).intent
    code = await world.code(ana)
    return lambda: request_withdrawal(world.ports, ana, intent.id, code)


REASONS = {Mode.WITHDRAW_ONLY: Reason.WITHDRAW_ONLY, Mode.PAUSED: Reason.ALL_PAUSED}
OFFERS = {"send": send_offered, "purchase": purchase_offered, "withdrawal": withdrawal_offered}


@pytest.mark.parametrize(("mode", "stopped"), [(Mode.WITHDRAW_ONLY, ("send", "purchase")), (Mode.PAUSED, OFFERS)])
async def test_what_is_switched_off_is_not_offered_any_more(
    world: World, owner: Caller, ana: Caller, mode: Mode, stopped: tuple[str, ...]
) -> None:
    await switch(world, owner, mode)
    for what, offered in OFFERS.items():
        if what in stopped:
            assert await reason_of(offered(world, ana)) is REASONS[mode]
        else:
            await offered(world, ana)


@pytest.mark.parametrize(
    ("what", "mode"),
    [
        ("send", Mode.WITHDRAW_ONLY),
        ("purchase", Mode.WITHDRAW_ONLY),
        ("send", Mode.PAUSED),
        ("purchase", Mode.PAUSED),
        ("withdrawal", Mode.PAUSED),
    ],
)
async def test_an_offer_of_before_is_refused_by_its_own_posting_and_nothing_moves(
    world: World, owner: Caller, ana: Caller, what: str, mode: Mode
) -> None:
    code = await world.code(owner)
    confirm = await OFFERS[what](world, ana)
    before = await world.money(ana)
    await set_mode(world.ports, owner, mode, "a test", code)
    assert await reason_of(confirm()) is REASONS[mode]
    assert await world.money(ana) == before


async def test_in_withdraw_only_a_withdrawal_goes_on_and_may_be_cancelled_in_any_mode(
    world: World, owner: Caller, ana: Caller
) -> None:
    await switch(world, owner, Mode.WITHDRAW_ONLY)
    withdrawal = await (await withdrawal_offered(world, ana))()
    assert withdrawal.state is PayoutState.QUEUED  # type: ignore[attr-defined]  # what a request answers
    await switch(world, owner, Mode.PAUSED)
    await cancel_withdrawal(world.ports, ana, withdrawal.id)  # type: ignore[attr-defined]  # as above
    assert await world.money(ana) == (100_000_000, 0)


class Careless:
    """The planted bug: a ledger that leaves the switchboard out of postings, as if only the bot looked at it."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def post(self, posting: Posting) -> Receipt:
        kept = tuple(change for change in posting.changes if not isinstance(change, WhileOpen))
        return await self._world.memory.post(dataclasses.replace(posting, changes=kept))


async def _sent_while_it_was_switched(world: World, owner: Caller, ana: Caller, ledger: object) -> Reason | None:
    """A send that was asked about in time, and posted after somebody switched."""
    code = await world.code(owner)
    intent = (await quote_send(world.ports, ana, "1", "@ben")).intent
    slow = Slow(world, "sent", lambda: set_mode(world.ports, owner, Mode.WITHDRAW_ONLY, "now", code))
    slow.world = _Through(ledger)  # type: ignore[assignment]  # all that it asks of a world is its ledger
    ports = dataclasses.replace(world.ports, ledger=slow)
    try:
        return await reason_of(confirm_send(ports, ana, intent.id))
    except pytest.fail.Exception:
        return None


@dataclasses.dataclass
class _Through:
    memory: object


async def test_a_send_that_passed_the_bot_before_the_switch_is_refused_by_the_ledger(
    world: World, owner: Caller, ana: Caller
) -> None:
    assert await _sent_while_it_was_switched(world, owner, ana, world.memory) is Reason.WITHDRAW_ONLY
    assert await world.money(ana) == (100_000_000, 0)


async def test_with_the_switchboard_left_out_of_the_posting_the_same_send_would_go(
    world: World, owner: Caller, ana: Caller
) -> None:
    assert await _sent_while_it_was_switched(world, owner, ana, Careless(world)) is None
    assert await world.money(ana) == (99_000_000, 0)


async def test_it_is_written_down_with_its_reason_and_every_admin_is_told(world: World, owner: Caller) -> None:
    await world.person(8, role=Role.SUPPORT)
    await switch(world, owner, Mode.WITHDRAW_ONLY)
    (record,) = [r async for r in world.memory.scan(JournalRecord, {"kind": "mode_switched"})]
    assert (record.by, record.facts) == (
        "person:9", {"before": "open", "after": "withdraw_only", "why": "a test"},
    )  # fmt: skip
    assert [told(world, admin, "mode_switched")[0]["why"] for admin in (8, 9)] == ["a test", "a test"]
    board = await switchboard(world.ports)
    assert (board.by, board.since, board.why) == (9, world.clock(), "a test")


async def test_finance_may_stop_everything_and_only_an_owner_lets_it_go_on(world: World, owner: Caller) -> None:
    finance, support = await world.person(8, role=Role.FINANCE), await world.person(7, role=Role.SUPPORT)
    await switch(world, finance, Mode.WITHDRAW_ONLY)
    await switch(world, finance, Mode.PAUSED)
    for mode in (Mode.WITHDRAW_ONLY, Mode.OPEN):
        assert await reason_of(set_mode(world.ports, finance, mode, "", "000000")) is Reason.NOT_ALLOWED
    assert await reason_of(set_mode(world.ports, support, Mode.OPEN, "", "000000")) is Reason.NOT_ALLOWED
    assert await reason_of(set_mode(world.ports, owner, Mode.PAUSED, "", "000000")) is Reason.WRONG_STATE
    assert await reason_of(set_mode(world.ports, owner, Mode.OPEN, "", "000000")) is Reason.WRONG_CODE
    assert (await switchboard(world.ports)).mode is Mode.PAUSED
    await switch(world, owner, Mode.OPEN)
    assert (await switchboard(world.ports)).mode is Mode.OPEN


async def test_a_rail_that_is_drained_refuses_requests_of_before_and_keeps_its_queue(
    world: World, owner: Caller, ana: Caller
) -> None:
    await (await withdrawal_offered(world, ana))()
    code = await world.code(owner)
    confirm = await withdrawal_offered(world, ana)
    await set_rail(world.ports, owner, Asset.ETH, RailState.DRAINING, code, why="a move")
    assert await reason_of(confirm()) is Reason.RAIL_OFF
    assert await reason_of(withdrawal_offered(world, ana)) is Reason.RAIL_OFF
    await set_rail(world.ports, owner, Asset.ETH, RailState.FINISHING, await world.code(owner), why="a move")
    await (await withdrawal_offered(world, ana))()


async def test_all_chains_are_switched_at_once_and_cards_are_not(world: World, owner: Caller) -> None:
    await world.open_payouts(Asset.BTC)
    await world.open_payouts(Asset.USD)
    await set_rail(world.ports, owner, None, RailState.PAUSED, await world.code(owner), why="storm")
    (record,) = [r async for r in world.memory.scan(JournalRecord, {"kind": "rail_switched"})]
    assert (record.facts["asset"], record.facts["why"]) == ("BTC ETH", "storm")
    (notice,) = told(world, 9, "rail_switched")
    assert (notice["rails"], notice["after"]) == (("BTC", "ETH"), "paused")
