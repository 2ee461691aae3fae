"""Stop, resume and cancel a mass send."""

from __future__ import annotations

from wallet_core.domain.mass_send import MassSend
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case


@use_case(Access.FINANCE)
async def stop_mass_send(ports: Ports, caller: Caller, mass_send_id: str) -> MassSend:
    """No further line is begun; what is a payout already goes its way. By the payer or an owner, without a code.

    Raises ``AlreadyDone`` with the mass send when it is not running, and ``Refused`` NOT_FOUND or NOT_YOURS.
    """
    raise NotImplementedError


@use_case(Access.FINANCE)
async def resume_mass_send(ports: Ports, caller: Caller, mass_send_id: str, code: str) -> MassSend:
    """Goes on where it was stopped, with the caller's own code. By the payer or an owner.

    Raises ``AlreadyDone`` with the mass send when it is not stopped, and ``Refused``: NOT_FOUND, NOT_YOURS, or what is
    wrong with the code.
    """
    raise NotImplementedError


@use_case(Access.FINANCE)
async def cancel_mass_send(ports: Ports, caller: Caller, mass_send_id: str) -> MassSend:
    """Before it ran: nothing will come of it. Once it is stopped: the rest is given up, its money is back at once.

    By the payer or an owner, without a code: money only goes back. Returns it CANCELLED, or RUNNING with ``given_up``
    until its last lines are closed. Raises ``AlreadyDone`` when it is over or was given up, and ``Refused``: NOT_FOUND,
    NOT_YOURS, WRONG_STATE while it runs (stop it first).
    """
    raise NotImplementedError
