"""Roles for tests, given as an operator gives them, without telling anybody."""

from __future__ import annotations

from wallet_core.domain.guards import ChangeGuards, Guards, set_role
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Role
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import role_key
from wallet_core.use_cases.codes import new_id


async def give_level(ports: Ports, person: int, level: int) -> None:
    """Puts somebody on a level, as a reviewer does it."""
    change = ChangeGuards(person, lambda guards, _: guards.with_(level=level))
    facts = {"person": person, "level": level}
    await ports.ledger.post(
        Posting(f"test:level:{new_id()}", "kyc_approved", "test", changes=(change,), people=(person,), facts=facts)
    )


async def give_role(ports: Ports, person: int, role: Role | None, *, level: int = 1) -> None:
    """Gives it, or takes it away where there is one; and another level than the first."""
    if level != 1:
        await give_level(ports, person, level)
    guards = await ports.store.get(Guards, person) or Guards(id=person)
    number = guards.role_number + 1
    if guards.role is role:
        return
    await ports.ledger.post(
        Posting(
            role_key(person, number),
            "role_granted" if role else "role_taken",
            "test",
            changes=(set_role(person, role, number, ports.vault.mac),),
            people=(person,),
            facts={"person": person, "role": role},
        )
    )
