"""Claim money that waits."""

from __future__ import annotations

from wallet_core.domain.claimable import Claimable, ClaimBy
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import if_enrolled
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.claimables import check_theirs, claimable_of, claiming
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.limits import limits_today
from wallet_core.use_cases.sending import name_of, take_receive


@use_case(Access.ENROLLED)
async def claim(ports: Ports, caller: Caller, claimable_id: str) -> Claimable:
    """The money is the caller's: the one who was picked, or, of an offer to anybody, the first. By link: ``ask_claim``.

    Raises ``AlreadyDone`` with the held send when the caller claimed it before, and ``Refused``: NOT_FOUND, NOT_YOURS,
    RECIPIENT_IS_SELF, WRONG_STATE when it went to somebody else or back, EXPIRED, the caller's own limit with its
    numbers, FROZEN, IN_DEBT or DISPUTED for a sender whose money may not leave.
    """
    found = await claimable_of(ports, claimable_id)
    _check_claimant(found, caller)
    name, limits = await name_of(ports, caller.person), await limits_today(ports)
    limit = take_receive(ports, limits, caller.person, found.amount_minor)
    joined = if_enrolled(caller.person, Reason.ENROL_FIRST)
    await ports.ledger.post(claiming(found, caller.name, caller.person, name, joined, limit))
    return await claimable_of(ports, claimable_id)


def _check_claimant(found: Claimable, caller: Caller) -> None:
    if found.person == caller.person:
        raise Refused(Reason.RECIPIENT_IS_SELF)
    if found.by is ClaimBy.LINK or (found.by is ClaimBy.PERSON and found.recipient != caller.person):
        raise Refused(Reason.NOT_YOURS)
    check_theirs(found, caller)
