"""What became of each line of a mass send, as a table that programs and spreadsheets read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wallet_core.domain.mass_row import MassRow
from wallet_core.domain.money import plain
from wallet_core.domain.statement_csv import harmless

RESULT_COLUMNS: Final = (
    "line", "recipient", "asset", "amount", "note", "outcome", "reason", "payout", "txid",
)  # fmt: skip


class Outcome(StrEnum):
    """What a line says of itself in the table."""

    PAID = "paid"
    RETURNED = "returned"
    REFUSED = "refused"
    #: Its turn has not come.
    WAITING = "waiting"
    #: A payout that is not final yet.
    UNDER_WAY = "under way"


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One line with its end so far; ``payout`` and ``txid`` where it went to an address."""

    row: MassRow
    outcome: Outcome
    payout: str = ""
    txid: str = ""


def result_heading() -> bytes:
    """The first line."""
    return written([RESULT_COLUMNS])


def result_lines(lines: Iterable[ResultLine]) -> bytes:
    """Lines as RFC 4180 has them, amounts in whole coins, exact, with a point; no cell is a formula."""
    return written(_cells(line) for line in lines)


def _cells(line: ResultLine) -> tuple[str, ...]:
    row = line.row
    texts = (row.recipient, row.asset.value, plain(row.amount_minor, row.asset), row.note)
    ends = (line.outcome.value, row.reason or "", line.payout, line.txid)
    return (str(row.line), *(harmless(text) for text in (*texts, *ends)))


def written(rows: Iterable[tuple[str, ...]]) -> bytes:
    """Rows of cells as RFC 4180 has them."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
