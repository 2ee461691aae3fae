"""The pages of the campaigns: what was counted, what was not tried, and what failed stands on each of them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.faults import report
from tests.faults.cards import report as cards_report
from tests.faults.page import Trials
from tests.faults.sends import report as sends_report
from tests.faults.trials import Trial
from tests.faults.verdict import Verdict

POINT = "card_credit:ledger.post:after"
REPORTS = (report.Report, cards_report.Report, sends_report.Report)


def trials() -> list[Trial]:
    """One that passed with more than a thousand kills, and one that failed."""
    good = Trial("points", "BTC, seed 1", kills=1_200, points=Counter({POINT: 1_200}), finished=True)
    good.done.update({"story: paid": 2, "refunds": 0})
    bad = Trial("random kills", "BTC, seed 2", kills=3, untried=["a point: 0 of 1"], finished=True)
    bad.verdict = Verdict(lost=["a payment"], wrong=["an amount"])
    return [good, bad]


@pytest.mark.parametrize("kind", REPORTS, ids=["chains", "cards", "sends"])
def test_a_page_tells_what_failed_and_its_json_the_same(kind: type[report.Report], tmp_path: Path) -> None:
    made = kind(trials(), "called so", 12.3)
    made.write(tmp_path / "new" / "page.md")
    page, whole = (tmp_path / "new" / "page.md").read_text(), json.loads((tmp_path / "new" / "page.json").read_text())
    assert page == made.markdown() and "`called so`" in page and "| kills | 1,203 |" in page
    totals = whole["totals"]
    assert (totals["kills"], totals["lost"], totals["doubled"], totals["other gaps"]) == (1_203, 1, 0, 1)
    failed = page.partition("## Failed")[2]
    assert "seed 2" in failed and "a payment" in failed and "seed 1" not in failed
    assert [what in failed for what in whole["failed"]] == [True]
    assert "- random kills: a point: 0 of 1" in page and "random kills: a point: 0 of 1" in whole["not tried"]


def test_nothing_is_written_without_a_path_and_nothing_failed_is_told_so() -> None:
    made = sends_report.Report(trials()[:1], "called so", 1)
    made.write(None)
    assert made.markdown().endswith("## Failed\n\n- none\n")


def test_what_people_did_stands_apart_and_what_never_happened_is_counted() -> None:
    made = Trials(trials(), "called so", 1)
    assert (made.stories(), made.done()) == ({"paid": 2}, {"refunds": 0})
