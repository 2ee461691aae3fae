"""What came of the campaign on mass sends: as a page of Markdown, and as JSON beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults import page
from tests.faults.mass_sends.killing import Kills
from tests.faults.mass_sends.watching import Watch
from tests.faults.verdict import Verdict


@dataclass(frozen=True)
class Played:
    """One mass send that was killed, and what was found in the end."""

    name: str
    watch: Watch
    kills: Kills
    verdict: Verdict
    finished: bool
    preview_seconds: float
    run_seconds: float
    batches: int

    @property
    def passed(self) -> bool:
        """Whether all is as it must be, and all that was asked for came about."""
        return self.finished and bool(self.verdict) and not self.kills.missing

    def figures(self) -> dict[str, int | float]:
        """What is told of it."""
        send = self.watch.send
        return {
            "lines": send.rows,
            "paid": send.paid,
            "refused": send.refused,
            "returned": send.returned,
            "batches of payouts": self.batches,
            "kills": self.kills.total,
            "kills at points": self.kills.points.total(),
            "kills at random": self.kills.at_random,
            "looks at its counters": self.watch.looks,
            "counters that went back": len(self.watch.backwards),
            "lost": len(self.verdict.lost),
            "doubled": len(self.verdict.doubled),
            "cells of the result that are wrong": len(self.verdict.wrong),
            "other gaps": len(self.verdict.gaps),
            "seconds to the start, preview and approval": round(self.preview_seconds, 1),
            "seconds with all kills": round(self.run_seconds, 1),
        }


def write(played: Sequence[Played], called: str, path: Path | None) -> str:
    """The page; it is written, with the same as JSON, where a path is given."""
    failures = _failures(played)
    whole = {one.name: {**one.figures(), "points": one.kills.points} for one in played}
    figures = [one.figures() for one in played]
    rows = [(what, *(of[what] for of in figures)) for what in figures[0]]
    lines = page.headed("A fault campaign on mass sends", called, ("what", *(one.name for one in played)), rows)
    for one in played:
        kills = page.table(("point, in the order of the kills", "kills"), one.kills.points.items())
        lines += page.section(f"Kills at points, {one.name}", kills)
    text = "\n".join([*lines, *page.listed("Failed", failures)]) + "\n"
    page.write(path, text, {"called": called, **whole, "failed": failures})
    return text


def _failures(played: Sequence[Played]) -> list[str]:
    failed = (one for one in played if not one.passed)
    return [f"{one.name}: finished {one.finished}, {one.verdict}, missing: {one.kills.missing}" for one in failed]
