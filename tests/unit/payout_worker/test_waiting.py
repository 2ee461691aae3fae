"""When owners hear of what waits: by the database's time, once, and of one of many."""

from __future__ import annotations

from typing import Any, cast

import pytest

from payout_worker.failures import Failures
from payout_worker.ports import Node, RailPorts, Signer
from payout_worker.standstill import Standstill
from payout_worker.tenure import Tenure
from tests.unit.wallet_core.world import World
from wallet_core.domain.changes import Insert
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import set_role
from wallet_core.domain.lease import TakeLease
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Role
from wallet_core.domain.purchase import Rail

TENURE = Tenure("BTC:regtest:hot", 1, "worker")
SHORT = Refused(Reason.HOT_WALLET_SHORT)
CHANGED = Refused(Reason.CHANGED_MEANWHILE)
FEES = Refused(Reason.RAIL_OFF, waits_for="fees")


class Waiting:
    """A rail in memory with an owner, and a clock that is turned by hand."""

    def __init__(self) -> None:
        self.world, nothing = World(), cast(Any, None)
        self.ports = RailPorts[Node].of(self.world.ports, Asset.BTC, nothing, cast(Signer, nothing))
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
        assert await rail.refuse("w", minutes=1) == ["w: hot_wallet_short"]


@pytest.mark.parametrize("reason", [Reason.NODE_UNCLEAR, Reason.CHANGED_MEANWHILE, Reason.RATE_UNAVAILABLE])
async def test_owners_hear_of_it_whatever_it_is_refused_for(rail: Waiting, reason: Reason) -> None:
    assert await rail.refuse("w", CHANGED) == []
    assert await rail.refuse("w", Refused(reason), minutes=10) == [f"w: {reason.value}"]


async def test_what_went_on_meanwhile_has_not_waited(rail: Waiting) -> None:
    await rail.refuse("w", CHANGED)
    rail.failures.went_on("w")
    assert await rail.refuse("w", CHANGED, minutes=20) == []


async def test_of_many_that_wait_for_the_same_one_is_told_in_an_hour(rail: Waiting) -> None:
    for minutes in (0, 10, 59):
        await rail.refuse("a", minutes=minutes)
        await rail.refuse("b")
    assert await rail.heard() == ["a: hot_wallet_short"]
    assert await rail.refuse("b", minutes=1) == ["a: hot_wallet_short", "b: hot_wallet_short"]


async def test_an_item_that_waits_for_its_rail_is_no_news(rail: Waiting) -> None:
    await rail.refuse("w", FEES)
    assert await rail.refuse("w", FEES, minutes=600) == []


async def test_a_standstill_of_an_hour_is_told_once(rail: Waiting) -> None:
    assert await rail.stand() == []
    assert await rail.stand(minutes=59) == []
    for _ in range(3):
        assert await rail.stand(minutes=1) == ["BTC: fees (2026-11-22)"]


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
    assert await rail.stand(minutes=60) == ["BTC: fees (2026-11-22)"]
