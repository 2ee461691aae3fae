"""What came of the long campaign: as tables on the terminal, as a page of Markdown and as JSON."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from tests.faults.campaign import CHAINS
from tests.faults.page import Trials, gaps_in, headed, listed, section, table, write
from tests.faults.points import UNREACHED, points_of


class Report(Trials):
    """All trials of the campaign, how it was called, and how long it took."""

    def totals(self) -> dict[str, Any]:
        """The figures of all parts together."""
        exits = sorted(second for trial in self.trials for second in trial.exits)
        return {
            "trials": len(self.trials),
            "payouts": sum(trial.payouts for trial in self.trials),
            "kills": self.kills,
            **gaps_in(trial.verdict for trial in self.trials),
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

    def left_out(self) -> list[str]:
        """What was not planned, and why."""
        return [f"{call}: {why}" for call, why in UNREACHED.items()]

    def write(self, path: Path | None) -> None:
        """The page, and beside it the same as JSON."""
        whole = {
            "called": self.called,
            "totals": self.totals(),
            "parts": self.parts(),
            "kills per failpoint": self.kills_per_point(),
            "reorganisations": self._reorganisations(),
            "not tried": [*self.not_tried, *self.left_out()],
            "failed": self.failures,
        }
        write(path, self.markdown(), whole)

    def markdown(self) -> str:
        """The page."""
        lines = headed("A fault campaign", self.called, ("what", "figure"), self.totals().items())
        rows = [(part, ", ".join(f"{what} {n}" for what, n in of.items())) for part, of in self.parts().items()]
        lines += section("Parts", table(("part", "counted"), rows))
        if self.points():
            killed = [(point, *(of.get(a, "–") for a in CHAINS)) for point, of in self.kills_per_point().items()]
            lines += section("Kills at each failpoint", table(("failpoint", *CHAINS), killed))
        lines += section("Blocks that left the chain", table(("where", "times"), self._reorganisations().items()))
        lines += listed("Not tried", [*self.not_tried, *self.left_out()])
        return "\n".join([*lines, *listed("Failed", self.failures)]) + "\n"

    def _reorganisations(self) -> dict[str, int]:
        counted: Counter[str] = Counter()
        for trial in self.trials:
            if trial.part == "reorganisations":
                counted.update(trial.done)
        return dict(sorted(counted.items()))


def _percentile(ordered: list[float], percent: int) -> float | None:
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 2) if ordered else None
