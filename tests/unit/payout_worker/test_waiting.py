"""When owners hear of what waits: by the database's time, once a day, and of one of many."""

from __future__ import annotations

from typing import Any, cast

import pytest

from payout_worker.failures import Failures
from payout_worker.ports import Node, RailPorts, Signer
from payout_worker.standstill import Standstill
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from tests.unit.wallet_core.world import World
from wallet_core.domain.alert import Alert
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.guards import set_role
from wallet_core.domain.lease import TakeLease
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Role
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.use_cases.close_quiet_alerts import close_quiet_alerts

TENURE = Tenure("BTC:regtest:hot", 1, "worker")
#: The day on which a world in memory begins, at noon.
TODAY = "(2026-11-22)"
SHORT = Refused(Reason.HOT_WALLET_SHORT)
CHANGED = Refused(Reason.CHANGED_MEANWHILE)
FEES = Refused(Reason.RAIL_OFF, waits_for="fees")


class Waiting:
    """A rail in memory with an owner, and a clock that is turned by hand."""

    def __init__(self, world: World | None = None, asset: Asset = Asset.BTC) -> None:
        self.world, nothing = world or World(), cast(Any, None)
        self.ports = RailPorts[Node].of(self.world.ports, asset, nothing, cast(Signer, nothing))
        self.failures = Failures("payout")
        self.standstill = Standstill()

    async def open(self) -> None:
        owner = set_role(7, Role.OWNER, 1, self.ports.vault.mac)
        changes = (TakeLease(TENURE.lease, TENURE.holder, 0), owner)
        await self.ports.ledger.post(Posting("test:open", "test", "test", changes=changes))
        if await self.ports.store.get(Rail, Asset.BTC) is None:
            rail = Insert(Rail(id=Asset.BTC))
            await self.ports.ledger.post(Posting("test:rail", "test", "test", changes=(rail,)))

    async def refuse(self, item: str, refused: Refused = SHORT, *, minutes: float = 0) -> list[str]:
        """Lets time pass, then an item is refused; of what the owners have heard by then."""
        self.world.clock.turn(minutes=minutes)
        await self.failures.after(self.ports, TENURE, item, refused)
        return await self.heard()

    async def stand(self, refused: Refused = FEES, *, minutes: float = 0, waiting: int = 1) -> list[str]:
        """Lets time pass, then nothing can be formed; of what the owners have heard by then."""
        self.world.clock.turn(minutes=minutes)
        await self.standstill.goes_on(self.ports, TENURE, refused, waiting)
        return await self.heard()

    async def heard(self) -> list[str]:
        messages = await self.ports.store.find(OutboxMessage, {"template": "alarm"}, order_by=("at",))
        return [message.facts["subject"] for message in messages]


@pytest.fixture
async def rail() -> Waiting:
    made = Waiting()
    await made.open()
    return made


async def test_an_item_may_be_refused_any_number_of_times_for_ten_minutes(rail: Waiting) -> None:
    for _ in range(100):
        assert await rail.refuse("w") == []
    assert await rail.refuse("w", minutes=9) == []
    for _ in range(3):
        assert await rail.refuse("w", minutes=1) == [f"w: hot_wallet_short {TODAY}"]


@pytest.mark.parametrize("reason", [Reason.NODE_UNCLEAR, Reason.CHANGED_MEANWHILE, Reason.RATE_UNAVAILABLE])
async def test_owners_hear_of_it_whatever_it_is_refused_for(rail: Waiting, reason: Reason) -> None:
    assert await rail.refuse("w", CHANGED) == []
    assert await rail.refuse("w", Refused(reason), minutes=10) == [f"w: {reason.value} {TODAY}"]


async def test_what_went_on_meanwhile_has_not_waited(rail: Waiting) -> None:
    await rail.refuse("w", CHANGED)
    rail.failures.went_on("w")
    assert await rail.refuse("w", CHANGED, minutes=20) == []


async def test_of_many_that_wait_for_the_same_one_is_told_in_an_hour(rail: Waiting) -> None:
    for minutes in (0, 10, 59):
        await rail.refuse("a", minutes=minutes)
        await rail.refuse("b")
    assert await rail.heard() == [f"a: hot_wallet_short {TODAY}"]
    both = [f"a: hot_wallet_short {TODAY}", f"b: hot_wallet_short {TODAY}"]
    assert await rail.refuse("b", minutes=1) == both


async def test_an_item_that_waits_for_its_rail_is_no_news(rail: Waiting) -> None:
    await rail.refuse("w", FEES)
    assert await rail.refuse("w", FEES, minutes=600) == []


async def test_a_standstill_of_an_hour_is_told_once(rail: Waiting) -> None:
    assert await rail.stand() == []
    assert await rail.stand(minutes=59) == []
    for _ in range(3):
        assert await rail.stand(minutes=1) == [f"BTC: fees {TODAY}"]


@pytest.mark.parametrize("refused", [Refused(Reason.RAIL_OFF, waits_for="rail"), FEES], ids=["paused", "nobody waits"])
async def test_a_rail_that_was_paused_or_that_nobody_waits_for_is_no_news(rail: Waiting, refused: Refused) -> None:
    waiting = 0 if refused is FEES else 1
    await rail.stand(refused, waiting=waiting)
    assert await rail.stand(refused, minutes=600, waiting=waiting) == []
    assert await rail.stand(FEES) == []


async def test_a_standstill_begins_anew_after_a_batch_or_for_another_reason(rail: Waiting) -> None:
    await rail.stand()
    rail.standstill.end()
    assert await rail.stand(minutes=60) == []
    assert await rail.stand(Refused(Reason.RAIL_OFF, waits_for="confirmations"), minutes=60) == []
    assert await rail.stand(minutes=1) == []
    assert await rail.stand(minutes=60) == [f"BTC: fees {TODAY}"]


DAYS = [TODAY, "(2026-11-23)", "(2026-11-24)"]


async def test_a_standstill_of_days_is_told_on_each_of_them(rail: Waiting) -> None:
    await rail.stand()
    for _ in range(48):
        await rail.stand(minutes=60)
    assert await rail.heard() == [f"BTC: fees {day}" for day in DAYS]


async def test_an_item_that_waits_for_days_is_told_on_each_of_them(rail: Waiting) -> None:
    await rail.refuse("w")
    for _ in range(48):
        await rail.refuse("w", minutes=60)
    assert await rail.heard() == [f"w: hot_wallet_short {day}" for day in DAYS]


async def test_a_look_that_waited_months_ago_is_told_when_it_waits_again(rail: Waiting) -> None:
    """The cold wallet takes nothing in January, and again in June: the item is called the same."""
    first = [f"level: hot_wallet_short {TODAY}"]
    await rail.refuse("level")
    assert await rail.refuse("level", minutes=10) == first
    rail.failures.went_on("level")
    rail.world.clock.turn(days=150)
    await rail.refuse("level")
    assert await rail.refuse("level", minutes=10) == [*first, "level: hot_wallet_short (2027-04-21)"]


async def test_two_processes_tell_the_same_once_on_a_day(rail: Waiting) -> None:
    for _ in range(2):
        await rail.refuse("level")
        assert await rail.refuse("level", minutes=10) == [f"level: hot_wallet_short {TODAY}"]
        rail.failures = Failures("payout")


async def test_the_looks_of_two_rails_that_are_called_the_same_are_told_apart(rail: Waiting) -> None:
    other = Waiting(rail.world, Asset.LTC)
    for one in (rail, other):
        await one.refuse("level")
        await one.refuse("level", minutes=10)
    assert await rail.heard() == [f"level: hot_wallet_short {TODAY}"] * 2


@pytest.mark.parametrize("item", ["sweeping", "an invoice"])
async def test_what_was_stopped_months_ago_is_told_when_it_stops_again(rail: Waiting, item: str) -> None:
    """Each time a process is started anew, and it went on meanwhile."""
    broken = InvariantViolated("broken")
    for days in (0, 0, 150):
        rail.world.clock.turn(days=days)
        rail.failures = Failures("payout")
        await rail.failures.after(rail.ports, TENURE, item, broken)
    assert await rail.heard() == [f"{item} {TODAY}", f"{item} (2027-04-21)"]


async def test_what_is_told_once_a_day_is_not_over_in_between(rail: Waiting) -> None:
    await rail.stand()
    for _ in range(4 * 24):
        # So that the first look of each day comes later than the one of the day before.
        rail.world.clock.turn(minutes=61)
        await close_quiet_alerts(rail.world.ports)
        await rail.stand()
    alert = await rail.ports.store.get(Alert, "nothing_is_formed:BTC")
    assert alert is not None and (alert.closed_at, alert.episode) == (None, 1)
    rail.world.clock.turn(hours=26)
    await close_quiet_alerts(rail.world.ports)
    closed = await rail.ports.store.get(Alert, "nothing_is_formed:BTC")
    assert closed is not None and closed.closed_at is not None


async def test_what_is_still_so_on_the_next_day_freezes_again_after_somebody_cleared_it(rail: Waiting) -> None:
    """As the nonces that are ahead of ours: a clearance alone mends nothing, and nothing is formed meanwhile."""
    seen = list[str | None]()
    for number, hours in enumerate((0, 1, 23)):
        rail.world.clock.turn(hours=hours)
        await raise_alarm(rail.ports, TENURE, "nonce_ahead", "0x1:7", freeze=True, daily=True)
        there = await rail.ports.store.get(Rail, Asset.BTC)
        seen.append(there.alarm if there else None)
        cleared = Move(Rail, Asset.BTC, frozenset(RailState), RailState.RUNNING, {"alarm": None})
        await rail.ports.ledger.post(Posting(f"test:clear:{number}", "test", "test", changes=(cleared,)))
    assert seen == [f"nonce_ahead 0x1:7 {TODAY}", None, "nonce_ahead 0x1:7 (2026-11-23)"]
