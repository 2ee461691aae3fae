"""``docs/approvals.md`` knows every kind of approval, who asks and who approves; and each has its words."""

import re
from pathlib import Path

import pytest

from bot.views.approvals import PROMPTS
from wallet_core.domain.approval import ApprovalKind
from wallet_core.domain.people import roles_reaching
from wallet_core.use_cases.approvals import CARRIED

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "approvals.md").read_text()
ROWS = dict(re.findall(r"\n\| `(\w+)` \| ([^|]+) \|", PAGE))


def test_the_page_has_every_kind() -> None:
    assert set(ROWS) == set(ApprovalKind) == set(CARRIED) == set(PROMPTS)


@pytest.mark.parametrize("kind", CARRIED)
def test_the_page_says_who_may_ask(kind: ApprovalKind) -> None:
    asks = ", ".join(roles_reaching(CARRIED[kind].asks))
    assert ROWS[kind] in (asks, "the server")
