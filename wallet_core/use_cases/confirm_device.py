"""Replace the device with the first good code of the new one."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.two_factor import replace
from wallet_core.ports import Ports
from wallet_core.use_cases.access_changes import guards_of
from wallet_core.use_cases.codes import matching_step, new_id, new_recovery_codes, take_code_attempt
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def confirm_device(ports: Ports, caller: Caller, code: str) -> None:
    """The old device ends, and all recovery codes with it; new ones follow in a sealed message.

    Payouts wait as after any new second factor (policy ``two_factor_age``). Raises ``Refused``: WRONG_STATE when no
    device waits for its code, EXPIRED, or what is wrong with the code.
    """
    guards = await guards_of(ports, caller.person)
    if guards.pending_secret is None or guards.pending_until is None:
        raise Refused(Reason.WRONG_STATE, what="device", state="")
    await take_code_attempt(ports, caller)
    step = await matching_step(ports, caller, guards.pending_secret, code)
    hashes, told = await new_recovery_codes(ports, caller.person)
    await ports.ledger.post(
        Posting(
            f"device_replaced:{new_id()}",
            "device_replaced",
            caller.name,
            changes=(replace(caller.person, guards.pending_secret, step, hashes),),
            messages=(Message(caller.person, "device_paired", {"withdrawals_from": None}), told),
            people=(caller.person,),
        )
    )
