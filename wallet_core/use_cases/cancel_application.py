"""Take one's application back."""

from __future__ import annotations

from wallet_core.domain.kyc_application import KycApplication, KycState
from wallet_core.domain.kyc_messages import kyc_message
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import changing, own_application, told_to_reviewers


@use_case(Access.ENROLLED)
async def cancel_application(ports: Ports, caller: Caller, application_id: str) -> KycApplication:
    """Nothing comes of it; documents that were never handed in are removed at once.

    Raises ``Refused`` WRONG_STATE when it is decided, NOT_YOURS or NOT_FOUND.
    """
    before = await own_application(ports, caller, application_id)
    after = before.ended(KycState.CANCELLED)
    others = await told_to_reviewers(ports, after) if before.handed_in_at else ()
    told = (kyc_message(after), *others)
    await ports.ledger.post(changing(caller, "kyc_cancelled", before, after, messages=told, stamp="ended_at"))
    return after
