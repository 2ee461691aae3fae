"""Take an application into one's hands, so that one reviewer at a time works on it."""

from __future__ import annotations

from wallet_core.domain.kyc_application import KycApplication
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import post_with_code
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import changing, claim_until, may_review, reviewed_by


@use_case(Access.FINANCE)
async def claim_application(ports: Ports, caller: Caller, application_id: str, code: str) -> KycApplication:
    """With the reviewer's own code: who has only their Telegram account sees no document.

    Nobody else looks or decides for ``KYC_CLAIM_SECONDS`` after each look. Raises ``Refused``: CLAIMED while another
    one has it, NOT_ALLOWED for one's own, WRONG_STATE, NOT_FOUND, FROZEN, or what is wrong with the code.
    """
    before, now = await reviewed_by(ports, caller, application_id), await ports.store.now()
    after = before.claimed(caller.person, now, claim_until(ports, now))
    posting = changing(caller, "kyc_claimed", before, after, changes=may_review(ports, caller))
    await post_with_code(ports, caller, code, posting)
    return after
