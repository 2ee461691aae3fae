"""Roles for tests, given as an operator gives them, without telling anybody."""

from __future__ import annotations

from wallet_core.domain.guards import Guards, set_role
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Role
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import role_key


async def give_role(ports: Ports, person: int, role: Role | None) -> None:
    """Gives it, or takes it away where there is one."""
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
