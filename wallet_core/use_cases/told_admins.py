"""Tell all admins of something, each in the private chat with the bot."""

from __future__ import annotations

from typing import Any, Final

from wallet_core.domain.ledger import Message
from wallet_core.domain.people import Access
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import admins_reaching

#: As much of a reason as is kept.
WHY_LENGTH: Final = 200


async def told_to_admins(ports: Ports, template: str, **facts: Any) -> tuple[Message, ...]:
    """A message for everybody who has a role; and for the chat of alerts, where there is one."""
    admins = await admins_reaching(ports.store, ports.vault, Access.SUPPORT)
    chat = ports.settings.alert_chat_id
    # A group need not know whose number an admin has.
    public = {name: value for name, value in facts.items() if name != "by"}
    told = [Message(admin.id, template, facts) for admin in admins]
    is_other = chat and chat not in {admin.id for admin in admins}
    return (*told, *([Message(chat, template, public)] if is_other else []))
