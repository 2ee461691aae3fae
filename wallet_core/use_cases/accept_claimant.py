"""Say that whoever asks by the link is the right one."""

from __future__ import annotations

from wallet_core.domain.claimable import Claimable, ClaimableState
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import if_enrolled
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.claimables import check_waits, claimable_of, claiming, own_claimable
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def accept_claimant(ports: Ports, caller: Caller, claimable_id: str, claimant: int) -> Claimable:
    """The money is the claimant's, whose limit was taken when they asked. ``claimant``: whom the caller was shown.

    Raises ``AlreadyDone`` with the held send when it is claimed, and ``Refused``: NOT_FOUND, NOT_YOURS, WRONG_STATE,
    CHANGED_MEANWHILE when somebody else asks by now, EXPIRED, FROZEN, IN_DEBT or DISPUTED.
    """
    found = await own_claimable(ports, caller.person, claimable_id)
    check_waits(found, done=ClaimableState.CLAIMED)
    if found.state is not ClaimableState.ASKED or found.recipient != claimant:
        raise Refused(Reason.CHANGED_MEANWHILE, what=Claimable.collection)
    joined = if_enrolled(claimant, Reason.RECIPIENT_NOT_ENROLLED)
    await ports.ledger.post(claiming(found, caller.name, claimant, found.recipient_name or str(claimant), joined))
    return await claimable_of(ports, claimable_id)
