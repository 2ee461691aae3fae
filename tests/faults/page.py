"""What the pages of all campaigns have in common: trials that passed or not, tables, and the JSON beside a page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.faults.trials import Trial
from tests.faults.verdict import Verdict

#: So begins what people did, among what was done in a trial.
STORY: Final = "story: "


@dataclass(frozen=True)
class Trials:
    """All trials of a campaign, how it was called, and how long it took."""

    trials: list[Trial]
    called: str
    seconds: float

    @property
    def failed(self) -> list[Trial]:
        """Trials in which something is not as it must be."""
        return [trial for trial in self.trials if not trial.passed]

    @property
    def failures(self) -> list[str]:
        """The same in words."""
        return [f"{t.part}, {t.name}: finished {t.finished}, {t.verdict}" for t in self.failed]

    @property
    def not_tried(self) -> list[str]:
        """What was planned and could not be done."""
        return sorted(f"{trial.part}: {what}" for trial in self.trials for what in trial.untried)

    @property
    def kills(self) -> int:
        """Kills of all trials."""
        return sum(trial.kills for trial in self.trials)

    def points(self) -> Counter[str]:
        """How often a process was killed at each point."""
        return _sum(trial.points for trial in self.trials)

    def done(self) -> dict[str, int]:
        """What else was done how often, apart from what people did."""
        return {what: times for what, times in self._done() if not what.startswith(STORY)}

    def stories(self) -> dict[str, int]:
        """How often people did what."""
        return {what.removeprefix(STORY): times for what, times in self._done() if what.startswith(STORY)}

    def _done(self) -> list[tuple[str, int]]:
        return sorted(_sum(trial.done for trial in self.trials).items())


def _sum(counters: Iterable[Counter[str]]) -> Counter[str]:
    """Also what was counted and is nothing, which ``+`` leaves out."""
    total: Counter[str] = Counter()
    for counter in counters:
        total.update(counter)
    return total


def gaps_in(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How much was found to be wrong."""
    found = list(verdicts)
    return {
        "lost": sum(len(verdict.lost) for verdict in found),
        "doubled": sum(len(verdict.doubled) for verdict in found),
        "other gaps": sum(len(verdict.gaps) + len(verdict.wrong) for verdict in found),
    }


def write(path: Path | None, page: str, whole: Mapping[str, Any]) -> None:
    """The page, and beside it the same as JSON; nothing without a path."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page)
        path.with_suffix(".json").write_text(json.dumps(whole, indent=1) + "\n")


def headed(title: str, called: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """The title, how the campaign was called, and the first table."""
    return [f"# {title}", "", f"`{called}`", "", *table(head, rows)]


def section(title: str, lines: Iterable[str]) -> list[str]:
    """A section with a table, or with whatever lines."""
    return ["", f"## {title}", "", *lines]


def listed(title: str, items: Iterable[str]) -> list[str]:
    """A section that lists what there is, or that there is nothing."""
    return section(title, [f"- {item}" for item in items] or ["- none"])


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table; long figures with commas."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]


def _cell(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int | float) else str(cell)
