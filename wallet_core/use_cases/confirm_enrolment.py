"""Enable two-factor authentication with the first good code."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.two_factor import enable
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import matching_step, new_id, new_recovery_codes, take_code_attempt
from wallet_core.use_cases.gate import use_case


@use_case(Access.ANYONE)
async def confirm_enrolment(ports: Ports, caller: Caller, code: str) -> None:
    """Makes the pending secret the person's own; new recovery codes follow in a sealed message.

    Raises ``Refused``: ALREADY_ENROLLED, ENROL_FIRST when nothing is pending, or what is wrong with the code.
    """
    guards = await ports.store.get(Guards, caller.person) or Guards(id=caller.person)
    if guards.enrolled:
        raise Refused(Reason.ALREADY_ENROLLED)
    if guards.pending_secret is None:
        raise Refused(Reason.ENROL_FIRST)
    await take_code_attempt(ports, caller)
    step = await matching_step(ports, caller, guards.pending_secret, code)
    hashes, told = await new_recovery_codes(ports, caller.person)
    # A newcomer knows; whoever was here before reads of the device even if it is a thief's.
    wait = {"withdrawals_from": guards.withdrawals_from}
    notice = (Message(caller.person, "device_paired", wait),) if guards.withdrawals_from else ()
    await ports.ledger.post(
        Posting(
            f"enrolled:{new_id()}",
            "two_factor_enabled",
            caller.name,
            changes=(enable(caller.person, guards.pending_secret, step, hashes),),
            messages=(told, *notice),
            people=(caller.person,),
        )
    )
