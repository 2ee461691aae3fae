"""What came of the campaign on the card rail: as a page of Markdown, and as JSON beside it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.cards.campaign import UNREACHED, points
from tests.faults.trials import Trial

_STORY = "story: "


@dataclass(frozen=True)
class Report:
    """All trials, how the campaign was called, and how long it took."""

    trials: list[Trial]
    called: str
    seconds: float

    @property
    def failed(self) -> list[Trial]:
        """Trials in which something is not as it must be."""
        return [trial for trial in self.trials if not trial.passed]

    @property
    def not_tried(self) -> list[str]:
        """What was planned and could not be done."""
        return sorted(what for trial in self.trials for what in trial.untried)

    def totals(self) -> dict[str, int]:
        """The figures of all parts together."""
        done, verdicts = self._done(), [trial.verdict for trial in self.trials]
        return {
            "wallets": len(self.trials),
            "kills": sum(trial.kills for trial in self.trials),
            "kills at random": sum(trial.kills for trial in self.trials if trial.part == "random kills"),
            **{what: times for what, times in sorted(done.items()) if not what.startswith(_STORY)},
            "lost": sum(len(verdict.lost) for verdict in verdicts),
            "doubled": sum(len(verdict.doubled) for verdict in verdicts),
            "other gaps": sum(len(verdict.gaps) + len(verdict.wrong) for verdict in verdicts),
            "failed wallets": len(self.failed),
            "seconds": round(self.seconds),
        }

    def stories(self) -> dict[str, int]:
        """How often people did what."""
        done = sorted(self._done().items())
        return {what.removeprefix(_STORY): times for what, times in done if what.startswith(_STORY)}

    def kills_per_point(self) -> dict[str, int]:
        """How often a process was killed at each point; nothing where that was no part of it."""
        counted: Counter[str] = Counter()
        for trial in self.trials:
            counted.update(trial.points)
        return {point: counted[point] for point in sorted(points())} if counted else {}

    def write(self, path: Path) -> None:
        """The page, and beside it the same as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.markdown())
        whole = {
            "called": self.called,
            "totals": self.totals(),
            "what people did": self.stories(),
            "kills at each point": self.kills_per_point(),
            "not tried": [*self.not_tried, *_left_out()],
            "failed": self._failures(),
        }
        path.with_suffix(".json").write_text(json.dumps(whole, indent=1) + "\n")

    def markdown(self) -> str:
        """The page."""
        lines = ["# A fault campaign on the card rail", "", f"`{self.called}`", ""]
        lines += _table(("what", "figure"), self.totals().items())
        lines += ["", "## What people did meanwhile", "", *_table(("what", "times"), self.stories().items())]
        if kills := self.kills_per_point():
            lines += ["", "## Kills at each point", "", *_table(("point", "kills"), kills.items())]
            lines += ["", "## Not tried", "", *(f"- {what}" for what in [*self.not_tried, *_left_out()])]
        lines += ["", "## Failed", "", *(f"- {what}" for what in self._failures() or ["none"])]
        return "\n".join(lines) + "\n"

    def _failures(self) -> list[str]:
        return [f"{t.part}, {t.name}: finished {t.finished}, {t.verdict}" for t in self.failed]

    def _done(self) -> Counter[str]:
        done: Counter[str] = Counter()
        for trial in self.trials:
            done.update(trial.done)
        return done


def _left_out() -> list[str]:
    return [f"{call}: {why}" for call, why in UNREACHED.items()]


def _table(head: tuple[str, str], rows: Iterable[tuple[str, Any]]) -> list[str]:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|"]
    return lines + [f"| {what} | {figure:,} |" for what, figure in rows]
