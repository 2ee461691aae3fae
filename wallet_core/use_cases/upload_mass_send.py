"""Take a file of payments: find everybody in it, price it, and show what would be done. Nothing is held yet."""

from __future__ import annotations

from collections.abc import Sequence

from wallet_core.domain.mass_file import FileRow
from wallet_core.domain.mass_send import MassSend
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case


@use_case(Access.FINANCE)
async def upload_mass_send(ports: Ports, caller: Caller, file_name: str, rows: Sequence[FileRow]) -> MassSend:
    """A mass send in PREVIEW, with rates that are locked until ``expires_at``, to be shown and started.

    ``rows`` are those of a file without a fault. Raises ``AlreadyDone`` with the first mass send when this payer
    uploaded the same file before and it ran or still may, and ``Refused``: NO_PAYABLE_ROWS (with ``remarks``) when
    nobody in it can be paid, RATE_UNAVAILABLE.
    """
    raise NotImplementedError
