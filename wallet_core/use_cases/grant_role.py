"""Make somebody an admin, or take the role away."""

from __future__ import annotations

from wallet_core.domain.guards import set_role
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Role
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import operator_only


@operator_only
async def grant_role(ports: Ports, person: int, role: Role | None) -> None:
    """Gives the person a role, or none. They must still enrol before they can use it."""
    await ports.ledger.post(
        Posting(
            f"role:{new_id()}",
            "role_granted" if role else "role_taken",
            "operator",
            changes=(set_role(person, role),),
            people=(person,),
            facts={"person": person, "role": role},
        )
    )
