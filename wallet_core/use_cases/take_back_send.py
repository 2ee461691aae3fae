"""Take back money that nobody has claimed yet."""

from __future__ import annotations

from wallet_core.domain.claimable import Claimable, ClaimableState
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.claimables import check_waits, claimable_of, giving_back, own_claimable
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def take_back_send(ports: Ports, caller: Caller, claimable_id: str) -> Claimable:
    """The money, and what it took of both days, goes back. Also while frozen: it comes to the caller and nobody else.

    Raises ``AlreadyDone`` with the held send when it was taken back before, and ``Refused``: NOT_FOUND, NOT_YOURS,
    WRONG_STATE when it was claimed or came back by itself.
    """
    found = await own_claimable(ports, caller.person, claimable_id)
    check_waits(found, done=ClaimableState.TAKEN_BACK)
    await ports.ledger.post(giving_back(found, ClaimableState.TAKEN_BACK, caller.name))
    return await claimable_of(ports, claimable_id)
