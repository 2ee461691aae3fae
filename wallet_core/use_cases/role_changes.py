"""How a role is given or taken: sealed, under the number of its change, and told to everybody whom it concerns."""

from __future__ import annotations

from typing import Any

from wallet_core.domain.guards import Guards, set_role
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Person, Role
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import admins_reaching, role_key, role_of


async def guards_of(ports: Ports, person: int) -> Guards:
    """The person's guards; fresh ones for somebody who never wrote to the bot."""
    return await ports.store.get(Guards, person) or Guards(id=person)


async def role_posting(ports: Ports, by: str, guards: Guards, role: Role | None, **facts: Any) -> Posting:
    """The change of a role, once for its number; the person and all owners, before and after, are told of it."""
    number, before = guards.role_number + 1, await role_of(ports, guards)
    name = await _name(ports, guards.id)
    told = {"person": guards.id, "name": name, "role": role, "before": before, "by": by, **facts}
    owners = [owner.id for owner in await admins_reaching(ports.store, ports.vault, Access.OWNER)]
    return Posting(
        role_key(guards.id, number),
        "role_granted" if role else "role_taken",
        by,
        changes=(set_role(guards.id, role, number, ports.vault.mac),),
        messages=tuple(Message(reader, "role_changed", told) for reader in dict.fromkeys((guards.id, *owners))),
        people=(guards.id,),
        facts={"person": guards.id, "role": role, "before": before, **facts},
    )


async def _name(ports: Ports, person: int) -> str | None:
    known = await ports.store.get(Person, person)
    return known.display_name if known else None
