"""List who has a role, for an operator."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.guards import Guards
from wallet_core.domain.people import Person, Role
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import role_of
from wallet_core.use_cases.gate import operator_only


@dataclass(frozen=True, slots=True)
class Admin:
    """One who has a role in the database; ``counts``: it is sealed, and the last that they were given."""

    person: int
    name: str | None
    role: Role
    enrolled: bool
    counts: bool


@operator_only
async def list_admins(ports: Ports) -> list[Admin]:
    """All of them, by number. A role that does not count is given anew by ``wallet admin add``."""
    found = await ports.store.find(Guards, {"role": tuple(Role)}, limit=1_000)
    return [await _admin(ports, guards) for guards in found]


async def _admin(ports: Ports, guards: Guards) -> Admin:
    known = await ports.store.get(Person, guards.id)
    role = guards.role or Role.SUPPORT
    counts = await role_of(ports, guards) is not None
    return Admin(guards.id, known.display_name if known else None, role, guards.enrolled, counts)
