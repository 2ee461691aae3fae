"""What came of the campaign on the card rail: as a page of Markdown, and as JSON beside it."""

from __future__ import annotations

from pathlib import Path

from tests.faults.cards.campaign import UNREACHED, points
from tests.faults.page import Trials, gaps_in, headed, listed, section, table, write


class Report(Trials):
    """All wallets, how the campaign was called, and how long it took."""

    def totals(self) -> dict[str, int]:
        """The figures of all parts together."""
        return {
            "wallets": len(self.trials),
            "kills": self.kills,
            "kills at random": sum(trial.kills for trial in self.trials if trial.part == "random kills"),
            **self.done(),
            **gaps_in(trial.verdict for trial in self.trials),
            "failed wallets": len(self.failed),
            "seconds": round(self.seconds),
        }

    def kills_per_point(self) -> dict[str, int]:
        """How often a process was killed at each point; nothing where that was no part of it."""
        counted = self.points()
        return {point: counted[point] for point in sorted(points())} if counted else {}

    def write(self, path: Path | None) -> None:
        """The page, and beside it the same as JSON."""
        whole = {
            "called": self.called,
            "totals": self.totals(),
            "what people did": self.stories(),
            "kills at each point": self.kills_per_point(),
            "not tried": [*self.not_tried, *_left_out()],
            "failed": self.failures,
        }
        write(path, self.markdown(), whole)

    def markdown(self) -> str:
        """The page."""
        lines = headed("A fault campaign on the card rail", self.called, ("what", "figure"), self.totals().items())
        lines += section("What people did meanwhile", table(("what", "times"), self.stories().items()))
        if kills := self.kills_per_point():
            lines += section("Kills at each point", table(("point", "kills"), kills.items()))
            lines += listed("Not tried", [*self.not_tried, *_left_out()])
        return "\n".join([*lines, *listed("Failed", self.failures)]) + "\n"


def _left_out() -> list[str]:
    return [f"{call}: {why}" for call, why in UNREACHED.items()]
