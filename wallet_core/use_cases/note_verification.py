"""Remember what the last look through the books found, for the admins' desk and the daily report."""

from __future__ import annotations

from wallet_core.domain.errors import Unavailable
from wallet_core.domain.health import Verification
from wallet_core.ports import Ports
from wallet_core.use_cases.findings import Findings
from wallet_core.use_cases.gate import operator_only


@operator_only
async def note_verification(ports: Ports, found: Findings) -> None:
    """A copy of the database that takes no writes is verified all the same."""
    try:
        await ports.store.put(
            Verification(
                at=await ports.store.now(), records=found.records, gaps=len(found.gaps), seals=found.head.length
            )
        )
    except Unavailable:
        return
