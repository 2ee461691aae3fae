"""Stop a mass send."""

from __future__ import annotations

from wallet_core.domain.errors import AlreadyDone
from wallet_core.domain.mass_send import MassSend, MassState
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.mass_sends import mass_send_of, steered
from wallet_core.use_cases.steering import steered_to, steering


@use_case(Access.FINANCE)
async def stop_mass_send(ports: Ports, caller: Caller, mass_send_id: str) -> MassSend:
    """No further line is begun; what is a payout already goes its way. By the payer or an owner, without a code.

    Raises ``AlreadyDone`` with the mass send when it is not running, and ``Refused`` NOT_FOUND or NOT_YOURS.
    """
    send = await steered(ports, caller, mass_send_id)
    if send.state is not MassState.RUNNING or send.given_up:
        raise AlreadyDone(send)
    stop = steered_to(send, MassState.RUNNING, MassState.STOPPED, stopped_by=caller.name)
    await ports.ledger.post(steering(ports, caller, send, "mass_send_stopped", stop))
    return await mass_send_of(ports, mass_send_id)
