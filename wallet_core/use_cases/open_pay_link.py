"""Open the link by which somebody is paid."""

from __future__ import annotations

from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.pay_links import payee_of
from wallet_core.use_cases.send_offers import Recipient, recipient_of


@use_case(Access.ENROLLED)
async def open_pay_link(ports: Ports, caller: Caller, parameter: str) -> Recipient:
    """Whom it pays. Raises ``Refused`` NOT_FOUND, or RECIPIENT_IS_SELF for one's own."""
    return await recipient_of(ports, caller, await payee_of(ports, parameter))
