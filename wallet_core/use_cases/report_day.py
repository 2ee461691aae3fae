"""Tell the admins of the day, exactly once, however many bots there are and whatever dies."""

from __future__ import annotations

from wallet_core.domain.day_report import day_of
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import admins_reaching
from wallet_core.use_cases.day_figures import day_figures
from wallet_core.use_cases.gate import operator_only


@operator_only
async def report_day(ports: Ports) -> bool:
    """Posts the last report that is due, unless it was posted; tells whether it did.

    The day is the key, so that it is told once; a day that no bot saw is told of by the next one that starts.
    """
    day = day_of(await ports.store.now(), ports.settings.alert_daily_hour)
    key = f"day_reported:{day}"
    if await ports.store.get(JournalRecord, key) is not None:
        return False
    report = await day_figures(ports, day)
    messages = tuple(Message(person, "day_report", report.facts()) for person in await _readers(ports))
    # Two bots may have seen different figures: only the day is what the key stands for.
    receipt = await ports.ledger.post(Posting(key, "day_reported", "bot", messages=messages, facts={"day": day}))
    return not receipt.replayed


async def _readers(ports: Ports) -> list[int]:
    if ports.settings.alert_chat_id:
        return [ports.settings.alert_chat_id]
    return [admin.id for admin in await admins_reaching(ports.store, ports.vault, Access.FINANCE)]
