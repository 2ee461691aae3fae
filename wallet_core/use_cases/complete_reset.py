"""Carry a reset out whose wait is over: a new device may be paired."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from wallet_core.domain.access_reset import AccessReset, ResetState, completed, reset_done, reset_message
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.access_changes import ending_of_move, guards_of
from wallet_core.use_cases.approving.access_reset import check_checked
from wallet_core.use_cases.begin_enrolment import Enrolment, enrolment_of
from wallet_core.use_cases.codes import secret_bound_to
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.resets import reset_of
from wallet_core.use_cases.role_changes import role_posting


@use_case(Access.ENROLLED)
async def complete_reset(ports: Ports, caller: Caller) -> Enrolment:
    """Ends the old device, its recovery codes and the person's role; withdrawals wait ``RECOVERY_WAIT_SECONDS``.

    Owners who know the person give the role again. Raises ``Refused``: NOT_FOUND where none is under way, WRONG_STATE
    before two admins checked it, NOT_YET. Raises ``InvariantViolated`` where the admins' answer has no seal.
    """
    guards = await guards_of(ports, caller.person)
    reset = await reset_of(ports, guards.reset)
    if reset.state is ResetState.WAITING:
        await check_checked(ports, reset)
    sealed = ports.vault.seal(ports.totp.new_secret().encode(), bound_to=secret_bound_to(caller.person))
    wait = timedelta(seconds=ports.settings.recovery_wait_seconds)
    posting = await _posting(ports, caller, guards, reset)
    # A move that was proved with the old device ends with it.
    move = await ending_of_move(ports, guards)
    changes = (*posting.changes, completed(reset), reset_done(caller.person, reset.id, sealed, wait), *move.changes)
    done = reset_message(reset.model_copy(update={"state": ResetState.DONE}))
    await ports.ledger.post(replace(posting, changes=changes, messages=(*posting.messages, done, *move.messages)))
    # The same key again answers with the first result, whose secret is the one that is kept.
    kept = await guards_of(ports, caller.person)
    return await enrolment_of(ports, caller, kept.pending_secret or sealed)


async def _posting(ports: Ports, caller: Caller, guards: Guards, reset: AccessReset) -> Posting:
    """Of somebody with a role, it is the change of the role that the rest goes along with."""
    if guards.role is not None:
        return await role_posting(ports, caller.name, guards, None, reset=reset.id)
    return Posting(
        f"reset_done:{reset.id}", "reset_done", caller.name, people=(caller.person,), facts={"reset": reset.id}
    )
