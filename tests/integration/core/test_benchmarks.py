"""The benchmarks still run: tiny sizes, and no figure is looked at."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.benchmarks.bench import Bench
from tests.benchmarks.growth import growth
from tests.benchmarks.mass_file import mass_file
from tests.benchmarks.movements import movements
from tests.benchmarks.paying import paying
from tests.benchmarks.picture import svg
from tests.benchmarks.plan import Plan
from tests.benchmarks.post_many import post_many
from tests.benchmarks.processes import processes
from tests.benchmarks.report import cells, document, table, write_into
from tests.benchmarks.results import Row, at_least, at_most
from tests.benchmarks.starting import starting
from tests.benchmarks.watching import watching
from wallet_core.domain.chain import TRANSFER_GAS
from wallet_core.domain.money import Asset

TINY = Plan(
    rounds=1,
    seconds_each=0.05,
    accounts=20,
    at_once=(1, 16),
    rivals_at_once=(1, 4),
    lone_postings=3,
    recipients=50,
    entries=(20, 40),
    pages_each=1,
    verify_rounds=1,
    chains=(Asset.BTC, Asset.ETH),
    invoices=(10, 300),
    blocks=1,
    outages=1,
    outage_blocks=40,
    outage_payments=5,
    outage_paid_in=3,
    worker_blocks=0,
    payouts=12,
    sends=3,
    ether_sends=3,
    paying_rounds=1,
    pending=(51, 60),
    starts=1,
    lines=(200, 2_000),
    file_rounds=1,
)
MEDICI = Path(__file__).parents[2] / "benchmarks" / "medici"


@pytest.mark.parametrize("benchmark", [movements, processes, post_many, growth, mass_file])
async def test_it_runs(benchmark: Callable[[Bench], Awaitable[list[Row]]], mongo_uri: str) -> None:
    rows = await benchmark(Bench(mongo_uri, TINY, lambda _: None))
    assert rows
    assert all(ratio > 0 for row in rows for ratio in row.ratios)


@pytest.mark.campaign
@pytest.mark.parametrize("benchmark", [paying, starting])
async def test_it_pays(benchmark: Callable[[Bench], Awaitable[list[Row]]], mongo_uri: str) -> None:
    rows = await benchmark(Bench(mongo_uri, TINY, lambda _: None))
    assert all(row.ratios for row in rows)
    # What the contract pays is neither a transfer of its own nor paid twice.
    gas = [(row.ours["gas_each"], row.theirs["gas_each"]) for row in rows if row.what.endswith(": gas")]
    assert all(theirs == TRANSFER_GAS and theirs // 2 < ours < 3 * theirs and ours != theirs for ours, theirs in gas)


async def test_thirty_times_the_open_invoices_ask_the_node_no_more_than_three_times_as_often(mongo_uri: str) -> None:
    rows = await watching(Bench(mongo_uri, TINY, lambda _: None))
    growth = {row.what: row.is_met for row in rows if row.reach}
    assert len(growth) == 4
    assert all(growth.values()), growth


def test_results_are_shown_in_every_form(tmp_path: Path) -> None:
    more = Row("more", "it", (9.0, 12.0, 10.0), at_least(10), ours={"a_second": 100.0})
    less = Row("less <&>", "it", (1.2,), at_most(1.1), more_is_better=False, theirs={"seconds": 0.01})
    rows = [more, less, Row("nothing", "it", note="there is none")]
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- figures -->\nold\n<!-- /figures -->\nafter\n")
    write_into(page, rows)
    assert "old" not in page.read_text() and page.read_text().endswith("<!-- /figures -->\nafter\n")
    assert [row["met"] for row in json.loads(json.dumps(document(rows, quick=True)))["rows"]] == [True, False, None]
    assert cells(more)[2:6] == ["10", "9 to 12", "≥ 10", "yes"]
    assert table(rows, quick=True).row_count == 3
    ElementTree.fromstring(svg(rows))  # noqa: S314 - our own


def test_the_peer_is_pinned_by_what_it_is_and_not_by_where_it_lies() -> None:
    lock = (MEDICI / "package-lock.json").read_text()
    others = [package for name, package in json.loads(lock)["packages"].items() if name]
    assert all(package["integrity"].startswith("sha512-") for package in others)
    assert "resolved" not in lock and "://" not in lock
