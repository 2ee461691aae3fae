"""What came of the campaign on mass sends: as a page of Markdown, and as JSON beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.mass_sends.killing import Killer
from tests.faults.mass_sends.watching import Watch
from tests.faults.verdict import Verdict


@dataclass(frozen=True)
class Played:
    """One mass send that was killed, and what was found in the end."""

    name: str
    watch: Watch
    killer: Killer
    verdict: Verdict
    finished: bool
    preview_seconds: float
    run_seconds: float
    lives: int

    @property
    def passed(self) -> bool:
        """Whether all is as it must be."""
        return self.finished and bool(self.verdict)

    def figures(self) -> dict[str, int | float]:
        """What is told of it."""
        send = self.watch.send
        return {
            "lines": send.rows,
            "paid": send.paid,
            "refused": send.refused,
            "returned": send.returned,
            "kills": self.killer.kills,
            "kills at points": self.killer.points.total(),
            "lives of the worker": self.lives,
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
    page = _page(played, called)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page)
        whole = {"called": called, **{one.name: {**one.figures(), "points": one.killer.points} for one in played}}
        path.with_suffix(".json").write_text(json.dumps(whole, indent=1) + "\n")
    return page


def _page(played: Sequence[Played], called: str) -> str:
    names = [one.name for one in played]
    lines = ["# A fault campaign on mass sends", "", f"`{called}`", ""]
    lines += ["| what | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    figures = [one.figures() for one in played]
    for what in figures[0]:
        lines.append(f"| {what} | " + " | ".join(f"{of[what]:,}" for of in figures) + " |")
    for one in played:
        lines += ["", f"## Kills at points, {one.name}", ""]
        lines += [f"- {point}: {kills}" for point, kills in sorted(one.killer.points.items())] or ["- none"]
    lines += ["", "## Failed", ""]
    lines += [f"- {one.name}: finished {one.finished}, {one.verdict}" for one in played if not one.passed] or ["- none"]
    return "\n".join(lines) + "\n"
