"""Make somebody an admin, or take the role away, on the server's own command line."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.people import Access, Role
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import admins_reaching
from wallet_core.use_cases.gate import operator_only
from wallet_core.use_cases.role_changes import guards_of, role_posting


@operator_only
async def grant_role(ports: Ports, person: int, role: Role | None, break_glass: str = "") -> None:
    """Gives the person a role, or none. They must still enrol before they can use it.

    Once an owner has enrolled, roles are the owners' to change, two of them: ``break_glass`` says why they are changed
    here all the same, and everybody concerned is told of it. Raises ``Refused(OWNER_EXISTS)`` without it.
    """
    owners = await admins_reaching(ports.store, ports.vault, Access.OWNER)
    if not break_glass.strip() and any(owner.enrolled for owner in owners):
        raise Refused(Reason.OWNER_EXISTS)
    why = {"break_glass": break_glass.strip()[:200]} if break_glass.strip() else {}
    await ports.ledger.post(await role_posting(ports, "operator", await guards_of(ports, person), role, **why))
