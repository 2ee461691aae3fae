"""Tell the owners in private what the chat of alerts does not take."""

from __future__ import annotations

from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.people import Access
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import admins_reaching
from wallet_core.use_cases.gate import operator_only


@operator_only
async def fall_back(ports: Ports, message: OutboxMessage) -> None:
    """The same message to every owner, with a word of why."""
    for owner in await admins_reaching(ports.store, ports.vault, Access.OWNER):
        thread = f"{message.thread}:{owner.id}" if message.thread else None
        instead = {"id": f"{message.id}@{owner.id}", "person": owner.id, "thread": thread, "claimed_until": None}
        facts = {**message.facts, "instead_of": message.person}
        await ports.store.put(message.model_copy(update={**instead, "facts": facts}))
