"""Use up a 6-digit code that others could read."""

from __future__ import annotations

from contextlib import suppress

from wallet_core.domain.errors import Refused
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.two_factor import forgo_step
from wallet_core.ports import Ports
from wallet_core.use_cases.access_changes import guards_of
from wallet_core.use_cases.codes import secret_bound_to, use_code_up
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def spend_seen_code(ports: Ports, caller: Caller, code: str) -> None:
    """Nobody can do anything with it any more, and nothing is done with it: it lets no small send pass either.

    A wrong one counts as no attempt. There is nothing to guess at: nobody is told whether it was right, and if it was,
    it is worth nothing any more.
    """
    secret = (await guards_of(ports, caller.person)).secret
    if secret is None:
        return
    opened = ports.vault.open(secret, bound_to=secret_bound_to(caller.person)).decode()
    step = ports.totp.step_of(opened, code, await ports.store.now())
    if step is not None:
        with suppress(Refused):
            await use_code_up(ports, caller, forgo_step(caller.person, secret, step))
