"""The lines of a mass send before it begins, as whoever approves it looks at them: what they are, and their digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Final

from wallet_core.domain.mass_result import written
from wallet_core.domain.mass_row import MassRow, RowState
from wallet_core.domain.mass_send import Total
from wallet_core.domain.money import Asset, plain
from wallet_core.domain.statement_csv import harmless

#: ``payee`` is whom the line stands for: a person's number at Telegram, or the address in its normal form.
LINES_COLUMNS: Final = ("line", "recipient", "payee", "asset", "amount", "itd", "fee_itd", "note", "not_paid_because")


class LinesDigest:
    """SHA-256 of everything that a mass send would do: its payable lines in their order, then its totals."""

    def __init__(self) -> None:
        self._lines = hashlib.sha256()

    def add(self, rows: Iterable[MassRow]) -> None:
        """The next lines; those that will not be paid are no part of it."""
        for row in rows:
            if row.state is RowState.PENDING:
                self._lines.update(json.dumps(row.content()).encode() + b"\n")

    def of(self, totals: Iterable[Total]) -> str:
        """The digest, in hexadecimal."""
        terms = [self._lines.hexdigest(), *(total.model_dump(mode="json") for total in totals)]
        return hashlib.sha256(json.dumps(terms).encode()).hexdigest()


def look_key(mass_send: str, person: int) -> str:
    """The key of the record that somebody looked at its lines: the first time counts."""
    return f"mass_lines_seen:{mass_send}:{person}"


def lines_heading() -> bytes:
    """The first line."""
    return written([LINES_COLUMNS])


def lines_table(rows: Iterable[MassRow]) -> bytes:
    """Lines as RFC 4180 has them, amounts in whole coins, exact, with a point; no cell is a formula."""
    return written(_cells(row) for row in rows)


def _cells(row: MassRow) -> tuple[str, ...]:
    payee = row.address or str(row.person or "")
    amounts = (plain(row.amount_minor, row.asset), plain(row.itd_minor, Asset.ITD), plain(row.fee_minor, Asset.ITD))
    texts = (row.recipient, payee, row.asset.value, *amounts, row.note, row.reason or "")
    return (str(row.line), *(harmless(text) for text in texts))
