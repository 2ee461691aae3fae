"""Start a mass send that was previewed, or ask another admin to approve it, when it is above the limit."""

from __future__ import annotations

from wallet_core.domain.mass_send import MassSend
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case


@use_case(Access.FINANCE)
async def start_mass_send(ports: Ports, caller: Caller, mass_send_id: str, code: str) -> MassSend:
    """Takes the payer's own code always. Returns it RUNNING, its whole total set aside, or in APPROVAL.

    Raises ``AlreadyDone`` with the mass send when it was started before, and ``Refused``: NOT_FOUND, NOT_YOURS, EXPIRED
    when its rates are (upload the file again), WRONG_STATE when it was cancelled, INSUFFICIENT_FUNDS, FROZEN, IN_DEBT,
    DISPUTED, CARD_MONEY_YOUNG, or what is wrong with the code. Nothing is set aside then.
    """
    raise NotImplementedError
