"""What came of a campaign: as tables on the terminal, as a page of Markdown and as JSON."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.campaign import CHAINS
from tests.faults.points import UNREACHED, points_of
from tests.faults.trials import Trial


@dataclass(frozen=True)
class Report:
    """All trials of a campaign, how it was called, and how long it took."""

    trials: list[Trial]
    called: str
    seconds: float

    @property
    def failed(self) -> list[Trial]:
        """Trials in which something is not as it must be."""
        return [trial for trial in self.trials if not trial.passed]

    def totals(self) -> dict[str, Any]:
        """The figures of all parts together."""
        exits = sorted(second for trial in self.trials for second in trial.exits)
        return {
            "trials": len(self.trials),
            "payouts": sum(trial.payouts for trial in self.trials),
            "kills": sum(trial.kills for trial in self.trials),
            "lost": sum(len(trial.verdict.lost) for trial in self.trials),
            "doubled": sum(len(trial.verdict.doubled) for trial in self.trials),
            "other gaps": sum(len(trial.verdict.gaps) + len(trial.verdict.wrong) for trial in self.trials),
            "failed trials": len(self.failed),
            "exit after a signal, p50 s": _percentile(exits, 50),
            "exit after a signal, p99 s": _percentile(exits, 99),
            "seconds": round(self.seconds),
        }

    def parts(self) -> dict[str, dict[str, int]]:
        """For each part: trials, kills, payouts, what was lost or doubled, and what else was counted."""
        parts: dict[str, Counter[str]] = defaultdict(Counter)
        for trial in self.trials:
            of = parts[trial.part]
            of.update(trials=1, kills=trial.kills, payouts=trial.payouts, failed=int(not trial.passed))
            of.update(lost=len(trial.verdict.lost), doubled=len(trial.verdict.doubled))
            if trial.part != "reorganisations":
                of.update(trial.done)
            else:
                of["blocks taken out"] += trial.done.total()
        return {part: dict(of) for part, of in sorted(parts.items())}

    def kills_per_point(self) -> dict[str, dict[str, int]]:
        """How often a worker was killed at each failpoint, by chain; a chain that has it not is left out."""
        by_chain: dict[str, Counter[str]] = {asset: Counter() for asset in CHAINS}
        for trial in self.trials:
            by_chain[trial.name.partition(",")[0]].update(trial.points)
        points = {asset: set(points_of(asset)) for asset in CHAINS}
        every = sorted(set().union(*points.values()))
        return {point: {a: by_chain[a][point] for a in CHAINS if point in points[a]} for point in every}

    def untried(self) -> list[str]:
        """What was planned and could not be done."""
        return sorted(f"{trial.part}: {what}" for trial in self.trials for what in trial.untried)

    def left_out(self) -> list[str]:
        """What was not planned, and why."""
        return [f"{call}: {why}" for call, why in UNREACHED.items()]

    def write(self, path: Path) -> None:
        """The page, and beside it the same as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.markdown())
        whole = {
            "called": self.called,
            "totals": self.totals(),
            "parts": self.parts(),
            "kills per failpoint": self.kills_per_point(),
            "reorganisations": self._reorganisations(),
            "not tried": [*self.untried(), *self.left_out()],
            "failed": [f"{t.part}, {t.name}: {t.verdict}" for t in self.failed],
        }
        path.with_suffix(".json").write_text(json.dumps(whole, indent=1) + "\n")

    def markdown(self) -> str:
        """The page."""
        totals, per_point = self.totals(), self.kills_per_point()
        lines = ["# A fault campaign", "", f"`{self.called}`", "", *_table(("what", "figure"), totals.items())]
        lines += ["", "## Parts", ""]
        rows = [(part, ", ".join(f"{what} {n}" for what, n in of.items())) for part, of in self.parts().items()]
        lines += _table(("part", "counted"), rows)
        if any(trial.points for trial in self.trials):
            lines += ["", "## Kills at each failpoint", ""]
            killed = [(point, *(of.get(a, "–") for a in CHAINS)) for point, of in per_point.items()]
            lines += _table(("failpoint", *CHAINS), killed)
        lines += ["", "## Blocks that left the chain", "", *_table(("where", "times"), self._reorganisations().items())]
        lines += ["", "## Not tried", "", *(f"- {what}" for what in [*self.untried(), *self.left_out()])]
        lines += ["", "## Failed", ""]
        lines += [f"- {t.part}, {t.name}: finished {t.finished}, {t.verdict}" for t in self.failed] or ["- none"]
        return "\n".join(lines) + "\n"

    def _reorganisations(self) -> dict[str, int]:
        counted: Counter[str] = Counter()
        for trial in self.trials:
            if trial.part == "reorganisations":
                counted.update(trial.done)
        return dict(sorted(counted.items()))


def _percentile(ordered: list[float], percent: int) -> float | None:
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 2) if ordered else None


def _table(head: tuple[str, ...], rows: Any) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
