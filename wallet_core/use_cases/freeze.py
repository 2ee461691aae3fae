"""Freeze one's own wallet, at once and without a code: whoever holds the telephone may stop, but not start."""

from __future__ import annotations

from wallet_core.domain.guards import frozen
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.access_changes import endings, guards_of, post_as_it_is
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def freeze(ports: Ports, caller: Caller) -> None:
    """Nothing leaves until it is unfrozen; queued payouts wait as well.

    It also ends a reset of the second factor and a move to another Telegram account that are under way, and takes back
    that an earlier freeze should end. Raises ``Refused(FROZEN)`` when nothing of that is left to do.
    """

    async def decide() -> Posting:
        guards = await guards_of(ports, caller.person)
        ending = await endings(ports, guards)
        was_ending = guards.frozen_until is not None and guards.frozen_by == caller.name
        return Posting(
            f"frozen:{new_id()}",
            "person_frozen",
            caller.name,
            changes=(frozen(caller.person, caller.name, anew=bool(ending)), *ending.changes),
            messages=(Message(caller.person, "unfreeze_cancelled" if was_ending else "frozen"), *ending.messages),
            people=(caller.person,),
        )

    await post_as_it_is(ports, decide)
