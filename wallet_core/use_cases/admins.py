"""Tell all admins of something, each in the private chat with the bot."""

from __future__ import annotations

from typing import Any

from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Message
from wallet_core.domain.people import Role
from wallet_core.ports import Ports

_MOST: int = 100
#: As much of a reason as is kept.
WHY_LENGTH = 200


async def told_to_admins(ports: Ports, template: str, **facts: Any) -> tuple[Message, ...]:
    """A message for everybody who has a role; and for the chat of alerts, where there is one."""
    admins = await ports.store.find(Guards, {"role": tuple(Role)}, limit=_MOST)
    chat = ports.settings.alert_chat_id
    people = [admin.id for admin in admins] + ([chat] if chat else [])
    return tuple(Message(person, template, facts) for person in people)
