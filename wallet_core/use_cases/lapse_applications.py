"""End the applications that were not handed in in time."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.kyc_application import KycApplication, KycState, moved
from wallet_core.domain.kyc_messages import kyc_message
from wallet_core.domain.ledger import Posting
from wallet_core.ports import Before, Ports
from wallet_core.use_cases.gate import operator_only
from wallet_core.use_cases.kyc_applications import told_to_reviewers


@operator_only
async def lapse_applications(ports: Ports) -> int:
    """A hundred at most; several processes may do it at once. Returns how many ended."""
    now = await ports.store.now()
    found = await ports.store.find(KycApplication, {"state": KycState.OPEN, "expires_at": Before(now)})
    return sum([await _lapse(ports, application) for application in found])


async def _lapse(ports: Ports, application: KycApplication) -> bool:
    after = application.ended(KycState.EXPIRED)
    # A reviewer asked for one part again, and nothing came.
    others = await told_to_reviewers(ports, after) if application.handed_in_at else ()
    posting = Posting(
        f"kyc_lapsed:{application.id}:{application.steps}",
        "kyc_lapsed",
        "system",
        changes=(moved(application, after, stamp="ended_at"),),
        messages=(kyc_message(after, news=True), *others),
        people=(application.person,),
        facts={"application": application.id},
    )
    try:
        await ports.ledger.post(posting)
    except Refused as refused:
        # The person sent something, or another process was faster.
        if refused.reason in (Reason.CHANGED_MEANWHILE, Reason.WRONG_STATE):
            return False
        raise
    return True
