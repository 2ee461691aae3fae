"""What came of the campaign on sends: as a page of Markdown, and as JSON beside it."""

from __future__ import annotations

from pathlib import Path

from tests.faults.page import Trials, gaps_in, headed, listed, section, table, write


class Report(Trials):
    """All wallets, how the campaign was called, and how long it took."""

    def totals(self) -> dict[str, int]:
        """The figures of all wallets together."""
        points = self.points()
        of_bot = sum(times for point, times in points.items() if point.startswith("bot:"))
        return {
            "wallets": len(self.trials),
            "kills": self.kills,
            "kills of the bot at points": of_bot,
            "kills of the worker at points": points.total() - of_bot,
            **{f"{what} at random": times for what, times in self.done().items()},
            **gaps_in(trial.verdict for trial in self.trials),
            "failed wallets": len(self.failed),
            "seconds": round(self.seconds),
        }

    def write(self, path: Path | None) -> None:
        """The page, and beside it the same as JSON."""
        whole = {
            "called": self.called,
            "totals": self.totals(),
            "what people did": self.stories(),
            "kills at each point": dict(sorted(self.points().items())),
            "not tried": self.not_tried,
            "failed": self.failures,
        }
        write(path, self.markdown(), whole)

    def markdown(self) -> str:
        """The page."""
        lines = headed("A fault campaign on sends", self.called, ("what", "figure"), self.totals().items())
        lines += section("What people did meanwhile", table(("what", "times"), self.stories().items()))
        lines += section("Kills at each point", table(("point", "kills"), sorted(self.points().items())))
        lines += [*listed("Not tried", self.not_tried), *listed("Failed", self.failures)]
        return "\n".join(lines) + "\n"
