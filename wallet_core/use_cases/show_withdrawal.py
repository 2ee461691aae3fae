"""Show the receipt of one of the caller's withdrawals as it is now."""

from __future__ import annotations

from wallet_core.domain.ledger import Message
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.present_receipt import own_withdrawal, present_receipt


@use_case(Access.ENROLLED)
async def show_withdrawal(ports: Ports, caller: Caller, withdrawal_id: str) -> Message:
    """The receipt, in the words of whatever step it is at. Raises ``Refused`` NOT_FOUND or NOT_YOURS."""
    return await present_receipt(ports, await own_withdrawal(ports, caller, withdrawal_id))
