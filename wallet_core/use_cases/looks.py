"""What an admin looked at stands in the journal: whose card, whose timeline, when."""

from __future__ import annotations

from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import if_allowed


async def record_look(ports: Ports, caller: Caller, person: int, what: str) -> None:
    """Before anything is shown; it stands in the history of whoever looked, not of the person."""
    await ports.ledger.post(
        Posting(
            f"person_looked_up:{new_id()}",
            "person_looked_up",
            caller.name,
            changes=(if_allowed(ports, caller.person, Access.SUPPORT),),
            people=(caller.person,),
            facts={"person": person, "what": what},
        )
    )
