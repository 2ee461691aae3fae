"""A campaign proves only what it did: with a kill too few, a point that nobody came to, or a worker that failed by
itself it does not pass."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.faults.mass_sends.killing import Kills
from tests.faults.mass_sends.plan import WAY, Life, along, points, throughout
from tests.faults.mass_sends.report import Played, write
from tests.faults.mass_sends.watching import Watch
from tests.faults.verdict import Verdict
from wallet_core.domain.mass_send import MassSend
from wallet_core.domain.money import Asset

KILLED = -signal.SIGKILL
BEFORE, AFTER = points(["form_batch:ledger.post"])
LIVES = (Life(at_random=True), Life(BEFORE), Life(BEFORE, at_random=True), Life(AFTER))


def ended(lives: Sequence[Life] = LIVES, asked: Sequence[Life] = LIVES) -> Kills:
    """Kills of so many lives, each as it was asked for."""
    kills = Kills(asked)
    for life in lives:
        if life.at_random:
            assert kills.from_outside(life, KILLED, too_late=False)
        else:
            assert kills.by_itself(life, KILLED)
    return kills


def played(kills: Kills, lost: Sequence[str] = (), *, finished: bool = True) -> Played:
    send = MassSend(id="m", person=42, file_digest="", rows=1, expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    return Played("addresses", Watch(send), kills, Verdict(lost=list(lost)), finished, 0, 0, 1)


def test_passes_when_all_kills_came_about_and_nothing_is_wrong() -> None:
    assert played(ended()).passed
    assert not played(ended(), finished=False).passed
    assert not played(ended(), ["line 2"]).passed


@pytest.mark.parametrize("lives", [LIVES[:3], LIVES[1:], ()], ids=["a point", "a random kill", "all"])
def test_does_not_pass_with_kills_missing(lives: Sequence[Life], tmp_path: Path) -> None:
    short = played(ended(lives))
    assert not short.passed
    page = write([short], "called so", tmp_path / "page.md")
    assert f"{len(lives)} kills, of 4" in page.partition("## Failed")[2]
    assert f"{len(lives)} kills, of 4" in (tmp_path / "page.json").read_text()


def test_does_not_pass_without_any_kill() -> None:
    assert not played(Kills(())).passed


def test_does_not_pass_with_a_point_that_nobody_came_to() -> None:
    assert ended([Life(BEFORE)] * 4).missing == [f"{AFTER}: nobody was killed there"]


@pytest.mark.parametrize("code", [0, 1, 2, -signal.SIGTERM, None])
def test_counts_no_worker_that_ended_otherwise_than_by_sigkill(code: int | None) -> None:
    kills = Kills((Life(AFTER),))
    assert not kills.by_itself(Life(AFTER), code)
    how = "did not come to it" if code is None else f"ended with {code}"
    assert kills.total == 0 and kills.missing[0] == f"{AFTER}: the worker {how}"


def test_counts_no_random_kill_of_what_had_ended_or_was_done() -> None:
    kills, life = Kills(LIVES[:1]), LIVES[0]
    assert not kills.from_outside(life, 2, too_late=False)
    assert not kills.from_outside(life, KILLED, too_late=True)
    # Nobody else kills, and there is no point that it could have come to.
    assert not kills.by_itself(life, KILLED)
    assert kills.total == 0 and len(kills.strange) == 3


def test_a_life_at_random_that_comes_to_its_point_before_is_a_kill_there() -> None:
    kills = Kills(LIVES[2:3])
    assert kills.by_itself(LIVES[2], KILLED)
    assert (kills.at_random, kills.points) == (0, {BEFORE: 1})


def test_the_way_of_payouts_is_gone_point_by_point_and_nothing_random_can_miss_one() -> None:
    lives = along(Asset.BTC)
    assert [life.point for life in lives if not life.at_random] == points(WAY)
    at_random = [(life, then) for life, then in pairwise(lives) if life.at_random]
    assert len(at_random) == len(WAY) and all(life.point.endswith(":before") for life, _ in at_random)
    assert all(then == replace(life, at_random=False) for life, then in at_random)
    steps = {"mass_piece", "mass_card", "form_batch", "sign_batch", "broadcast_batch", "confirm_batch", "settle_batch"}
    assert {life.point.partition(":")[0] for life in lives} == steps | {"mass_payouts", "mass_end"}
    # Blocks come once everything is sent.
    assert [life.mined for life in lives] == sorted(life.mined for life in lives)
    alone = {life.point.partition(":")[0]: life.rails for life in lives if life.rails}
    assert alone == {"mass_piece": "ITD", "mass_card": "ITD", "settle_batch": "BTC"}


def test_kills_of_lines_to_people_come_all_over_them_and_at_each_point() -> None:
    lives = throughout(20, 50_000)
    at_points = [life.point for life in lives if not life.at_random]
    assert len(lives) == 20 and len(at_points) == 10 and len(set(at_points)) == 4
    floors = [life.lines for life in lives if life.at_random]
    assert floors == sorted(floors) and 0 < floors[0] < floors[-1] < 50_000
