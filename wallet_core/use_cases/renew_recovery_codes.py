"""New recovery codes in place of all old ones."""

from __future__ import annotations

from wallet_core.domain import two_factor
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import accepted_code, new_id, new_recovery_codes, post_consuming
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def renew_recovery_codes(ports: Ports, caller: Caller, code: str) -> None:
    """Takes a code; the new ones come in a sealed message. Raises ``Refused`` for what the code lacks."""
    consume = await accepted_code(ports, caller, code)
    hashes, told = await new_recovery_codes(ports, caller.person)
    posting = Posting(
        f"recovery_codes:{new_id()}",
        "recovery_codes_renewed",
        caller.name,
        changes=(two_factor.renew_recovery_codes(caller.person, hashes),),
        messages=(Message(caller.person, "recovery_renewed"), told),
        people=(caller.person,),
    )
    await post_consuming(ports, caller, consume, posting)
