"""A person's own statement."""

from __future__ import annotations

from datetime import datetime

from wallet_core.domain.people import Access, Caller
from wallet_core.domain.statement import Statement
from wallet_core.ports import Ports
from wallet_core.use_cases.books import read_statement
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def statement(ports: Ports, caller: Caller, start: datetime, end: datetime) -> Statement:
    """The caller's movements with ``start <= time < end`` in database time, and the balances before and after.

    Raises ``Refused`` BAD_RANGE or RANGE_TOO_LONG; ``InvariantViolated`` where the books do not add up.
    """
    return await read_statement(ports, caller.person, start, end)
