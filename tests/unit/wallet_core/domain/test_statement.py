"""A statement adds up or is none, and its table is safe to open."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.wallet_core.world import ITD
from wallet_core.domain.accounts import Side, available, held
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.journal import EntryRecord, JournalRecord, place_of
from wallet_core.domain.statement import Statement, statement_of
from wallet_core.domain.statement_csv import CSV_COLUMNS, as_csv, harmless

START = datetime(2026, 10, 1, tzinfo=UTC)
END = datetime(2026, 11, 1, tzinfo=UTC)


def record(key: str, *entries: EntryRecord, minutes: int = 0, **facts: str) -> JournalRecord:
    at = START + timedelta(minutes=minutes, milliseconds=7)
    place = place_of(at)
    parts: dict[str, Any] = {"digest": "", "people": (1,), "entries": entries, "facts": facts}
    return JournalRecord(id=key, kind="sent", by="test", at=at, group="g", place=place, **parts)


def entry(side: Side, minor: int, after: int, *, on: str = "available") -> EntryRecord:
    account = {"available": available(1), "held": held(1)}[on]
    return EntryRecord(account=account.id, side=side, amount_minor=minor, after_minor=after)


def made(*records: JournalRecord, opening: int = 0) -> Statement:
    return statement_of(1, START, END, {"available": opening, "held": 0}, records, made_at=END)


def test_each_account_has_a_line_and_the_closing_balance_is_where_they_end() -> None:
    statement = made(
        record("a", entry(Side.CREDIT, 5 * ITD, 12 * ITD)),
        record("b", entry(Side.DEBIT, 2 * ITD, 10 * ITD), entry(Side.CREDIT, 2 * ITD, 2 * ITD, on="held"), txid="0x1"),
        opening=7 * ITD,
    )
    assert [(line.account, line.change_minor, line.txid) for line in statement.lines] == [
        ("available", 5 * ITD, None),
        ("available", -2 * ITD, "0x1"),
        ("held", 2 * ITD, "0x1"),
    ]
    assert statement.movements == 2
    assert statement.closing_minor == {"available": 10 * ITD, "held": 2 * ITD}
    assert (statement.opening_total_minor, statement.closing_total_minor) == (7 * ITD, 12 * ITD)
    added = sum(line.change_minor for line in statement.lines)
    assert statement.opening_total_minor + added == statement.closing_total_minor


@pytest.mark.parametrize("opening", [0, 8])
def test_what_does_not_add_up_is_no_statement(opening: int) -> None:
    with pytest.raises(InvariantViolated, match="a leaves another balance"):
        made(record("a", entry(Side.CREDIT, 5, 12)), opening=opening)


def test_a_missing_record_is_noticed() -> None:
    with pytest.raises(InvariantViolated, match="c leaves another balance"):
        made(record("a", entry(Side.CREDIT, 5, 5)), record("c", entry(Side.CREDIT, 5, 15)))


def test_the_table_has_plain_amounts_times_in_utc_and_both_ends() -> None:
    statement = made(record("a", entry(Side.CREDIT, ITD // 2, ITD // 2), txid="0x1"))
    table = as_csv(statement)
    assert table.endswith("\r\n") and table.encode().decode() == table
    rows = list(csv.reader(io.StringIO(table)))
    assert rows == [
        list(CSV_COLUMNS),
        ["2026-10-01T00:00:00.000Z", "opening", "available", "", "", "0", "", ""],
        ["2026-10-01T00:00:00.000Z", "opening", "held", "", "", "0", "", ""],
        ["2026-10-01T00:00:00.007Z", "sent", "available", "0.5", "", "0.5", "a", "0x1"],
        ["2026-11-01T00:00:00.000Z", "closing", "available", "", "", "0.5", "", ""],
        ["2026-11-01T00:00:00.000Z", "closing", "held", "", "", "0", "", ""],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_the_table_is_a_formula(text: str) -> None:
    statement = made(record(text, entry(Side.CREDIT, 1, 1), txid=text))
    cells = [cell for row in csv.reader(io.StringIO(as_csv(statement), newline="")) for cell in row]
    assert cells.count(f"'{text}") == 2
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert harmless("send:1") == "send:1"
