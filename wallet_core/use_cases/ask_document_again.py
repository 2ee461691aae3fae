"""Ask for one part of an application once more, with a reason that the person is told."""

from __future__ import annotations

from datetime import timedelta

from wallet_core.domain.kyc_application import KycApplication
from wallet_core.domain.kyc_document import Part
from wallet_core.domain.kyc_messages import kyc_message
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import post_with_code
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import changing, may_review, reviewed_by, told_to_reviewers


@use_case(Access.FINANCE)
async def ask_document_again(
    ports: Ports, caller: Caller, application_id: str, part: Part, *, reason: str, code: str
) -> KycApplication:
    """With the reviewer's own code. What was sent for the part answers nothing any more; the rest stays.

    Raises ``Refused`` as ``refuse_application``.
    """
    before, now = await reviewed_by(ports, caller, application_id), await ports.store.now()
    expires_at = now + timedelta(days=ports.settings.kyc_unfinished_days)
    after = before.asked_again(part, caller.person, now, reason, expires_at)
    posting = changing(
        caller,
        "kyc_asked_again",
        before,
        after,
        changes=may_review(ports, caller),
        messages=(kyc_message(after, news=True), *await told_to_reviewers(ports, after)),
        part=part,
        reason=after.reason,
    )
    await post_with_code(ports, caller, code, posting)
    return after
