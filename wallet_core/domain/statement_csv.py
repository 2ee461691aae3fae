"""A statement as a table that programs and spreadsheets read."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Final

from wallet_core.domain.money import Asset, plain
from wallet_core.domain.statement import Line, Statement

CSV_COLUMNS: Final = ("time", "kind", "account", "in_itd", "out_itd", "balance_after_itd", "reference", "txid")

# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(statement: Statement) -> str:
    """The statement as RFC 4180 has it: times in UTC (ISO 8601), amounts in whole ITD, exact, with a point."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(CSV_COLUMNS)
    for account, minor in statement.opening_minor.items():
        table.writerow((_iso(statement.start), "opening", account, "", "", plain(minor, Asset.ITD), "", ""))
    table.writerows(_cells(line) for line in statement.lines)
    for account, minor in statement.closing_minor.items():
        table.writerow((_iso(statement.end), "closing", account, "", "", plain(minor, Asset.ITD), "", ""))
    return text.getvalue()


def _cells(line: Line) -> tuple[str, ...]:
    came = plain(line.change_minor, Asset.ITD) if line.change_minor > 0 else ""
    went = plain(-line.change_minor, Asset.ITD) if line.change_minor < 0 else ""
    after = plain(line.balance_minor, Asset.ITD)
    texts = (harmless(line.reference), harmless(line.txid or ""))
    return (_iso(line.at), harmless(line.kind), line.account, came, went, after, *texts)


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _iso(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1_000:03}Z"
