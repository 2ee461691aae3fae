"""Enrol a new device with a recovery code."""

from __future__ import annotations

from datetime import timedelta

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.two_factor import use_recovery_code
from wallet_core.ports import Ports
from wallet_core.use_cases.access_changes import endings
from wallet_core.use_cases.begin_enrolment import Enrolment, enrolment_of
from wallet_core.use_cases.codes import new_id, secret_bound_to, take_code_attempt
from wallet_core.use_cases.gate import use_case


@use_case(Access.ANYONE)
async def recover_access(ports: Ports, caller: Caller, recovery_code: str) -> Enrolment:
    """Ends the old device and begins the enrolment of a new one; withdrawals wait ``RECOVERY_WAIT_SECONDS``.

    A reset and a move that are under way end with it: they rest on what was so before.

    Raises ``Refused``: ENROL_FIRST where there is nothing to recover, WRONG_RECOVERY_CODE, CODE_LOCKED.
    """
    guards = await ports.store.get(Guards, caller.person)
    if guards is None or not guards.recovery_hashes:
        raise Refused(Reason.ENROL_FIRST)
    await take_code_attempt(ports, caller, with_recovery_code=True)
    number = await ports.recovery_codes.number_of(recovery_code, guards.recovery_hashes)
    if number is None:
        raise Refused(Reason.WRONG_RECOVERY_CODE)
    sealed = ports.vault.seal(ports.totp.new_secret().encode(), bound_to=secret_bound_to(caller.person))
    wait = timedelta(seconds=ports.settings.recovery_wait_seconds)
    ending = await endings(ports, guards)
    facts = {"withdrawals_from": await ports.store.now() + wait, "codes_left": len(guards.recovery_hashes) - 1}
    await ports.ledger.post(
        Posting(
            f"recovered:{new_id()}",
            "recovery_code_used",
            caller.name,
            changes=(use_recovery_code(caller.person, number, sealed, wait), *ending.changes),
            messages=(Message(caller.person, "recovery_used", facts), *ending.messages),
            people=(caller.person,),
        )
    )
    return await enrolment_of(ports, caller, sealed)
