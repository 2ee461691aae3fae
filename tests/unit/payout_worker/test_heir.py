"""Whoever takes a lease over does nothing before its node has all that the holder before it was shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from payout_worker import worker as workers
from payout_worker.failures import LeaseLostError
from payout_worker.health import Health
from payout_worker.lease import LeaseKeeper
from payout_worker.share import Share
from payout_worker.signals import Stop
from payout_worker.state_file import StateFile
from payout_worker.tenure import Tenure
from payout_worker.unit import Unit
from payout_worker.worker import Served, Worker
from wallet_core.adapters.in_memory import InMemory
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.money import Asset


async def test_until_it_could_serve_no_pass_begins_and_so_again_in_each_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_FIRST_PAUSE_SECONDS", 0.001)
    memory, stop, asked = InMemory(), Stop(), list[str]()

    async def check() -> None:
        asked.append("check")

    async def could_serve() -> None:
        asked.append("could serve")
        if asked.count("could serve") in (1, 3):
            raise Unavailable("the node is behind")

    async def run_pass(_tenure: Tenure) -> None:
        asked.append("pass")
        match asked.count("pass"):
            case 2:
                raise LeaseLostError
            case 3:
                stop.name = "SIGTERM"
        unit.due.set()

    unit = Served(Unit("payout", StateFile(tmp_path, "payout")).rail(Asset.ETH), run_pass)
    keeper, share = LeaseKeeper(memory, memory, "ETH:1:a", "one", 15), Share(memory, "one", 60)
    await Worker(
        Asset.ETH,
        [unit],
        check=check,
        keeper=keeper,
        stop=stop,
        health=Health(),
        share=share,
        could_serve=could_serve,
    ).run()
    first = ["could serve", "could serve", "pass", "check", "pass"]
    assert asked == [*first, "could serve", "could serve", "pass"]
