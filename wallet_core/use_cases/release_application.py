"""Give an application back to the queue without deciding."""

from __future__ import annotations

from wallet_core.domain.kyc_application import KycApplication
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import changing, may_review, reviewed_by


@use_case(Access.FINANCE)
async def release_application(ports: Ports, caller: Caller, application_id: str) -> KycApplication:
    """Another reviewer may take it. Raises ``Refused`` NOT_CLAIMED, WRONG_STATE, NOT_ALLOWED or NOT_FOUND."""
    before = await reviewed_by(ports, caller, application_id)
    after = before.released(caller.person, await ports.store.now())
    await ports.ledger.post(changing(caller, "kyc_released", before, after, changes=may_review(ports, caller)))
    return after
