"""``docs/purchases.md`` names tests that exist, for every ending and every rail."""

import re
from pathlib import Path

import pytest

from tests.integration.worker.test_endings_gone import COIN_DEPTHS, ETHER_DEPTHS

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "purchases.md").read_text()
DEFINED = {
    name for path in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)\(", path.read_text())
}


def rows(marker: str) -> list[list[str]]:
    """The cells of one of the page's tables, without its head."""
    text = PAGE.split(f"<!-- {marker} -->")[1].split(f"<!-- /{marker} -->")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines][2:]


ENDINGS, TESTS = rows("endings"), rows("tests")


def test_every_test_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`(test_[a-z_]+)`", PAGE))
    assert named, "the page names no test"
    assert named - DEFINED == set()


def test_every_ending_has_its_tests_in_the_same_order() -> None:
    assert [row[0] for row in TESTS] == [row[0] for row in ENDINGS]


@pytest.mark.parametrize("row", TESTS, ids=[row[0] for row in TESTS])
def test_every_rail_has_a_test_of_an_ending_or_says_why_there_is_none(row: list[str]) -> None:
    _, *rails = row
    assert len(rails) == 3
    assert all("`test_" in rail or rail.startswith("cannot be") for rail in rails)


@pytest.mark.parametrize("row", ENDINGS, ids=[row[0] for row in ENDINGS])
def test_every_ending_says_what_happens_and_who_is_told(row: list[str]) -> None:
    assert len(row) == 3 and all(row)


def test_the_depths_are_those_that_are_tested() -> None:
    coins, ether = (
        " and ".join((", ".join(map(str, depths[:-1])), str(depths[-1]))) for depths in (COIN_DEPTHS, ETHER_DEPTHS)
    )
    assert f"{coins} on Bitcoin and Litecoin, {ether} on Ethereum" in PAGE
