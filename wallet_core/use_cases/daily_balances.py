"""What a person had at the end of each of the last days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.kyc import day_of
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.statement import accounts_of
from wallet_core.ports import Ports
from wallet_core.use_cases.books import balance_before_minor
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.limits import today

_MOST_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class DayBalance:
    """Available and held together when the day ended, in ITD minor units; of today, what it is by now."""

    day: date
    balance_minor: int


@use_case(Access.ENROLLED)
async def daily_balances(ports: Ports, caller: Caller, days: int) -> list[DayBalance]:
    """One balance for each of the last days, the oldest first; today is the last. Days begin at the wallet's own hour.

    One look-up for each day and account. Raises ``Refused(BAD_RANGE)`` for less than one day or more than a year.
    """
    when = await today(ports)
    if not 1 <= days <= _MOST_DAYS:
        raise Refused(Reason.BAD_RANGE, today=date.fromisoformat(when.day))
    ends = [when.ends_at - timedelta(days=back) for back in reversed(range(days))]
    balances = []
    async with ports.store.snapshot() as store:
        for end in ends:
            minor = sum([await balance_before_minor(store, account, end) for account in accounts_of(caller.person)])
            day = day_of(end - timedelta(days=1), ports.settings.day_starts_at_hour)
            balances.append(DayBalance(date.fromisoformat(day), minor))
    return balances
