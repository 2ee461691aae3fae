"""Show a mass send to the admins."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.approval import Approval
from wallet_core.domain.mass_send import MassSend
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.mass_sends import mass_send_of, may_steer


@dataclass(frozen=True, slots=True)
class MassView:
    """A mass send, what was asked about it, and what the caller may do now."""

    send: MassSend
    approval: Approval | None
    is_payer: bool
    #: The payer or an owner: stop, resume, cancel.
    may_steer: bool


@use_case(Access.FINANCE)
async def show_mass_send(ports: Ports, caller: Caller, mass_send_id: str) -> MassView:
    """One mass send, of whichever admin. Raises ``Refused(NOT_FOUND)``."""
    send = await mass_send_of(ports, mass_send_id)
    approval = await ports.store.get(Approval, send.approval) if send.approval else None
    return MassView(send, approval, caller.person == send.person, await may_steer(ports, caller, send))
