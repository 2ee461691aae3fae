"""What use cases about resets share."""

from __future__ import annotations

from wallet_core.domain.access_reset import AccessReset
from wallet_core.domain.errors import Reason, Refused
from wallet_core.ports import Ports


async def reset_of(ports: Ports, reset_id: str | None) -> AccessReset:
    """The reset. Raises ``Refused(NOT_FOUND)``."""
    reset = await ports.store.get(AccessReset, reset_id) if reset_id else None
    if reset is None:
        raise Refused(Reason.NOT_FOUND, what=AccessReset.collection)
    return reset
