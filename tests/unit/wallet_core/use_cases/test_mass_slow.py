"""Mass sends on a database that is too slow for a thousand lines at once: they take fewer, and come to their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from payout_worker import mass_sends
from tests.unit.wallet_core.mass_desk import ITD, MassDesk, open_desk
from tests.unit.wallet_core.world import World
from wallet_core.domain.errors import WalletError
from wallet_core.domain.ledger import Posting, Receipt
from wallet_core.domain.level_table import KNOWN_FOR
from wallet_core.domain.mass_send import MassState

PEOPLE = ("@ben", "@cleo")


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> MassDesk:
    return await open_desk(world, tmp_path)


@dataclass
class Slow:
    """A ledger that takes longer for many lines than what was read of the limits is good for."""

    desk: MassDesk
    most: int
    sizes: list[int] = field(default_factory=list)

    async def post(self, posting: Posting) -> Receipt:
        """See ``ports.Ledger.post``."""
        return await self.desk.world.memory.post(posting)

    async def post_many(self, postings: Sequence[Posting]) -> list[Receipt | WalletError]:
        """See ``ports.Ledger.post_many``."""
        self.sizes.append(len(postings))
        if len(postings) > self.most:
            self.desk.world.clock.turn(seconds=KNOWN_FOR.total_seconds())
        return await self.desk.world.memory.post_many(postings)


async def test_it_takes_half_as_many_until_the_database_takes_them_and_then_more_again(
    desk: MassDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mass_sends, "PIECE", 16)
    send = await desk.upload(*((PEOPLE[n % 2], "ITD", ITD + n) for n in range(40)))
    await desk.start(send)
    slow = Slow(desk, most=5)
    worker = desk.worker().over(ledger=slow)
    for _ in range(40):
        await worker.look()
        if (await desk.now(send)).state is MassState.DONE:
            break
    assert ((await desk.now(send)).state, (await desk.now(send)).paid) == (MassState.DONE, 40)
    assert slow.sizes[:5] == [16, 8, 4, 8, 4], "it halves, tries twice as many, and halves again"
    assert sum(size for size in slow.sizes if size <= slow.most) == 40
