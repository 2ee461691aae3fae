"""Anybody's statement, for an operator."""

from __future__ import annotations

from datetime import datetime

from wallet_core.domain.statement import Statement
from wallet_core.ports import Ports
from wallet_core.use_cases.books import read_statement
from wallet_core.use_cases.gate import operator_only


@operator_only
async def export_statement(ports: Ports, person: int, start: datetime, end: datetime) -> Statement:
    """A person's movements with ``start <= time < end`` in database time, and the balances before and after.

    Raises ``Refused`` BAD_RANGE or RANGE_TOO_LONG; ``InvariantViolated`` where the books do not add up.
    """
    return await read_statement(ports, person, start, end)
