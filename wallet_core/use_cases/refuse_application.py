"""Refuse an application, with a reason that the person is told."""

from __future__ import annotations

from datetime import timedelta

from wallet_core.domain.kyc_application import KycApplication
from wallet_core.domain.kyc_messages import kyc_message
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import post_with_code
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import changing, may_review, reviewed_by, told_to_reviewers


@use_case(Access.FINANCE)
async def refuse_application(
    ports: Ports, caller: Caller, application_id: str, reason: str, code: str
) -> KycApplication:
    """With the reviewer's own code; the person may apply again after ``KYC_REAPPLY_SECONDS``.

    Raises ``Refused``: BAD_REASON for none, NOT_ALLOWED for one's own, NOT_CLAIMED, WRONG_STATE, NOT_FOUND, or what is
    wrong with the code.
    """
    before, now = await reviewed_by(ports, caller, application_id), await ports.store.now()
    again_from = now + timedelta(seconds=ports.settings.kyc_reapply_seconds)
    after = before.refused(caller.person, now, reason, again_from)
    posting = changing(
        caller,
        "kyc_refused",
        before,
        after,
        changes=may_review(ports, caller),
        messages=(kyc_message(after, news=True), *await told_to_reviewers(ports, after)),
        stamp="ended_at",
        level=before.level,
        reason=after.reason,
    )
    await post_with_code(ports, caller, code, posting)
    return after
