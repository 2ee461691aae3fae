"""Tell the chat of alerts what is new of each alarm, remind it of what stays open, and say what is over."""

from __future__ import annotations

from typing import Final

from wallet_core.domain.alert import ABOUT_PEOPLE, Alert, AlertNote, Telling, due, noted
from wallet_core.domain.chat import OutboxMessage
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import operator_only
from wallet_core.use_cases.show_alerts import MOST_ALERTS

TEMPLATE: Final = "alert"
#: All that is written for that chat.
FOR_THE_CHAT: Final = frozenset({TEMPLATE, "day_report", "mode_switched", "rail_switched"})


@operator_only
async def tell_alerts(ports: Ports, most: int = 1) -> int:
    """Puts at most so many messages into the outbox, the longest unheard first; returns how many.

    Cut anywhere, it is told again, in the same message: the outbox's id is counted, and noted only afterwards.
    """
    chat = ports.settings.alert_chat_id
    if not chat:
        # Every owner has a message from each alarm's own posting.
        return 0
    now, told = await ports.store.now(), 0
    for alert in await ports.store.find(Alert, {}, order_by=("last_at", "_id"), limit=MOST_ALERTS):
        note = await ports.store.get(AlertNote, alert.id)
        telling = due(alert, note, now)
        if telling is None:
            continue
        after = noted(alert, note, telling, now)
        await ports.store.put(_message(alert, after, telling, chat))
        await ports.store.put(after)
        told += 1
        if told >= most:
            break
    return told


def _message(alert: Alert, note: AlertNote, telling: Telling, chat: int) -> OutboxMessage:
    facts = {
        **alert.document(),
        **({"subject": "…"} if alert.alarm in ABOUT_PEOPLE else {}),
        "severity": alert.severity.value,
        "telling": telling.value,
        "reminders": note.reminders,
    }
    # With the chat: another one that is set later has messages of its own.
    thread = f"alert:{alert.id}:{alert.episode}:{chat}"
    return OutboxMessage(
        id=f"{thread}:{note.messages}",
        person=chat,
        template=TEMPLATE,
        facts=facts,
        thread=thread,
        at=note.told_at,
        order=0,
    )
