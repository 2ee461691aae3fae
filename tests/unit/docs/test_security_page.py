"""``docs/security.md`` names tests that exist, for every attack."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "security.md").read_text()
IN_THE_CHAT = ("tests/integration/bot", "tests/e2e")


def defined(*folders: str) -> set[str]:
    files = (path for folder in folders for path in (ROOT / folder).rglob("test_*.py"))
    return {name for path in files for name in re.findall(r"def (test_\w+)\(", path.read_text())}


def rows() -> list[list[str]]:
    """The cells of the table of attacks, without its head."""
    text = PAGE.split("<!-- attacks -->")[1].split("<!-- /attacks -->")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.removeprefix("|").removesuffix("|").split(" | ")] for line in lines][2:]


def named(cell: str) -> set[str]:
    return set(re.findall(r"`(test_\w+)`", cell))


ATTACKS = rows()


def test_every_test_that_the_page_names_exists() -> None:
    assert named(PAGE) - defined("tests") == set()


@pytest.mark.parametrize("row", ATTACKS, ids=[row[0] for row in ATTACKS])
def test_every_attack_has_what_stops_it_and_a_test_in_the_chat_or_says_why_there_is_none(row: list[str]) -> None:
    attack, stopped_by, chat, below = row
    assert attack and stopped_by
    assert named(chat) or (chat.startswith("not in the chat: ") and named(below))
    assert named(chat) <= defined(*IN_THE_CHAT)
    assert not below.strip() or named(below)
