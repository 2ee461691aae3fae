"""``docs/policies.md`` and ``docs/design.md`` say of policies and limits what the code does."""

import re
import textwrap
from pathlib import Path
from typing import Any

from tests.unit.wallet_core.domain.asked_facts import BUILT_IN, HARMLESS, facts
from wallet_core.domain.kyc import LEVELS, Operation
from wallet_core.domain.money import Asset, one_coin_minor
from wallet_core.domain.policies import POLICIES, Verdict, decide_batching

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_page_lists_every_policy_in_order_and_when_it_counts_again() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| (yes|no)[^|]*\|$", (DOCS / "policies.md").read_text(), re.MULTILINE)
    again = {traced.policy for traced in decide_batching(HARMLESS, BUILT_IN).trace}
    assert rows == [(name, "yes" if name in again else "no") for name in (policy.name for policy in POLICIES)]


def test_the_pages_example_of_a_policy_works() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (DOCS / "policies.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(textwrap.dedent(example), names)  # noqa: S102 - our own page
    night, parameters = names["night"], names["Night"]()
    assert night(HARMLESS, parameters).verdict is Verdict.APPROVE
    assert night(facts(now=HARMLESS.now.replace(hour=5)), parameters).verdict is Verdict.REVIEW
    assert night(facts(now=HARMLESS.now.replace(hour=6)), parameters).verdict is Verdict.APPROVE


def test_the_design_has_the_levels_limits_as_they_are() -> None:
    cells = re.findall(r"\| (count|ITD) \|(.*)\|", (DOCS / "design.md").read_text())
    table = {name: [cell.strip() for cell in row.split("|")] for name, row in cells}
    unit = one_coin_minor(Asset.ITD)
    limits = [[LEVELS[level][operation] for level in LEVELS] for operation in Operation]
    assert table["count"] == [" / ".join(f"{limit.count:,}" for limit in row) for row in limits]
    assert table["ITD"] == [" / ".join(f"{limit.amount_minor // unit:,}" for limit in row) for row in limits]


def test_every_page_that_a_page_names_is_there() -> None:
    pages = {path.name: path.read_text() for path in DOCS.glob("*.md")}
    named = {name for text in pages.values() for name in re.findall(r"`(\w+\.md)`", text)} - {"CHANGELOG.md"}
    assert named - {"payouts.md"} <= pages.keys()
