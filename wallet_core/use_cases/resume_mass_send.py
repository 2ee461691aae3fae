"""Let a mass send go on that was stopped."""

from __future__ import annotations

from wallet_core.domain.errors import AlreadyDone
from wallet_core.domain.guards import unless_frozen
from wallet_core.domain.mass_send import MassSend, MassState
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import post_with_code
from wallet_core.use_cases.gate import if_allowed, use_case
from wallet_core.use_cases.mass_sends import mass_send_of, steered
from wallet_core.use_cases.steering import steered_to, steering


@use_case(Access.FINANCE)
async def resume_mass_send(ports: Ports, caller: Caller, mass_send_id: str, code: str) -> MassSend:
    """Goes on where it was stopped, with the caller's own code. By the payer or an owner.

    Raises ``AlreadyDone`` with the mass send when it is not stopped, and ``Refused``: NOT_FOUND, NOT_YOURS, FROZEN
    while its payer is, NOT_ALLOWED when its payer is no admin of finance any more, or what is wrong with the code.
    """
    send = await steered(ports, caller, mass_send_id)
    if send.state is not MassState.STOPPED:
        raise AlreadyDone(send)
    going_on = steered_to(send, MassState.STOPPED, MassState.RUNNING, stopped_by=None)
    may_pay = (if_allowed(ports, send.person, Access.FINANCE), unless_frozen(send.person))
    posting = steering(ports, caller, send, "mass_send_resumed", *may_pay, going_on)
    await post_with_code(ports, caller, code, posting)
    return await mass_send_of(ports, mass_send_id)
