"""What came of the campaign on sends: as a page of Markdown, and as JSON beside it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        """The figures of all wallets together."""
        verdicts, points = [trial.verdict for trial in self.trials], self._points()
        of_bot = sum(times for point, times in points.items() if point.startswith("bot:"))
        done = {what: times for what, times in sorted(self._done().items()) if not what.startswith(_STORY)}
        return {
            "wallets": len(self.trials),
            "kills": sum(trial.kills for trial in self.trials),
            "kills of the bot at points": of_bot,
            "kills of the worker at points": points.total() - of_bot,
            **{f"{what} at random": times for what, times in done.items()},
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

    def write(self, path: Path) -> None:
        """The page, and beside it the same as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.markdown())
        whole = {
            "called": self.called,
            "totals": self.totals(),
            "what people did": self.stories(),
            "kills at each point": dict(sorted(self._points().items())),
            "not tried": self.not_tried,
            "failed": self._failures(),
        }
        path.with_suffix(".json").write_text(json.dumps(whole, indent=1) + "\n")

    def markdown(self) -> str:
        """The page."""
        lines = ["# A fault campaign on sends", "", f"`{self.called}`", ""]
        lines += _table(("what", "figure"), self.totals().items())
        lines += ["", "## What people did meanwhile", "", *_table(("what", "times"), self.stories().items())]
        lines += ["", "## Kills at each point", "", *_table(("point", "kills"), sorted(self._points().items()))]
        lines += ["", "## Not tried", "", *(f"- {what}" for what in self.not_tried or ["none"])]
        lines += ["", "## Failed", "", *(f"- {what}" for what in self._failures() or ["none"])]
        return "\n".join(lines) + "\n"

    def _failures(self) -> list[str]:
        return [f"{t.part}, {t.name}: finished {t.finished}, {t.verdict}" for t in self.failed]

    def _points(self) -> Counter[str]:
        return sum((trial.points for trial in self.trials), Counter[str]())

    def _done(self) -> Counter[str]:
        return sum((trial.done for trial in self.trials), Counter[str]())


def _table(head: tuple[str, str], rows: Iterable[tuple[str, Any]]) -> list[str]:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|"]
    return lines + [f"| {what} | {figure:,} |" for what, figure in rows]
