"""The sealer by itself: when it seals, when it must not, and that nothing ends it but the order to stop."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from payout_worker.head_file import NAME, HeadFile
from payout_worker.lease import LeaseKeeper
from payout_worker.sealer import Sealer, sealing
from payout_worker.signals import Stop
from wallet_core.adapters.in_memory import InMemory
from wallet_core.domain.errors import InvariantViolated, Unavailable
from wallet_core.domain.journal import GroupRecord
from wallet_core.domain.lease import SEAL_LEASE
from wallet_core.domain.ledger import Posting
from wallet_core.domain.record import Target
from wallet_core.domain.seal import Head, Seal, Sealed, head_of, seal_after


@dataclass
class Seals:
    """Seals in memory, two groups at a time; ``errors`` are raised first."""

    memory: InMemory
    errors: list[Exception] = field(default_factory=list)
    faults: tuple[str, ...] = ()
    calls: int = 0
    reconsidered: int = 0

    async def seal(self) -> Sealed:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        seals = await self.memory.find(Seal, {}, order_by=("-_id",), limit=1)
        head = head_of(seals[0].document()) if seals else Head()
        waiting = [d for t, d in self.memory.documents.items() if t.collection == "groups" and d["seal"] == 0]
        if not waiting:
            return Sealed(head, faults=self.faults)
        made = seal_after(head, waiting[:2], datetime.now(UTC), lambda terms: str(hash(terms)))
        self.memory.documents[Target("seals", made["_id"])] = made
        for group in waiting[:2]:
            group["seal"] = made["_id"]
        return Sealed(head_of(made), len(waiting[:2]), self.faults, more=len(waiting) > 2)

    async def reconsider(self) -> None:
        self.reconsidered += 1


class Bench:
    """A sealer with its parts."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.memory, self.stop = folder, InMemory(), Stop()
        self.seals = Seals(self.memory)

    def sealer(self, holder: str = "me") -> Sealer:
        keeper = LeaseKeeper(self.memory, self.memory, "seal", holder, 15)
        return Sealer(self.seals, self.memory, keeper, HeadFile(self.folder), self.stop, 0.01)

    async def post(self, *keys: str) -> None:
        for key in keys:
            await self.memory.post(Posting(key, "noted", "test"))

    async def waiting(self) -> int:
        return await self.memory.count(GroupRecord, {"seal": 0})


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_one_turn_seals_all_that_waits_and_keeps_the_head(bench: Bench) -> None:
    await bench.post(*"abcde")
    sealer = bench.sealer()
    await sealer.turn()
    assert await bench.waiting() == 0
    assert HeadFile(bench.folder).head == sealer.kept.head
    assert sealer.kept.head.records == 6 and sealer.kept.head.length == 3
    assert figure("payout_worker_seal_tail_groups") == 0
    before = (bench.folder / NAME).stat().st_mtime_ns
    await sealer.turn()
    assert (bench.folder / NAME).stat().st_mtime_ns == before
    assert bench.seals.reconsidered == 1


async def test_only_the_holder_of_the_lease_seals_and_all_tell_what_waits(bench: Bench) -> None:
    await bench.sealer("first").turn()
    await bench.post("a", "b")
    calls = bench.seals.calls
    await bench.sealer("second").turn()
    assert bench.seals.calls == calls and await bench.waiting() == 2
    assert figure("payout_worker_seal_tail_groups") == 2


@pytest.mark.parametrize("harm", ["gone", "another"])
async def test_it_does_not_seal_on_top_of_a_chain_that_lost_its_last_seal(bench: Bench, harm: str) -> None:
    sealer = bench.sealer()
    await sealer.turn()
    kept = sealer.kept.head
    last = Target("seals", kept.length)
    whole = bench.memory.documents[last]
    if harm == "gone":
        del bench.memory.documents[last]
    else:
        bench.memory.documents[last] = {**whole, "mac": "another"}
    await bench.post("a")
    alarms, calls = figure("payout_worker_alarms_total", asset="", alarm="seals_lost"), bench.seals.calls
    for again in (sealer, sealer, bench.sealer()):
        await again.turn()
        assert bench.seals.calls == calls and await bench.waiting()
    assert figure("payout_worker_alarms_total", asset="", alarm="seals_lost") == alarms + 2
    bench.memory.documents[last] = whole
    await sealer.turn()
    assert await bench.waiting() == 0


async def test_a_head_that_was_taken_away_lets_it_go_on(bench: Bench) -> None:
    await bench.sealer().turn()
    bench.memory.documents = {t: d for t, d in bench.memory.documents.items() if t.collection != "seals"}
    (bench.folder / NAME).unlink()
    await bench.post("a")
    await bench.sealer().turn()
    assert await bench.waiting() == 0


async def test_each_fault_is_an_alarm_of_its_own(bench: Bench) -> None:
    before = figure("payout_worker_alarms_total", asset="", alarm="seal_fault")
    bench.seals.faults = ("group w:1 is missing", "group w:3 is missing")
    await bench.sealer().turn()
    assert figure("payout_worker_alarms_total", asset="", alarm="seal_fault") == before + 2


async def test_no_error_ends_it_and_the_order_to_stop_does(bench: Bench) -> None:
    await bench.post("a")
    bench.seals.errors = [Unavailable("away"), InvariantViolated("broken"), KeyError("x")]
    work = asyncio.create_task(bench.sealer().run())
    for _ in range(500):
        await asyncio.sleep(0.01)
        if not await bench.waiting():
            break
    assert await bench.waiting() == 0
    bench.stop.name = "SIGTERM"
    async with asyncio.timeout(2):
        await work
    assert await bench.waiting() == 0


async def test_who_is_told_to_stop_seals_what_was_posted_last_and_another_goes_on_at_once(bench: Bench) -> None:
    sealer = bench.sealer()
    async with sealing(sealer):
        await bench.post("a")
        bench.stop.name = "SIGTERM"
        await asyncio.sleep(0.1)
        await bench.post("the last")
    assert await bench.waiting() == 0
    assert await LeaseKeeper(bench.memory, bench.memory, SEAL_LEASE, "another", 600).take() is not None


async def test_a_step_that_hangs_is_given_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()

    async def hang() -> Any:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(bench.seals, "seal", hang)
    async with asyncio.timeout(2):
        async with sealing(bench.sealer()):
            await begun.wait()


# The file


def test_the_file_is_what_the_command_prints(tmp_path: Path) -> None:
    head = Head(length=2, records=5, mac="m", at=datetime(2026, 11, 22, tzinfo=UTC))
    HeadFile(tmp_path).keep(head)
    assert json.loads((tmp_path / NAME).read_text()) == head.model_dump(mode="json")
    assert HeadFile(tmp_path).head == head


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"length": "x"}', b"\xff"])
def test_what_is_no_head_is_set_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    assert HeadFile(tmp_path).head == Head()
    assert (tmp_path / "seal.head.aside.json").read_bytes() == content


def test_a_disk_that_takes_no_file_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.new").mkdir()
    file = HeadFile(tmp_path)
    file.keep(Head(length=1))
    assert file.head == Head(length=1)
